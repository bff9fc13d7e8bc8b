"""Leaves of search trees to be evaluated: what they are, where their keys and values go, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules.kernels import MAX_MOVES

from .config import GptConfig


class Arena:
    """Room for the keys and values of tree positions: (slots, layers, 2, H, D/H) float32, handed out by slot.

    Memory is taken from the system as slots are used for the first time, up to ``megabytes``.
    """

    def __init__(self, config: GptConfig, megabytes: int) -> None:
        shape = (config.layers, 2, config.heads, config.width // config.heads)
        self.capacity = max(MAX_MOVES, megabytes * 2**20 // (4 * int(np.prod(shape))))
        self.store: npt.NDArray[np.float32] = np.empty((self.capacity, *shape), np.float32)
        self.clear()

    def clear(self) -> None:
        """Take every slot back."""
        self._free = np.arange(self.capacity - 1, -1, -1, dtype=np.int32)
        self.free = self.capacity

    def take(self, count: int) -> npt.NDArray[np.int32]:
        """Return up to ``count`` unused slots."""
        count = min(count, self.free)
        self.free -= count
        return self._free[self.free : self.free + count].copy()

    def give(self, kv_slots: npt.NDArray[np.int32]) -> None:
        """Take slots back."""
        self._free[self.free : self.free + len(kv_slots)] = kv_slots
        self.free += len(kv_slots)


@dataclass
class Leaves:
    """B positions to evaluate, all of one game: ``history`` is what a network's ``open_game`` gave for it.

    ``boards`` (B, 90), ``sides`` (B,), the ``moves`` (B,) that led to them, ``plies`` (B,) their number in the game, a
    slot of the arena for each (B,), and the slots of the positions between the game and each: ``tails`` (B, T) with
    ``lengths`` (B,).
    """

    history: Any
    boards: npt.NDArray[np.int8]
    sides: npt.NDArray[np.int8]
    moves: npt.NDArray[np.int64]
    plies: npt.NDArray[np.int64]
    kv_slots: npt.NDArray[np.int32]
    tails: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.sides)

    def part(self, rows: slice | npt.NDArray[np.int64]) -> Leaves:
        """Return some of them."""
        return Leaves(self.history, *(array[rows] for array in self.arrays))

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """All but the history, in the order of the constructor."""
        return self.boards, self.sides, self.moves, self.plies, self.kv_slots, self.tails, self.lengths


@dataclass
class LeafEvaluations:
    """What a model says of B leaves.

    ``moves`` (B, C) int16 are the legal moves, -1 as padding, ``logits`` (B, C) theirs, ``wdl`` (B, 3) the chances of
    win, draw and loss for the side to move.
    """

    moves: npt.NDArray[np.int16]
    logits: npt.NDArray[np.float32]
    wdl: npt.NDArray[np.float32]

    def part(self, rows: slice) -> LeafEvaluations:
        """Return those of some leaves."""
        return LeafEvaluations(self.moves[rows], self.logits[rows], self.wdl[rows])
