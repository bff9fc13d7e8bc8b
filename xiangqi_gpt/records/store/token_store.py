"""The training store: a corpus as memory-mapped arrays, one number a move.

A folder of plain binary files beside ``store.json``.

Per ply: ``moves`` uint16; ``best`` uint16, an engine's best move (65535 for none); ``cp`` int16, its score in
centipawns for the side to move (-32768 for none); ``noise`` uint8, 1 where the move was played at random. Where a game
has targets of several moves: ``policy_moves`` and ``policy_weights`` uint16 (P, 8), padded with 65535 and 0.

Per game: ``offsets`` int64 (G + 1); ``results`` int8 (0 Red won, 1 draw, 2 Black won, 3 unknown); ``kinds`` and
``sources`` int16, places in the lists of ``store.json``; ``first_imitated`` int16; ``splits`` int8; ``roots`` int32,
row of ``root_boards`` (R, 90) int8 and ``root_sides`` (R,) int8.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.files import atomic_mkdir, parse_json
from xiangqi_gpt.rules import START_FEN, FenError, XiangqiError, parse_fen
from xiangqi_gpt.rules.fen import check_position
from xiangqi_gpt.rules.moves import MOVE_COUNT
from xiangqi_gpt.rules.pieces import LETTERS

from ..corpus.batch import NO_LABEL, NO_SCORE, GameBatch
from ..corpus.policy_targets import MOST_MOVES
from .opening_hashes import opening_hashes

TRAIN, VALIDATION, TEST = 0, 1, 2
SPLITS: Final = {"train": TRAIN, "validation": VALIDATION, "test": TEST}
SPLIT_PLIES: Final = 30  #: plies whose hash says to which split a game belongs
_HELD_OUT_PERCENT: Final = 2  # each of validation and test

_MOST_NAMES: Final = 2**15  # as many as an int16 can number
_CHECKED_AT_ONCE: Final = 1 << 22  # numbers
_PADDED_AT_ONCE: Final = 1 << 18  # plies

_VERSION: Final = 1
#: Only where a game has targets of several moves; ``policy`` in ``store.json`` says so.
_POLICY_FILES: Final = ("policy_moves", "policy_weights")
_PLY_FILES: Final = {"moves": "<u2", "best": "<u2", "cp": "<i2", "noise": "u1"}
_GAME_FILES: Final = {
    "results": "i1",
    "kinds": "<i2",
    "sources": "<i2",
    "first_imitated": "<i2",
    "splits": "i1",
    "roots": "<i4",
}
#: Names of files, which are those of version 0.1, and what the code calls the same things.
_FIELDS: Final = {"noise": "random_plies", "first_imitated": "first_target_ply"}


class StoreError(XiangqiError):
    """A store that is missing, damaged or of another version."""


@dataclass(frozen=True)
class TokenStore:
    """An opened store; the arrays are memory-mapped and read-only (layout in the module's text)."""

    moves: npt.NDArray[np.uint16]
    best: npt.NDArray[np.uint16]
    cp: npt.NDArray[np.int16]
    random_plies: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    results: npt.NDArray[np.int8]
    kinds: npt.NDArray[np.int16]
    sources: npt.NDArray[np.int16]
    first_target_ply: npt.NDArray[np.int16]
    splits: npt.NDArray[np.int8]
    roots: npt.NDArray[np.int32]
    root_boards: npt.NDArray[np.int8]
    root_sides: npt.NDArray[np.int8]
    kind_names: list[str]
    source_names: list[str]
    policy_moves: npt.NDArray[np.uint16] | None = None
    policy_weights: npt.NDArray[np.uint16] | None = None

    @property
    def games(self) -> int:
        """Number of games."""
        return len(self.results)

    @property
    def plies(self) -> int:
        """Number of plies."""
        return len(self.moves)

    def select(self, split: int) -> npt.NDArray[np.int64]:
        """Numbers of the games of a split (TRAIN, VALIDATION or TEST)."""
        return np.flatnonzero(self.splits == split)


def assign_splits(moves: npt.NDArray[np.uint16], offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """(G,) the split of each game, fixed by its first 30 plies, so that near-copies and mirror images stay together."""
    hashes = opening_hashes(moves, offsets, SPLIT_PLIES)
    bucket = (hashes >> np.uint64(20)) % np.uint64(100)
    splits = np.where(bucket < _HELD_OUT_PERCENT, VALIDATION, np.where(bucket < 2 * _HELD_OUT_PERCENT, TEST, TRAIN))
    return splits.astype(np.int8)


class _Names:
    """Numbers for names, in order of appearance."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def encode(self, names: list[str]) -> npt.NDArray[np.int16]:
        numbers = [self.numbers.setdefault(name, len(self.numbers)) for name in names]
        if len(self.numbers) > _MOST_NAMES:
            raise StoreError(f"more than {_MOST_NAMES:,} different kinds or sources; the last is {names[-1]!r}")
        return np.array(numbers, dtype=np.int16)


def build_store(batches: Iterable[GameBatch], out: Path) -> TokenStore:
    """Write a store from batches of games and open it; the folder appears whole or not at all.

    Memory does not grow with the corpus. Raises ``StoreError`` when there is no game or ``out`` exists.
    """
    if out.exists():
        raise StoreError(f"{out} exists already")
    with atomic_mkdir(out) as folder:
        files = {name: (folder / f"{name}.bin").open("wb") for name in (*_PLY_FILES, *_GAME_FILES, "offsets")}
        policy = _PolicyFiles(folder)
        try:
            description = _write(batches, files, policy)
        finally:
            policy.close()
            for file in files.values():
                file.close()
        if not description["games"]:
            raise StoreError("no game that can be used")
        boards, sides = description.pop("root_boards"), description.pop("root_sides")
        np.array(boards, dtype=np.int8).tofile(folder / "root_boards.bin")
        np.array(sides, dtype=np.int8).tofile(folder / "root_sides.bin")
        (folder / "store.json").write_text(json.dumps(description, ensure_ascii=False, indent=1), encoding="utf-8")
    return open_store(out)


class _PolicyFiles:
    """The files of targets of several moves, begun with the first batch that has some."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._plies, self._files = folder, 0, list[BinaryIO]()

    @property
    def has_targets(self) -> bool:
        return bool(self._files)

    def add(self, batch: GameBatch) -> None:
        """Write the targets of a batch; none, where it has none and others have."""
        if batch.policy_moves is not None and not self._files:
            self._files = [(self._folder / f"{name}.bin").open("wb") for name in _POLICY_FILES]
            self._pad(self._plies)
        length = len(batch.moves)
        self._plies += length
        if batch.policy_moves is None or batch.policy_weights is None:
            self._pad(length if self._files else 0)
            return
        for file, column in zip(self._files, (batch.policy_moves, batch.policy_weights), strict=True):
            column.astype("<u2").tofile(file)

    def _pad(self, plies: int) -> None:
        for first in range(0, plies, _PADDED_AT_ONCE):
            shape = (min(_PADDED_AT_ONCE, plies - first), MOST_MOVES)
            for file, padding in zip(self._files, (NO_LABEL, 0), strict=True):
                np.full(shape, padding, "<u2").tofile(file)

    def close(self) -> None:
        for file in self._files:
            file.close()


def _write(batches: Iterable[GameBatch], files: Mapping[str, BinaryIO], policy: _PolicyFiles) -> dict[str, Any]:
    start = parse_fen(START_FEN)
    kinds, sources, roots = _Names(), _Names(), {START_FEN: 0}
    root_boards, root_sides = [start.squares], [start.turn]
    games = plies = 0
    np.zeros(1, "<i8").tofile(files["offsets"])
    for batch in batches:
        count = len(batch.results)
        root_rows = np.zeros(count, np.int32)
        for i, fen in enumerate(batch.start_fens or ()):
            if fen not in roots:
                position = parse_fen(fen, lenient=True)
                roots[fen] = len(root_boards)
                root_boards.append(position.squares)
                root_sides.append(position.turn)
            root_rows[i] = roots[fen]
        length = len(batch.moves)
        columns: dict[str, npt.NDArray[Any]] = {
            "moves": batch.moves,
            "best": np.full(length, NO_LABEL, np.uint16) if batch.best is None else batch.best,
            "cp": np.full(length, NO_SCORE, np.int16) if batch.cp is None else batch.cp,
            "noise": batch.random_plies.astype(np.uint8),
            "results": batch.agreed_results,
            "kinds": kinds.encode(batch.kinds),
            "sources": sources.encode(batch.sources),
            "first_imitated": batch.first_target_ply,
            "splits": assign_splits(batch.moves, batch.offsets),
            "roots": root_rows,
        }
        for name, column in columns.items():
            column.astype((_PLY_FILES | _GAME_FILES)[name]).tofile(files[name])
        policy.add(batch)
        (batch.offsets[1:] - batch.offsets[0] + plies).astype("<i8").tofile(files["offsets"])
        games += count
        plies += length
    return {
        "version": _VERSION,
        "games": games,
        "plies": plies,
        "policy": policy.has_targets,
        "kind_names": list(kinds.numbers),
        "source_names": list(sources.numbers),
        "roots": len(root_boards),
        "root_boards": root_boards,
        "root_sides": root_sides,
    }


def open_store(folder: Path) -> TokenStore:
    """Open a store. Raises ``StoreError`` when it is missing, damaged or of another version."""
    try:
        description = parse_json((folder / "store.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"no training store in {folder}") from None
    except ValueError as error:
        raise StoreError(f"{folder / 'store.json'} is damaged: {error}") from None
    if not isinstance(description, dict) or description.get("version") != _VERSION:
        raise StoreError(f"{folder} is not a training store of version {_VERSION}")
    try:
        games, plies, roots = (int(description[key]) for key in ("games", "plies", "roots"))
        kind_names, source_names = list(description["kind_names"]), list(description["source_names"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise StoreError(f"{folder / 'store.json'} is damaged: {error!r}") from None

    def column(name: str, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        path = folder / f"{name}.bin"
        expected = math.prod(shape) * np.dtype(dtype).itemsize
        found = path.stat().st_size if path.exists() else 0
        if found != expected:
            raise StoreError(f"{path} has {found} bytes, expected {expected}")
        return np.memmap(path, dtype=dtype, mode="r", shape=shape) if expected else np.empty(shape, dtype)

    policy = _POLICY_FILES if description.get("policy") else ()
    store = TokenStore(
        **{name: column(name, "<u2", (plies, MOST_MOVES)) for name in policy},
        **{_FIELDS.get(name, name): column(name, dtype, (plies,)) for name, dtype in _PLY_FILES.items()},
        **{_FIELDS.get(name, name): column(name, dtype, (games,)) for name, dtype in _GAME_FILES.items()},
        offsets=column("offsets", "<i8", (games + 1,)),
        root_boards=column("root_boards", "i1", (roots, 90)),
        root_sides=column("root_sides", "i1", (roots,)),
        kind_names=kind_names,
        source_names=source_names,
    )
    if wrong := _impossible(store):
        raise StoreError(f"{folder / wrong}.bin is damaged: it holds what cannot be")
    return store


def _impossible(store: TokenStore) -> str:
    """Return the first array with what compiled code must not be given, "" where there is none."""
    offsets = store.offsets
    if offsets[0] != 0 or offsets[-1] != store.plies or (np.diff(offsets) < 0).any():
        return "offsets"
    ranges: dict[str, tuple[npt.NDArray[Any], int]] = {
        "moves": (store.moves, MOVE_COUNT),
        "roots": (store.roots, len(store.root_boards)),
        "root_boards": (store.root_boards.reshape(-1), len(LETTERS)),
        "root_sides": (store.root_sides, 2),
        "kinds": (store.kinds, len(store.kind_names)),
        "sources": (store.sources, len(store.source_names)),
    }
    for name, (numbers, end) in ranges.items():
        for part in _parts(numbers):
            if part.min() < 0 or part.max() >= end:
                return name
    if store.policy_moves is not None and store.policy_weights is not None:
        for first in range(0, store.plies, _PADDED_AT_ONCE):
            end = first + _PADDED_AT_ONCE
            if (store.policy_moves[first:end][store.policy_weights[first:end] > 0] >= MOVE_COUNT).any():
                return "policy_moves"
    for board, side in zip(store.root_boards, store.root_sides, strict=True):
        try:
            check_position(board.copy(), int(side))
        except FenError:
            return "root_boards"
    return ""


def _parts(numbers: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """Yield the numbers of a file, some at a time, read rather than mapped: what is mapped stays in memory."""
    for first in range(0, len(numbers), _CHECKED_AT_ONCE):
        count = min(_CHECKED_AT_ONCE, len(numbers) - first)
        if isinstance(numbers, np.memmap):
            yield np.fromfile(str(numbers.filename), numbers.dtype, count, offset=first * numbers.itemsize)
        else:
            yield numbers[first : first + count]
