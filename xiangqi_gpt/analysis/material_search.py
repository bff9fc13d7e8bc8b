"""What a position is worth in material, by force: a second opinion for the search, which counts no pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from xiangqi_gpt.rules import MOVES, Board, Move
from xiangqi_gpt.rules.kernels import MAX_MOVES

from . import material_kernels as kernels

#: Plies that are looked ahead at most, and from how many on the nodes are counted.
_MOST_DEPTH: Final = 24
_FIRST_DEPTH: Final = 2

#: From which score on a verdict is a mate.
MATE_SCORE: Final = kernels.MATE - 1000


@dataclass(frozen=True)
class MaterialVerdict:
    """What the side to move has by force: centipawns of material, its move, and the plies that were looked ahead."""

    cp: int
    move: Move
    depth: int
    nodes: int

    @property
    def mate(self) -> int:
        """Moves to mate where ``cp`` is above ``MATE_SCORE``, negative where the side to move is mated."""
        plies = kernels.MATE - abs(self.cp)
        return (plies + 1) // 2 if self.cp > 0 else -(plies // 2)


class MaterialSearch:
    """Searches positions of one game after another; what it knows of a position serves the next."""

    def __init__(self) -> None:
        self._table = np.zeros((kernels.TABLE_ROWS, kernels.TABLE_COLUMNS), np.int32)
        self._stack = np.empty((kernels.MOST_PLIES + 1, MAX_MOVES), np.int16)
        self._order = np.empty((kernels.MOST_PLIES + 1, MAX_MOVES), np.int32)
        self._mark = np.empty(90, np.int8)
        self._killers = np.full((kernels.MOST_PLIES + 1, 2), -1, np.int16)
        self._history = np.zeros((15, 90), np.int32)
        self._path = np.zeros(kernels.MOST_PLIES + 1, np.int64)

    def forget(self) -> None:
        """Forget all positions."""
        self._table[:] = 0
        self._killers[:] = -1
        self._history[:] = 0

    def search(self, board: Board, nodes: int) -> MaterialVerdict:
        """Look ahead a ply more each time, until ``nodes`` are spent. The game must not be over."""
        squares, side = board.squares.copy(), board.turn
        material, key = kernels.balance(squares, side), kernels.position_hash(squares, side)
        state = np.array([0, 2**62, -1], np.int64)
        self._killers[:] = -1
        self._history //= 4
        found: MaterialVerdict | None = None
        for depth in range(_FIRST_DEPTH, _MOST_DEPTH + 1):
            scratch = (
                self._stack,
                self._order,
                self._mark,
                self._table,
                self._killers,
                self._history,
                self._path,
                state,
            )
            cp = kernels.search(squares, side, depth, -kernels.MATE, kernels.MATE, 0, material, key, *scratch)
            if state[0] > state[1]:
                break
            found = MaterialVerdict(int(cp), MOVES[int(state[2])], depth, int(state[0]))
            state[1] = nodes
            if abs(cp) >= MATE_SCORE:
                break
        assert found is not None
        return found
