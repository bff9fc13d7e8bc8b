"""PGN from and to files that are open."""

from __future__ import annotations

import io
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
