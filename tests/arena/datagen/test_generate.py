import subprocess
import sys
from pathlib import Path

import pytest
from patience import wait_until

from xiangqi_gpt.arena.datagen.generate import Recipe, generate_games
from xiangqi_gpt.arena.runtime.journal import JournalError
from xiangqi_gpt.players import PlayerError
from xiangqi_gpt.records import CorpusError, read_corpus_games, read_pgn, write_pgn

FIRST_MOVE_ENGINE = Path(__file__).parents[1] / "first_move_engine.py"
FAKE_ENGINE = Path(__file__).parents[2] / "players" / "fake_engine.py"
GREEDY = Recipe(("greedy", "greedy2"), random_plies=3, noise=0.2, max_plies=60, seed=1)
GAMES = 20


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "games.parquet"
    generate_games(GREEDY, out, GAMES)
    return out


def test_each_opening_is_played_once_with_colours_taking_turns(made):
    games = list(read_corpus_games(made))
    assert len({tuple(game.moves[:3]) for game in games}) == GAMES
    assert [game.tags["Red"] for game in games] == ["greedy", "greedy2"] * 10
    assert all(game.labels.first == 3 for game in games)


def test_the_share_of_random_plies_is_kept_and_they_are_marked(made):
    games = list(read_corpus_games(made))
    noise = sum(len(game.labels.random_plies) for game in games)
    assert 0.15 < noise / sum(len(game.moves) - 3 for game in games) < 0.25
    assert all(3 <= ply < len(game.moves) for game in games for ply in game.labels.random_plies)
    assert len({game.labels.random_plies for game in games}) > 10


def test_the_seed_fixes_the_games(tmp_path, made):
    generate_games(GREEDY, tmp_path / "again.parquet", GAMES)
    generate_games(Recipe(**{**vars(GREEDY), "seed": 2}), tmp_path / "other.parquet", GAMES)
    first, again, other = (
        [game.moves for game in read_corpus_games(path)]
        for path in (made, tmp_path / "again.parquet", tmp_path / "other.parquet")
    )
    assert first == again
    assert first != other


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(tmp_path):
    recipe = Recipe(("greedy", "greedy"), max_plies=12)  # two blocks of games
    generate_games(recipe, tmp_path / "one.parquet", 100)
    generate_games(recipe, tmp_path / "two.parquet", 100, processes=2)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_a_pgn_has_the_marks_as_comments(tmp_path, made):
    generate_games(GREEDY, tmp_path / "games.pgn", GAMES)
    for game, labelled in zip(read_pgn(tmp_path / "games.pgn"), read_corpus_games(made), strict=True):
        assert game.moves == labelled.moves
        random = {ply - 1 for ply, text in game.comments.items() if "random" in text}
        assert random == set(labelled.labels.random_plies)
        assert game.comments[3].startswith("the players take over")


def test_an_opening_book_is_used_up_before_it_starts_over(tmp_path, made):
    write_pgn(list(read_corpus_games(made))[:5], tmp_path / "book.pgn")
    recipe = Recipe(
        ("greedy", "greedy"), openings=str(tmp_path / "book.pgn"), opening_plies=4, random_plies=0, max_plies=10
    )
    generate_games(recipe, tmp_path / "out.parquet", 10)
    games = list(read_corpus_games(tmp_path / "out.parquet"))
    book = {tuple(game.moves[:4]) for game in list(read_corpus_games(made))[:5]}
    assert [game.labels.first for game in games] == [4] * 10
    assert {tuple(game.moves[:4]) for game in games[:5]} == book == {tuple(game.moves[:4]) for game in games[5:]}


def test_a_stopped_run_keeps_its_finished_games_and_goes_on(tmp_path):
    recipe = Recipe(("greedy", "greedy"), max_plies=30)
    kept = []

    def stop_after_three(plies):
        kept.append(plies)
        if len(kept) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_games(recipe, tmp_path / "out.parquet", 8, on_game=stop_after_three)
    assert not (tmp_path / "out.parquet").exists()
    with pytest.raises(JournalError, match="ask for at least as many"):
        generate_games(recipe, tmp_path / "out.parquet", 1)
    report = generate_games(recipe, tmp_path / "out.parquet", 12)  # more than before
    assert (report.games, report.games_before) == (12, 3)
    assert len(list(read_corpus_games(tmp_path / "out.parquet"))) == 12
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.slow
def test_a_killed_command_loses_no_finished_game(tmp_path):
    command = [sys.executable, "-m", "xiangqi_gpt", "records", "generate", "out.pgn", "--player", "greedy"]
    command += ["--games", "200", "--max-plies", "40", "--processes", "2"]
    running = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    journal = tmp_path / "out.pgn.unfinished"
    wait_until(lambda: running.poll() is not None or (journal.exists() and journal.read_bytes().count(b"\n") >= 6))
    running.kill()
    running.wait()
    finished = journal.read_bytes().count(b"\n") - 1
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"{finished} of the games were made before this call" in done.stdout
    assert len(list(read_pgn(tmp_path / "out.pgn"))) == 200
    assert not journal.exists()


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"\.pgn or \.parquet"):
        generate_games(GREEDY, tmp_path / "games.txt", 1)
    assert not list(tmp_path.iterdir())


def test_a_stopped_run_goes_on_after_its_whole_blocks(tmp_path):
    recipe = Recipe(("greedy", "greedy"), max_plies=8)
    kept, heard = [], []

    def stop_in_the_second_block(plies):
        kept.append(plies)
        if len(kept) == 66:
            raise KeyboardInterrupt

    generate_games(recipe, tmp_path / "whole.parquet", 70)
    with pytest.raises(KeyboardInterrupt):
        generate_games(recipe, tmp_path / "out.parquet", 70, on_game=stop_in_the_second_block)
    generate_games(recipe, tmp_path / "out.parquet", 70, on_start=lambda report: heard.append(report.games_before))
    assert heard == [66]
    whole, out = (
        [game.moves for game in read_corpus_games(tmp_path / name)] for name in ("whole.parquet", "out.parquet")
    )
    assert len(out) == 70
    assert out[:64] == whole[:64]


@pytest.mark.slow
def test_an_engine_plays_and_another_one_labels(tmp_path):
    player, label = (f"uci:{sys.executable},args={FIRST_MOVE_ENGINE} {which},nodes=1" for which in ("first", "last"))
    recipe = Recipe((player, player), random_plies=2, max_plies=6, label=label)
    generate_games(recipe, tmp_path / "games.parquet", 17)  # two blocks, as there is an engine
    games = list(read_corpus_games(tmp_path / "games.parquet"))
    assert len({tuple(game.moves[:2]) for game in games}) == 17
    for game in games:
        assert game.tags["Kind"] == "self-play"
        assert (game.labels.first, len(game.labels.best), len(game.labels.cp)) == (2, 4, 4)
        board = game.board(2)
        for move, best, cp in zip(game.moves[2:], game.labels.best, game.labels.cp, strict=True):
            legal = list(board.legal_moves)
            assert (move, best, cp) == (legal[0], legal[-1], len(legal))
            board.push(move)


def test_a_game_that_a_failure_ends_is_kept_and_told(tmp_path):
    engine = f"uci:{sys.executable},args={FAKE_ENGINE} illegal,nodes=1"
    for name, read in (("games.pgn", read_pgn), ("games.parquet", read_corpus_games)):
        report = generate_games(Recipe(("greedy", engine), random_plies=0), tmp_path / name, 2)
        games = list(read(tmp_path / name))
        # The engine begins the second one.
        assert [(game.result, len(game.moves)) for game in games] == [("1-0", 1), ("0-1", 0)]
        assert [line.partition(":")[0] for line in report.failures] == ["game 1", "game 2"]
        assert all("it answered a0a9" in line for line in report.failures)
        assert report.moves == 1
    for game, line in zip(read_pgn(tmp_path / "games.pgn"), report.failures, strict=True):
        assert game.tags["Failure"] in line
        assert game.tags["Termination"] == "illegal move"


def test_a_search_labels_its_own_moves_with_the_shares_of_its_visits(tmp_path, nano_model):
    recipe = Recipe(
        (f"search:{nano_model},nodes=12,temperature=1",) * 2, random_plies=2, max_plies=8, keeps_search=True
    )
    generate_games(recipe, tmp_path / "games.parquet", 3)
    games = list(read_corpus_games(tmp_path / "games.parquet", on_illegal="fail"))
    assert [game.labels.first for game in games] == [2, 2, 2]
    for game in games:
        for best, cp, targets in zip(game.labels.best, game.labels.cp, game.labels.policy, strict=True):
            assert targets[0][0] == best and abs(cp) < 10_000
            assert 900 < sum(weight for _, weight in targets) <= 1001
    assert any(len(targets) > 1 for game in games for targets in game.labels.policy)
    assert any(best != move for game in games for best, move in zip(game.labels.best, game.moves[2:], strict=True))


@pytest.mark.parametrize("player", ["greedy", "gpt:{nano}"])
def test_a_player_that_does_not_search_has_nothing_to_keep(tmp_path, nano_model, player):
    spec = player.format(nano=nano_model)
    with pytest.raises(PlayerError, match="keeps no search"):
        generate_games(Recipe((spec, spec), keeps_search=True), tmp_path / "games.parquet", 1)
    assert not list(tmp_path.iterdir())
