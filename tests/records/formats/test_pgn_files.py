"""PGN from and to files that are open."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from xiangqi_gpt.records import CorpusError, RecordError, parse_pgn, read_pgn, write_pgn

PGN = '[Event "甲级联赛"]\n[Result "1-0"]\n\n1. 炮二平五 马8进7 1-0\n'


def test_an_open_file_is_read_in_any_mode_and_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "games.pgn"
    path.write_bytes(PGN.encode("gb18030"))
    with path.open("rb") as binary, path.open(encoding="gb18030") as text:
        found = [next(read_pgn(file)) for file in (path, binary, text)]
        assert not binary.closed and not text.closed
    assert all(game == found[0] for game in found) and found[0].tags["Event"] == "甲级联赛"


def test_an_error_in_an_open_file_names_it(tmp_path: Path) -> None:
    path = tmp_path / "bad.pgn"
    path.write_text('[Event ""]\n\n1. h2e9 *\n', encoding="utf-8")
    with path.open("rb") as file, pytest.raises(RecordError, match=r"bad\.pgn"):
        list(read_pgn(file))
    with pytest.raises(CorpusError, match="the text holds no game"):
        list(read_pgn(io.BytesIO(b"nothing")))


def test_what_was_written_to_an_open_file_is_read_back() -> None:
    games, file = list(parse_pgn(PGN + "\n" + PGN)), io.StringIO()
    assert write_pgn(games, file, notation="chinese") == 2
    file.seek(0)
    assert [game.moves for game in read_pgn(file)] == [game.moves for game in games]
    with pytest.raises(CorpusError):
        write_pgn([], io.StringIO())


def test_an_open_file_is_read_on_from_where_it_stands() -> None:
    first = PGN.encode()
    file = io.BytesIO(first + b'\n[Event "later"]\n\n1. c3c4 *\n')
    file.seek(len(first))
    assert [game.tags for game in read_pgn(file)] == [{"Event": "later"}]


def test_a_pipe_is_read() -> None:
    read, write = os.pipe()
    with os.fdopen(read, "rb") as source:
        with os.fdopen(write, "wb") as target:
            target.write(PGN.encode())
        assert [len(game.moves) for game in read_pgn(source)] == [2]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "text",
    [
        PGN,
        PGN + "\n" + PGN,
        PGN.strip() + '\n[Event "no empty line"]\n1. c3c4 *',
        '[Event "a"]\n\n[Event "b"]\n\n1. c3c4 *',
        "[Red 甲]\n[Black 乙]\n\n1. h2e2 *\n［Red ＂丙＂］\n1. c3c4 *",
        "甲 先胜 乙\n1. 炮二平五 马8进7\n\n丙 先负 丁\n1. 兵七进一",
    ],
)
def test_short_files_are_cut_into_games_as_long_ones_are(text: str, ends: str, mark: str) -> None:
    short = (mark + text + "\n").replace("\n", ends)
    found = [list(read_pgn(io.BytesIO((short + ends * more).encode()))) for more in (0, 70_000)]
    assert found[0] == found[1] and found[0]


def test_commented_coordinates_break_where_the_first_illegal_move_stands() -> None:
    problems: list[RecordError] = []
    text = "1. h2e2 {a} h9g7 {b} 2. h0h5 {c} i9h9 {d} (2... a9a8) 3. c3c4 1-0"
    (game,) = parse_pgn(f'[Event "x"]\n\n{text}', on_illegal="cut", problems=problems)
    assert (len(game.moves), game.comments, game.result) == (2, {1: "a", 2: "b"}, "1-0")
    assert (problems[0].ply, problems[0].scope) == (3, "game")
