"""Which records are of one game, and which are the beginning of another: told by sorting all games on disk.

Sorted by their moves, records of one game stand side by side, and a game stands before those that go on from it. Runs
that fit into memory are sorted there, written down and merged line by line, so that memory grows by what is kept of a
record alone: 10 bytes, and about as much again while records are counted.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ..corpus.sql import pattern

if TYPE_CHECKING:
    import duckdb

_RUN_BYTES: Final = 48 << 20  # of lines that are sorted at once
_NUMBER_DIGITS: Final = 10
_MARK: Final = 3 + _NUMBER_DIGITS + 1  # a record's rank, its number, the end of the line
_MOST_WORTH: Final = 1000


@dataclass(frozen=True)
class Relations:
    """What is known of N records, numbered from 0 in the order of the parts.

    ``leaders`` (N,) int64 is the record that each is merged into, itself where it stays; ``several`` (N,) says whether
    there are others of its game, ``beginnings`` (N,) whether another game goes on from it (true of leaders only).
    ``bases`` (P + 1,) are the numbers of the first record of each part, and N.
    """

    leaders: npt.NDArray[np.int64]
    several: npt.NDArray[np.bool_]
    beginnings: npt.NDArray[np.bool_]
    bases: list[int]

    @property
    def duplicates(self) -> int:
        """How many records are merged into others."""
        return int((self.leaders != np.arange(len(self.leaders))).sum())

    @property
    def groups(self) -> npt.NDArray[np.int64]:
        """(G,) The leaders that others are merged into, in their order."""
        return np.flatnonzero(self.several & (self.leaders == np.arange(len(self.leaders))))


def relate_records(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path], folder: Path) -> Relations:
    """Compare the games of all parts; runs lie in ``folder`` meanwhile.

    Of records of one game the one of the greatest ``worth`` leads, of equal ones the first.
    """
    bases = [0]
    runs: list[Path] = []
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        lines = _marked_lines(connection, part, bases[-1])
        bases.append(bases[-1] + len(lines))
        size += sum(map(len, lines))
        waiting += lines
        if size > _RUN_BYTES:
            runs.append(_write_run(waiting, folder / f"games-{len(runs):05}.run"))
            size = 0
    if waiting:
        runs.append(_write_run(waiting, folder / f"games-{len(runs):05}.run"))
    found = Relations(np.arange(bases[-1]), np.zeros(bases[-1], np.bool_), np.zeros(bases[-1], np.bool_), bases)
    _compare_neighbours(runs, found)
    for run in runs:
        run.unlink()
    return found


def _marked_lines(connection: duckdb.DuckDBPyConnection, part: Path, base: int) -> list[bytes]:
    """A line for each record: start and moves, a tab, which is less than any letter, and what orders equal ones."""
    rows = connection.execute(
        f"SELECT start || '|' || line || chr(9) || printf('%03x%0{_NUMBER_DIGITS}x', {_MOST_WORTH} - worth, "
        f"{base} + file_row_number) || chr(10) FROM read_parquet(?, file_row_number = true)",
        [pattern(part)],
    ).fetchall()
    return [text.encode() for (text,) in rows]


def _write_run(lines: list[bytes], path: Path) -> Path:
    """Sort lines, write them down and forget them."""
    lines.sort()
    with path.open("wb") as file:
        file.writelines(lines)
    lines.clear()
    return path


def _compare_neighbours(runs: Sequence[Path], found: Relations) -> None:
    """Compare each record with the one before it in the order of all runs."""
    before, leader = None, -1
    for line in _merged(runs):
        game, number = line[: -_MARK - 1], int(line[-_NUMBER_DIGITS - 1 :], 16)
        if game == before:
            found.leaders[number] = leader
            found.several[number] = found.several[leader] = True
            continue
        if before is not None and game.startswith(before):
            found.beginnings[leader] = True
        before, leader = game, number


def _merged(runs: Sequence[Path]) -> Iterator[bytes]:
    with ExitStack() as stack:
        yield from heapq.merge(*(stack.enter_context(run.open("rb")) for run in runs))
