"""DhtmlXQ texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from xiangqi_gpt.records import CorpusError, RecordError, read_games
from xiangqi_gpt.records.formats.dhtmlxq import read_dhtmlxq
from xiangqi_gpt.rules import START_FEN, XiangqiError

START = "0919293949596979891777062646668600102030405060708012720323436383"


def write(path: Path, **fields: str) -> Path:
    lines = [f"[DhtmlXQ_{name}]{value}[/DhtmlXQ_{name}]" for name, value in fields.items()]
    path.write_text("\n".join(["posted in a forum", "[DhtmlXQ]", *lines, "[/DhtmlXQ]"]), encoding="gb18030")
    return path


def test_the_real_file_has_its_lines_and_comments(samples: Path) -> None:
    (game,) = read_games(samples / "dhtmlxq_game.ubb")
    assert game.root == START_FEN
    assert " ".join(map(str, game.moves)) == "h2e2 h7e7 h0g2 h9g7 c3c4 g6g5 b2b4 i9h9 g3g4"
    assert game.comments == {1: "start of main line", 5: "Here branching occurrs", 9: "end of main line"}
    lines = game.node(4).variations[1:]
    assert [1 + len(list(line.mainline_moves())) for line in lines] == [4, 4, 6]
    assert [line.comment for line in lines] == ["variation 1", "variation 2", "variation 3"]
    assert lines[2].end().comment == "end of variation 3"


def test_a_start_position_with_black_to_move(tmp_path: Path) -> None:
    pieces = ["99"] * 32
    pieces[4], pieces[20], pieces[0], pieces[16] = "49", "30", "08", "81"
    path = write(tmp_path / "a.ubb", binit="".join(pieces), movelist="8189", red="甲", result="黑胜")
    (game,) = read_dhtmlxq(path)
    assert game.root == "3k5/8r/9/9/9/9/9/9/R8/4K4 b - - 0 1"
    assert ([str(move) for move in game.moves], game.result, game.tags["Red"]) == (["i8i0"], "0-1", "甲")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"binit": START, "movelist": "77477747"}, "ply 2: h2e2 is not legal"),
        ({"binit": START, "movelist": "774"}, "ply 1: '774' is not a move in four digits"),
        ({"binit": START, "movelist": "9747"}, "ply 1: '9747' is not a move"),
        ({"binit": START[:-2], "movelist": "7747"}, "binit has 62 characters"),
        ({"binit": START[:-2] + "49", "movelist": "7747"}, "game 1: "),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, fields: dict[str, str], reason: str) -> None:
    path = write(tmp_path / "a.ubb", **fields)
    with pytest.raises(RecordError) as caught:
        list(read_dhtmlxq(path))
    assert str(caught.value).startswith(f"{path}, game 1") and reason in str(caught.value)
    problems: list[RecordError] = []
    for game in read_dhtmlxq(path, on_illegal="cut", problems=problems):
        assert [str(move) for move in game.moves] == ["h2e2"] and "truncated" in game.flags
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"move_0_9_1": "1747"}, "ply 9: variation 1 leaves line 0"),
        ({"move_0_1_1": "1711"}, "ply 1: b2b8 is not legal"),
        ({"move_0_1_1": "17477771"}, "ply 2, after b2e2: h2h8 is not legal"),
    ],
)
def test_a_broken_side_line_is_listed(tmp_path: Path, fields: dict[str, str], reason: str) -> None:
    path = write(tmp_path / "a.ubb", binit=START, movelist="7747", **fields)
    problems: list[RecordError] = []
    (game,) = read_dhtmlxq(path, problems=problems)
    assert ([str(move) for move in game.moves], game.flags) == (["h2e2"], frozenset())
    assert [problem.scope for problem in problems] == ["part"] and reason in str(problems[0])


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ubb").write_text("no game")
    with pytest.raises(CorpusError, match="holds no game in DhtmlXQ"):
        list(read_dhtmlxq(tmp_path / "a.ubb"))
    with pytest.raises(CorpusError, match="no such file"):
        list(read_dhtmlxq(tmp_path / "none.ubb"))


def test_damaged_files_are_read_or_refused(samples: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    raw = (samples / "dhtmlxq_game.ubb").read_bytes()
    outcomes: set[object] = set()
    for _ in range(300):
        data = bytearray(raw)
        for _ in range(int(random.integers(1, 20))):
            at = int(random.integers(len(data)))
            data[at : at + int(random.integers(0, 3))] = random.bytes(int(random.integers(0, 3)))
        (tmp_path / "a.ubb").write_bytes(data)
        try:
            outcomes.add(len(list(read_dhtmlxq(tmp_path / "a.ubb"))) > 0)
        except XiangqiError as error:
            outcomes.add(type(error))
    assert True in outcomes and RecordError in outcomes
