"""The legal moves of a position, as a sequence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .moves import MOVES, Move


class LegalMoves:
    """The legal moves of a position as it was when they were asked for: a sequence of moves that answers ``in``."""

    __slots__ = ("_indices",)

    def __init__(self, indices: npt.NDArray[np.int16]) -> None:
        self._indices = indices

    @property
    def indices(self) -> npt.NDArray[np.int16]:
        """(n,) int16 indices of the moves, in order of their from-square."""
        return self._indices

    def __iter__(self) -> Iterator[Move]:
        return map(MOVES.__getitem__, self._indices.tolist())

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, place: int) -> Move:
        return MOVES[int(self._indices[place])]

    def count(self) -> int:
        """Return how many there are."""
        return len(self._indices)

    def __bool__(self) -> bool:
        return len(self._indices) > 0

    def __contains__(self, move: object) -> bool:
        return isinstance(move, Move) and bool((self._indices == move.index).any())

    def __repr__(self) -> str:
        return f"<LegalMoves ({', '.join(str(move) for move in self)})>"
