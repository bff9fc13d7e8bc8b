import json

import pytest


@pytest.mark.slow
def test_json_has_the_rating_and_the_opponents(program, tmp_path):
    done = program("ladder", "random", "--games", "16", "--json")
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout)
    for key in ("elo", "elo_low", "elo_high", "elo_illegal_loses", "games", "seconds_per_move", "rungs"):
        assert key in values
    assert values["games"] == 16
    assert values["elo"] < -300
    assert "16 games, Elo" in done.stderr
    assert (tmp_path / "ladder.pgn").exists()


@pytest.mark.slow
def test_the_real_program_prints_nothing_but_json(real_program):
    done = real_program("ladder", "random", "--games", "2", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["games"] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "PLAYER"),
        (["nobody"], "unknown player 'nobody'"),
        (["random", "--games", "0"], "--games must be from 2"),
        (["random", "--precision", "1"], "--precision must be from 5"),
        (["uci:fairy-stockfish,movetime=5"], "a rating needs nodes or depth"),
    ],
)
def test_bad_input_is_status_2_and_leaves_no_file(program, tmp_path, options, message):
    done = program("ladder", *options)
    assert done.returncode == 2
    assert message in done.stderr or "no program" in done.stderr
    assert list(tmp_path.iterdir()) == []
