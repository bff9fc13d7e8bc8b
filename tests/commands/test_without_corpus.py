"""Without the extra ``corpus``: every command that needs it says so in one line, and nothing is begun."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from xiangqi_gpt.records import read_games

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "games" / "sample.pgn"
CALLS = (
    "records convert games.pgn out.parquet",
    "records convert games.parquet out.pgn",
    "records import games.pgn --out out.parquet",
    "records stats games.parquet",
    "records query games.parquet",
    "records export games.parquet --out out.pgn",
    "records openings games.parquet",
    "records tokenize games.parquet --out out",
    "records index build games.parquet --out out",
    "records generate out.parquet --player random --player random --games 2",
    "records label games.pgn --out out.parquet --engine uci:fairy-stockfish,depth=1",
    "analyse games.parquet",
)


@pytest.fixture(autouse=True)
def players_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for package in ("duckdb", "_duckdb", "opencc"):
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.chdir(tmp_path)
    Path("games.pgn").write_bytes(SAMPLE.read_bytes())
    Path("games.parquet").write_bytes(b"PAR1")


@pytest.mark.parametrize("call", CALLS)
def test_a_command_that_needs_a_corpus_names_the_extra(
    call: str, refusal: Callable[[Sequence[str]], str], tmp_path: Path
) -> None:
    line = refusal(call.split())
    assert "DuckDB" in line and '".[corpus]"' in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["games.parquet", "games.pgn"]


def test_records_of_other_formats_are_read_and_written(program: Callable[..., object], tmp_path: Path) -> None:
    done = program("records", "convert", "games.pgn", "games.ubb")
    assert done.returncode == 0  # type: ignore[attr-defined]
    assert len(list(read_games(tmp_path / "games.ubb"))) == len(list(read_games(SAMPLE)))
