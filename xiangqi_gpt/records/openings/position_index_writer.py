"""Building a position index, however many games there are: their positions are sorted by key into buckets on disk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.files import atomic_mkdir
from xiangqi_gpt.rules import Board

from ..corpus.batch import batch_from_games
from ..game import Game
from ..results import RESULTS
from .position_index import FILES, VERSION, PositionIndex, PositionIndexError
from .position_keys import position_key, walk_games

_BUCKETS: Final = 256  # by the first byte of the key: each is small enough to sort in memory
_AT_ONCE: Final = 4096
_NO_YEAR: Final = -1
_VISIT: Final = np.dtype([("key", "<u8"), ("move", "<u2"), ("result", "u1"), ("year", "<i2")])


def build_index(games: Iterable[Game], out: str | Path, *, plies: int = 60, min_games: int = 1) -> PositionIndex:
    """Count the positions of each game's first ``plies`` plies into an index in the folder ``out``, and open it.

    Positions of fewer than ``min_games`` games are left out. The folder appears whole or not at all; memory does not
    grow with the number of games. Raises ``PositionIndexError`` when ``out`` exists or there is no game.
    """
    out = Path(out)
    if out.exists():
        raise PositionIndexError(f"{out} exists already")
    with atomic_mkdir(out) as folder:
        count = _scatter(games, folder, plies)
        if not count:
            raise PositionIndexError("no game to count positions of")
        shapes = _gather(folder, min_games)
        description = {
            "version": VERSION,
            "start": position_key(Board())[0],
            "games": count,
            "plies": plies,
            "shapes": shapes,
        }
        (folder / "index.json").write_text(json.dumps(description), encoding="utf-8")
    return PositionIndex(out)


def _scatter(games: Iterable[Game], folder: Path, plies: int) -> int:
    """Write each visit of a position into the bucket of its key; returns how many games there were."""
    count = 0
    buckets = [(folder / f"visits-{number:02x}").open("wb") for number in range(_BUCKETS)]
    try:
        for visits, chunk in _visits(games, plies):
            number = visits["key"] >> np.uint64(56)
            visits = visits[np.argsort(number, kind="stable")]
            ends = np.cumsum(np.bincount(number.astype(np.int64), minlength=_BUCKETS))
            for bucket, part in zip(buckets, np.split(visits, ends[:-1]), strict=True):
                part.tofile(bucket)
            count += chunk
    finally:
        for bucket in buckets:
            bucket.close()
    return count


def _visits(games: Iterable[Game], plies: int) -> Iterator[tuple[npt.NDArray[np.void], int]]:
    """Visits of positions (fields of ``_VISIT``), some thousand games at a time, and how many games they are from."""
    waiting = iter(games)
    while chunk := list(islice(waiting, _AT_ONCE)):
        batch = batch_from_games(chunk)
        years = np.array([game.year or _NO_YEAR for game in chunk], np.int16)
        keys, moves, numbers = walk_games(*batch.roots(), batch.moves, batch.offsets, plies)
        visits = np.empty(len(keys), _VISIT)
        visits["key"], visits["move"] = keys, moves
        visits["result"], visits["year"] = batch.agreed_results[numbers], years[numbers]
        yield visits, len(chunk)


def _gather(folder: Path, min_games: int) -> dict[str, tuple[int, ...]]:
    """Count the visits of each bucket into the arrays of the index; returns their shapes."""
    files: dict[str, BinaryIO] = {name: (folder / f"{name}.bin").open("wb") for name in FILES}
    totals = dict.fromkeys(FILES, 0)
    try:
        for name in ("rows", "year_rows"):
            np.zeros(1, FILES[name]).tofile(files[name])
        for number in range(_BUCKETS):
            bucket = folder / f"visits-{number:02x}"
            arrays = _count(np.fromfile(bucket, _VISIT), min_games)
            bucket.unlink()
            for name, array in arrays.items():
                if name in ("rows", "year_rows"):  # ends, counted from the start of the bucket
                    array = array + totals["moves" if name == "rows" else "years"]
                    if len(array) and array[-1] >= 2**32:
                        raise PositionIndexError("more than four thousand million rows: ask for a larger --min-games")
                array.astype(FILES[name]).tofile(files[name])
            for name, array in arrays.items():
                totals[name] += len(array)
    finally:
        for file in files.values():
            file.close()
    shapes: dict[str, tuple[int, ...]] = {name: (total,) for name, total in totals.items()}
    return shapes | {
        "results": (totals["results"], len(RESULTS)),
        "rows": (totals["rows"] + 1,),
        "year_rows": (totals["year_rows"] + 1,),
    }


def _count(visits: npt.NDArray[np.void], min_games: int) -> dict[str, npt.NDArray[Any]]:
    """The arrays of one bucket; ``rows`` and ``year_rows`` are the ends of each position's rows."""
    visits = visits[np.lexsort((visits["move"], visits["key"]))]
    keys, games = np.unique(visits["key"], return_counts=True)
    if min_games > 1:
        visits = visits[np.repeat(games >= min_games, games)]
        keys, games = keys[games >= min_games], games[games >= min_games]
    position = np.repeat(np.arange(len(keys)), games)
    starts = _run_starts(position, visits["move"])
    results = np.zeros((len(starts), len(RESULTS)), np.int64)
    np.add.at(results, (np.cumsum(_is_start(len(visits), starts)) - 1, visits["result"]), 1)
    dated = visits["year"] != _NO_YEAR
    years, owner = visits["year"][dated], position[dated]
    order = np.lexsort((years, owner))
    years, owner = years[order], owner[order]
    year_starts = _run_starts(owner, years)
    return {
        "keys": keys,
        "rows": np.searchsorted(position[starts], np.arange(len(keys)), "right"),
        "moves": visits["move"][starts],
        "results": results,
        "year_rows": np.searchsorted(owner[year_starts], np.arange(len(keys)), "right"),
        "years": years[year_starts],
        "year_games": np.diff(np.append(year_starts, len(years))),
    }


def _run_starts(major: npt.NDArray[Any], minor: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Where a new pair begins in two sorted columns."""
    changed = (major[1:] != major[:-1]) | (minor[1:] != minor[:-1])
    return np.concatenate([np.zeros(min(len(major), 1), np.int64), np.flatnonzero(changed) + 1])


def _is_start(size: int, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    marks = np.zeros(size, np.int64)
    marks[starts] = 1
    return marks
