import json
from functools import partial

import pytest

from xiangqi_gpt.records.puzzles import Puzzle, read_puzzles, write_puzzles

IN_1 = Puzzle("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1", 1)


@pytest.fixture
def run(program):
    return partial(program, "puzzles")


@pytest.mark.slow
def test_json_has_the_flat_keys(real_program):
    done = real_program("puzzles", "greedy2", "--limit", "3", "--json")
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout)
    assert values["puzzles"] == 12
    assert all(0 <= values[f"solved_{n}"] <= values[f"first_{n}"] <= 1 for n in (1, 2, 3, 4))
    assert {"solved", "moves", "seconds", "seconds_per_move", "player", "file"} <= set(values)


def test_mined_puzzles_can_be_solved(run, tmp_path):
    (tmp_path / "games.pgn").write_text(f'[FEN "{IN_1.fen}"]\n[Result "1-0"]\n\n1. b1b9 1-0\n')
    done = run("mine", "games.pgn", "--out", "mates.jsonl", "--solutions", "9", "--processes", "1")
    assert done.returncode == 0, done.stderr
    assert "1 puzzles in mates.jsonl: 1 mates in 1" in done.stdout
    (puzzle,) = read_puzzles(tmp_path / "mates.jsonl")
    assert (puzzle.fen, puzzle.moves) == (IN_1.fen, 1)
    assert "mate in 1" in run("random", "mates.jsonl").stdout


def test_only_the_first_games_are_mined_where_that_is_asked_for(run, tmp_path):
    mate = f'[FEN "{IN_1.fen}"]\n[Result "1-0"]\n\n1. b1b9 1-0\n'
    (tmp_path / "games.pgn").write_text(f'[Result "*"]\n\n1. h2e2 *\n\n{mate}')
    mine = ("mine", "games.pgn", "--out", "mates.jsonl", "--solutions", "9", "--processes", "1")
    assert "no puzzles found" in run(*mine, "--limit", "1").stderr
    assert "1 puzzles in mates.jsonl" in run(*mine, "--limit", "2").stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["nobody"], "unknown player 'nobody'"),
        (["random", "none.jsonl"], "no such file: none.jsonl"),
        (["random", "--limit", "0"], "--limit must be at least 1"),
        (["random", "here.jsonl", "--where", "plies > 1"], "--where is for a Parquet corpus"),
        (["mine", "none.pgn", "--out", "here.jsonl"], "here.jsonl exists already"),
        (["mine", "none.pgn", "--out", "no/x.jsonl"], "there is no such folder"),
        (["mine", "none.pgn", "--out", "x.jsonl", "--limit", "0"], "--limit must be at least 1, not 0"),
        (["mine", "none.pgn", "--out", "x.jsonl", "--kind", "stale"], "invalid choice: 'stale'"),
    ],
)
def test_bad_input_is_status_2(run, tmp_path, options, message):
    write_puzzles([IN_1], tmp_path / "here.jsonl")
    done = run(*options)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1 and "internal error" not in done.stderr
