"""Move generation against published node counts."""

import json
from pathlib import Path

import pytest

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.rules import Board
from xiangqi_gpt.rules.perft import divide, perft

CASES = [json.loads(line) for line in (Path(__file__).parent / "data" / "perft.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_node_counts_to_depth_four(case: dict) -> None:
    board = Board(case["fen"])
    counts = {depth: perft(board, int(depth)) for depth in case["perft"] if int(depth) <= 4}
    assert counts == {depth: case["perft"][depth] for depth in counts}
    assert len(counts) == 4


def test_depth_zero_is_one_position() -> None:
    assert perft(Board(), 0) == 1


def test_divide_splits_the_count_by_first_move() -> None:
    counts = divide(Board(), 3)
    assert len(counts) == 44
    assert sum(counts.values()) == 79666


def test_command_prints_the_count_and_the_speed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["perft", "2"]) == 0
    out, err = capsys.readouterr()
    assert out == "1920\n"
    assert "nodes a second" in err


def test_command_divides_a_position(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["perft", "1", "--divide", "--fen", "3k5/9/9/9/9/9/9/9/9/4K3R w - - 0 1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "i0i9: 1" in lines
    assert lines[-1] == "14"


def test_command_names_what_is_wrong_with_a_fen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["perft", "1", "--fen", "4k4/9/9/9/9/9/9/9/9/4K4 w"]) == 2
    assert capsys.readouterr().err == "xiangqi-gpt: black is in check although red is to move\n"
