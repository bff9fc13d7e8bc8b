from functools import partial

import pytest

from xiangqi_gpt.records import read_corpus_games, read_pgn


@pytest.fixture
def generate(program):
    return partial(program, "records", "generate")


@pytest.mark.slow
def test_a_player_against_itself_into_pgn(real_program, tmp_path):
    done = real_program("records", "generate", "games.pgn", "--player", "greedy", "--games", "6", "--noise", "0.1")
    assert done.returncode == 0, done.stderr
    games = list(read_pgn(tmp_path / "games.pgn"))
    assert len(games) == 6
    assert {game.tags["Kind"] for game in games} == {"self-play"}
    assert len({tuple(game.moves[:6]) for game in games}) == 6
    assert any("random" in game.comments.values() for game in games)


def test_two_players_into_a_corpus(generate, tmp_path):
    players = ("--player", "greedy", "--player", "random")
    done = generate("games.parquet", *players, "--games", "6", "--noise", "0.1", "--processes", "1")
    assert done.returncode == 0, done.stderr
    games = list(read_corpus_games(tmp_path / "games.parquet"))
    assert len(games) == 6
    assert all(game.labels.first == 6 and game.result != "*" for game in games)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["x.pgn"], "give --player once or twice"),
        (["x.pgn", "--player", "nobody"], "unknown player 'nobody'"),
        (["x.txt", "--player", "random"], "a file ending in .pgn or .parquet"),
        (["x.pgn", "--player", "random", "--label", "greedy"], "a PGN has no place for labels"),
        (["x.parquet", "--player", "random", "--label", "greedy"], "gives no scores"),
        (["x.pgn", "--player", "random", "--noise", "1"], "--noise must be from 0 to below 1"),
        (["no/x.pgn", "--player", "random"], "cannot be written"),
        (["no/x.parquet", "--player", "random"], "cannot be written: No such file or directory"),
    ],
)
def test_bad_input_is_status_2_and_leaves_no_file(generate, tmp_path, options, message):
    done = generate(*options)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1 and "internal error" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.pgn", "x.parquet"])
def test_a_file_that_exists_is_kept(generate, tmp_path, name):
    (tmp_path / name).write_text("precious")
    done = generate(name, "--player", "random")
    assert done.returncode == 2
    assert f"{name} exists already" in done.stderr
    assert (tmp_path / name).read_text() == "precious"
