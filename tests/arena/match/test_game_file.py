import sys
from dataclasses import replace
from functools import partial

import pytest
from special_files import FULL, Pipe, is_device, make_device

from xiangqi_gpt.arena import draw_openings, play_match
from xiangqi_gpt.arena.match.game_file import GameFile, GameFileError, match_record
from xiangqi_gpt.arena.runtime.lock import LockedError
from xiangqi_gpt.players import GreedyPlayer, RandomPlayer
from xiangqi_gpt.players.score import Score
from xiangqi_gpt.records.formats.pgn import read_pgn
from xiangqi_gpt.records.formats.pgn_writer import format_pgn
from xiangqi_gpt.rules import RED

MIDDLE = "2bakab2/9/2n1c1n2/p1p1p1p1p/9/2P6/P3P1P1P/2N1C1N2/9/2BAKAB2 b - - 3 9"


def played(count=4, **keywords):
    games = []
    openings = draw_openings(count // 2, 1, random_plies=3, **keywords)
    play_match(GreedyPlayer(1), RandomPlayer(2), openings, games=count, on_game=lambda game, _: games.append(game))
    return games


def test_games_come_back_as_they_were_played(tmp_path):
    games = played() + played(2, positions=[MIDDLE])
    with GameFile(tmp_path / "games.pgn") as file:
        for game in games:
            file.add(match_record(game, ("one", "two"), event="test", date="2026.01.31"))
    read = list(read_pgn(tmp_path / "games.pgn"))
    assert len(read) == len(games)
    for record, game in zip(read, games, strict=True):
        assert record.moves == game.board.move_stack
        assert record.root == game.opening.fen
        assert record.result == game.outcome.result
        assert record.tags["Red"] == ("one" if game.first_color == RED else "two")
        assert record.tags["Termination"] == str(game.outcome.termination)
        assert record.tags["Round"] == f"{game.pair + 1}.{2 - game.number % 2}"
        assert record.tags["Date"] == "2026.01.31"
        assert record.comments[3] == "the players take over"
        assert str(game.outcome) in record.comments[len(record.moves)]


def test_the_reason_of_a_lost_game_is_in_the_pgn(tmp_path):
    class Broken(RandomPlayer):
        name = "broken"

        def choose(self, board, limit=None, **options):
            raise RuntimeError("out of memory")

    games = []
    play_match(Broken(1), RandomPlayer(2), draw_openings(1, 1), games=1, on_game=lambda game, _: games.append(game))
    with GameFile(tmp_path / "games.pgn") as file:
        file.add(match_record(games[0], ("broken", "random"), event="test", date="2026.01.31"))
    assert "broken: out of memory" in (tmp_path / "games.pgn").read_text()


def test_every_game_is_on_disk_as_soon_as_it_has_ended(tmp_path):
    with GameFile(tmp_path / "games.pgn") as file:
        for count, game in enumerate(played(), 1):
            file.add(match_record(game, ("one", "two"), event="test", date="2026.01.31"))
            assert len(list(read_pgn(tmp_path / "games.pgn"))) == count


def test_an_existing_file_is_kept_unless_forced(tmp_path):
    (tmp_path / "games.pgn").write_text("precious")
    with pytest.raises(GameFileError, match=r"games\.pgn exists already.*--force"):
        GameFile(tmp_path / "games.pgn")
    assert (tmp_path / "games.pgn").read_text() == "precious"
    with GameFile(tmp_path / "games.pgn", force=True):
        pass
    assert (tmp_path / "games.pgn").read_text() == ""


def test_the_default_name_gets_a_number(tmp_path):
    names = []
    for _ in range(3):
        with GameFile.unused(tmp_path / "match.pgn") as file:
            names.append(file.path.name)
    assert names == ["match.pgn", "match-2.pgn", "match-3.pgn"]


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(GameFileError, match=r"x\.pgn cannot be written: No such file"):
        GameFile(tmp_path / "no" / "x.pgn")


def test_a_full_device_is_one_clear_error(tmp_path):
    device = make_device(tmp_path / "full", FULL)
    with GameFile(device) as file, pytest.raises(GameFileError, match="full cannot be written: No space left"):
        file.add(match_record(played(2)[0], ("one", "two"), event="test", date="2026.01.31"))
    file.discard_if_empty()
    assert is_device(device, FULL) and list(tmp_path.iterdir()) == [device]


@pytest.mark.parametrize(
    "open_file", [GameFile, partial(GameFile.resume, match="m"), partial(GameFile.find, match="m")]
)
def test_a_pipe_gets_each_game_and_the_games_can_still_be_read(tmp_path, open_file):
    pipe = Pipe(tmp_path / "pipe").start()
    records = [match_record(game, ("one", "two"), event="test", date="2026.01.31") for game in played(2)]
    with open_file(pipe.path) as file:
        assert list(file.games()) == []
        for count, record in enumerate(records, 1):
            file.add(record)
            assert [game.moves for game in file.games()] == [record.moves for record in records[:count]]
        file.discard_if_empty()
    assert pipe.read().decode() == "".join(f"{format_pgn(record)}\n" for record in records)
    assert list(tmp_path.iterdir()) == [pipe.path], "nothing is put beside it"


def test_a_link_is_gone_on_with_at_its_end_and_stays(tmp_path):
    (tmp_path / "link.pgn").symlink_to("target.pgn")
    record = match_record(played(2)[0], ("one", "two"), event="test", date="2026.01.31", match="m")
    for count in (1, 2):
        with GameFile.find(tmp_path / "link.pgn", "m") as file:
            assert len(list(file.games())) == count - 1
            file.add(record)
    assert (tmp_path / "target.pgn").read_text().count("[Result ") == 2
    with GameFile(tmp_path / "link.pgn", force=True) as file:
        file.discard_if_empty()
    assert [path.name for path in tmp_path.iterdir()] == ["link.pgn"] and (tmp_path / "link.pgn").is_symlink()


def test_a_loop_of_links_is_one_clear_error(tmp_path):
    (tmp_path / "a.pgn").symlink_to("a.pgn")
    with pytest.raises(GameFileError, match=r"a\.pgn cannot be written: Too many levels"):
        GameFile(tmp_path / "a.pgn")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of file size")
def test_a_disk_that_fills_up_leaves_whole_games(tmp_path):
    import resource

    path = tmp_path / "games.pgn"
    one, other = played(2)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with GameFile(path) as file:
        file.add(match_record(one, ("one", "two"), event="test", date="2026.01.31"))
        whole = path.read_text()
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 100, hard))
        try:
            with pytest.raises(GameFileError, match=r"games\.pgn cannot be written: File too large"):
                file.add(match_record(other, ("one", "two"), event="test", date="2026.01.31"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == whole


def test_two_writers_of_one_file_are_refused(tmp_path):
    with GameFile.resume(tmp_path / "games.pgn", "m"):
        with pytest.raises(LockedError, match=r"games\.pgn is being written by another process"):
            GameFile.resume(tmp_path / "games.pgn", "m")
        with pytest.raises(LockedError):
            GameFile(tmp_path / "games.pgn", force=True)
    with GameFile.resume(tmp_path / "games.pgn", "m"):
        pass


def test_an_empty_file_is_used_unless_somebody_writes_it(tmp_path):
    """A match that was killed before its first game ended leaves one."""
    (tmp_path / "games.pgn").touch()
    with GameFile.find(tmp_path / "games.pgn", "m") as file, GameFile.find(tmp_path / "games.pgn", "n") as other:
        assert [file.path.name, other.path.name] == ["games.pgn", "games-2.pgn"]


def test_what_the_movers_said_stands_beside_their_moves(tmp_path):
    class Sure(GreedyPlayer):
        def choose(self, board, limit=None, **options):
            return replace(super().choose(board), score=Score(cp=35), depth=12, seconds=0.5)

    games = []
    openings = draw_openings(1, 1, random_plies=2)
    play_match(Sure(1), RandomPlayer(2), openings, games=2, on_game=lambda game, _: games.append(game))
    for game in games:
        record = match_record(game, ("sure", "random"), event="test", date="2026.01.31")
        own = range(2 if game.first_color == RED else 3, len(record.moves) - 1, 2)
        assert all(record.comments[ply + 1] == "+0.35/12 0.5000s" for ply in own)
        result = game.result()
        assert result.moves[0] == len(range(own.start, len(record.moves), 2))
        assert result.seconds[0] == pytest.approx(0.5 * result.moves[0])


def test_a_game_without_a_result_is_named(tmp_path):
    with GameFile.resume(tmp_path / "games.pgn", "m") as file:
        for game in played(2):
            file.add(match_record(game, ("one", "two"), event="test", date="2026.01.31", match="m"))
    text = (tmp_path / "games.pgn").read_text()
    result = next(read_pgn(tmp_path / "games.pgn")).result
    (tmp_path / "games.pgn").write_text(text.replace(result, "*", 2))
    with (
        GameFile.resume(tmp_path / "games.pgn", "m") as file,
        pytest.raises(GameFileError, match=r"games\.pgn: round 1\.1 has no result"),
    ):
        list(file.games())
