"""``xiangqi-gpt rules check``."""

import json
from pathlib import Path

import pytest

from xiangqi_gpt.commands.main import main

CHECKS = {
    "note": "perpetual check",
    "fen": "4k4/9/9/9/9/9/9/9/3R5/5K3 w - - 0 1",
    "moves": ["d1e1", "e9d9", "e1d1", "d9e9"] * 2,
    "game_end": True,
    "side_to_move_result": "loss",
}


def check(tmp_path: Path, *cases: object) -> int:
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(f"{case if isinstance(case, str) else json.dumps(case)}\n" for case in cases))
    return main(["rules", "check", str(path)])


def test_all_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unfinished = CHECKS | {"moves": CHECKS["moves"][:-1], "game_end": False, "side_to_move_result": None}
    open_result = CHECKS | {"side_to_move_result": None}
    assert check(tmp_path, CHECKS, "", unfinished, open_result) == 0
    assert capsys.readouterr().out == "3 of 3 cases agree\n"


def test_a_case_that_differs_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, CHECKS, CHECKS | {"side_to_move_result": "draw"}, CHECKS | {"game_end": False}) == 1
    assert capsys.readouterr().out.splitlines() == [
        "line 2: perpetual check",
        "  expected: draw for the side to move",
        "  found:    black wins (perpetual check): Red checked on every move of the cycle",
        "line 3: perpetual check",
        "  expected: the game goes on",
        "  found:    black wins (perpetual check): Red checked on every move of the cycle",
        "1 of 3 cases agree",
    ]


WRONG = {
    "{": "line 1: Expecting property name",
    "[]": "line 1: expected an object with fen and moves, found '[]'",
    "{}": "line 1: fen should be a str, found None",
    json.dumps(CHECKS | {"fen": "9 w"}): "line 1: a board has 10 ranks, this one 1: '9'",
    json.dumps(CHECKS | {"moves": "d1e1"}): "line 1: moves should be a list, found 'd1e1'",
    json.dumps(
        CHECKS | {"moves": ["d1e1", "e9e8"]}
    ): "line 1: ply 2: e9e8 is not legal: the king would still be in check",
    json.dumps(CHECKS | {"moves": ["d1e1", "x"]}): "line 1: ply 2: not a move in coordinates (like h2e2): 'x'",
    json.dumps(CHECKS | {"game_end": 1}): "line 1: game_end should be a bool, found 1",
    json.dumps(CHECKS | {"side_to_move_result": "lost"}): "line 1: side_to_move_result is win, draw, loss or null",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_line_is_named(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, line) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"xiangqi-gpt: {tmp_path / 'cases.jsonl'}, {WRONG[line]}")
    assert error.count("\n") == 1


def test_files_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "check", str(tmp_path / "none.jsonl")]) == 2
    assert "No such file" in capsys.readouterr().err
    (tmp_path / "binary").write_bytes(b"PAR1\x15\x9c\xff")
    assert main(["rules", "check", str(tmp_path / "binary")]) == 2
    assert "is not a text file in UTF-8" in capsys.readouterr().err
