import json
import sys
from pathlib import Path

import pytest

from xiangqi_gpt.arena.datagen.label import label_corpus
from xiangqi_gpt.arena.runtime.journal import Journal, JournalError
from xiangqi_gpt.arena.runtime.lock import LockedError
from xiangqi_gpt.players import PlayerError
from xiangqi_gpt.records import CorpusError, Game, Labels, read_corpus_games, write_corpus
from xiangqi_gpt.rules import Board, Move

ENGINE = Path(__file__).parents[1] / "scoring_engine.py"


def played(count, plies=12):
    """Games whose moves differ."""
    games = []
    for number in range(count):
        board = Board()
        for ply in range(plies):
            moves = list(board.legal_moves)
            board.push(moves[(7 * number + 3 * ply) % len(moves)])
        games.append(Game.from_board(board, result="*", Red=str(number)))
    return games


@pytest.fixture
def corpus(tmp_path):
    games = played(6)
    games[2].labels = Labels(4, random_plies=(5, 9))
    write_corpus(games, tmp_path / "games.parquet")
    return tmp_path / "games.parquet"


def answer(board):
    """The engine's move, and its score as it says it and as a corpus has it."""
    move = list(board.legal_moves)[-1]
    return (move, "mate 2", 9997) if move.index % 5 == 0 else (move, f"cp {move.index - 1000}", move.index - 1000)


@pytest.fixture
def engine(tmp_path):
    boards = [game.board(ply) for game in played(6) for ply in range(12)]
    table = {f"{board.board_fen()} {'wb'[board.turn]}": [str(answer(board)[0]), answer(board)[1]] for board in boards}
    (tmp_path / "table").write_text(json.dumps(table))
    return f"uci:{sys.executable},nodes=1,args={ENGINE} {tmp_path / 'table'} {tmp_path / 'log'}"


def asked(tmp_path):
    return [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("position")]


def test_every_ply_gets_the_engines_move_and_score(tmp_path, corpus, engine):
    report = label_corpus(corpus, tmp_path / "out.parquet", engine)
    games = list(read_corpus_games(tmp_path / "out.parquet"))
    assert (report.games, report.positions, report.unanswered) == (6, 6 * 12 - 4, 0)
    assert [game.moves for game in games] == [game.moves for game in played(6)]
    scores = set()
    for game in games:
        board = game.board(game.labels.first)
        assert len(game.labels.best) == len(game.labels.cp) == 12 - game.labels.first
        for ply, (best, cp) in enumerate(zip(game.labels.best, game.labels.cp, strict=True), game.labels.first):
            assert (best, cp) == answer(board)[::2]
            scores.add(cp)
            board.push(game.moves[ply])
    assert 9997 in scores and len(scores) > 10
    assert (games[2].labels.first, games[2].labels.random_plies) == (4, (5, 9))
    assert games[2].tags["Red"] == "2"
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_stopped_run_goes_on_and_asks_nothing_twice(tmp_path, corpus, engine):
    label_corpus(corpus, tmp_path / "whole.parquet", engine)
    (tmp_path / "log").unlink()
    finished = []

    def stop_after_three(positions):
        finished.append(positions)
        if len(finished) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        label_corpus(corpus, tmp_path / "out.parquet", engine, on_game=stop_after_three)
    assert not (tmp_path / "out.parquet").exists()
    with (tmp_path / "out.parquet.unfinished").open("ab") as journal:
        journal.write(b'{"number": 4, "best": "h2')  # what a killed program leaves
    report = label_corpus(corpus, tmp_path / "out.parquet", engine)
    assert report.games_before == 3
    assert len(asked(tmp_path)) == report.positions
    assert (tmp_path / "out.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(tmp_path, corpus, engine):
    label_corpus(corpus, tmp_path / "one.parquet", engine)
    label_corpus(corpus, tmp_path / "two.parquet", engine, processes=2)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_the_engine_forgets_between_games_and_is_spared_the_history(tmp_path, corpus, engine):
    label_corpus(corpus, tmp_path / "out.parquet", engine, limit=2)
    log = (tmp_path / "log").read_text().splitlines()
    assert [line for line in log if line == "new game"] == ["new game"] * 2
    assert not any(" moves " in line for line in log)


def test_repetitions_are_told(tmp_path):
    moves = [Move.from_iccs(text) for text in ("a0a1", "a9a8", "a1a0", "a8a9", "a0a1", "a9a8")]
    write_corpus([Game(moves)], tmp_path / "games.parquet")
    replies = {Game(moves).board(ply).fen().rsplit(" ", 4)[0]: [str(move), "cp 0"] for ply, move in enumerate(moves)}
    (tmp_path / "table").write_text(json.dumps(replies))
    engine = f"uci:{sys.executable},nodes=1,args={ENGINE} {tmp_path / 'table'} {tmp_path / 'log'}"
    label_corpus(tmp_path / "games.parquet", tmp_path / "out.parquet", engine)
    assert [line.partition(" moves ")[2] for line in asked(tmp_path) if " moves " in line] == [
        "a0a1 a9a8 a1a0 a8a9",
        "a0a1 a9a8 a1a0 a8a9 a0a1",
    ]


def test_a_position_that_kills_the_engine_stays_without_a_label(tmp_path, corpus, engine):
    deadly = played(1)[0].board(5).board_fen()
    report = label_corpus(corpus, tmp_path / "out.parquet", f"{engine} {deadly}", limit=1)
    labels = next(read_corpus_games(tmp_path / "out.parquet")).labels
    assert report.unanswered == 1
    assert [ply for ply, best in enumerate(labels.best) if best is None] == [5]
    assert labels.cp[5] is None


def test_a_position_that_killed_the_engine_is_asked_again(tmp_path, corpus, engine):
    deadly = played(1)[0].board(5).board_fen()
    assert label_corpus(corpus, tmp_path / "out.parquet", f"{engine} {deadly} once", limit=1).unanswered == 0
    assert sum(deadly in line for line in asked(tmp_path)) == 2


def test_a_broken_engine_ends_the_run_and_finished_games_are_kept(tmp_path, corpus, engine):
    with pytest.raises(PlayerError, match="died"):
        label_corpus(corpus, tmp_path / "out.parquet", f"{engine} /")
    assert not (tmp_path / "out.parquet").exists()


def test_wrong_input_is_told_before_anything_is_written(tmp_path, corpus, engine):
    before = set(tmp_path.iterdir())
    with pytest.raises(PlayerError, match="an engine is needed"):
        label_corpus(corpus, tmp_path / "out.parquet", "greedy")
    with pytest.raises(CorpusError, match="no such file"):
        label_corpus(tmp_path / "none.parquet", tmp_path / "out.parquet", engine)
    assert set(tmp_path.iterdir()) == before


def test_a_file_without_games_has_nothing_to_label(tmp_path, corpus, engine):
    with pytest.raises(CorpusError, match=r"games\.parquet: no games to label"):
        label_corpus(corpus, tmp_path / "out.parquet", engine, limit=0)
    assert not (tmp_path / "out.parquet").exists()


def test_how_much_is_left_to_do_is_told_before_the_first_game(tmp_path, corpus, engine):
    heard = []

    def stop_at_once(report):
        heard.append((report.games, report.positions, report.games_before, report.positions_before))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        label_corpus(corpus, tmp_path / "out.parquet", engine, on_start=stop_at_once)
    assert heard == [(6, 6 * 12 - 4, 0, 0)]
    assert not (tmp_path / "log").exists()  # the engine has not been asked


def test_unfinished_work_with_other_settings_is_not_mixed(tmp_path, corpus, engine):
    with Journal(tmp_path / "out.parquet", {"engine": "another"}) as journal:
        journal.add(0, {"best": "", "cp": []})
    with pytest.raises(JournalError, match="engine was 'another' and is now"):
        label_corpus(corpus, tmp_path / "out.parquet", engine)


def test_two_writers_of_one_output_are_told_apart(tmp_path):
    with Journal(tmp_path / "out", {}), pytest.raises(LockedError, match="another process"):
        Journal(tmp_path / "out", {})


def test_a_journal_gives_back_what_it_was_given_in_order(tmp_path):
    with Journal(tmp_path / "out", {"a": (1, None)}) as journal:
        for number in (7, 0, 3):
            journal.add(number, {"text": f"{number} 炮"})
    with Journal(tmp_path / "out", {"a": (1, None)}) as journal:
        assert len(journal) == 3
        assert 3 in journal and 4 not in journal
        assert [piece["text"] for piece in journal.pieces(range(10))] == ["0 炮", "3 炮", "7 炮"]
        journal.discard()
    assert list(tmp_path.iterdir()) == []
