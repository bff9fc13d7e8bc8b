"""What a position is worth in material, by force: a second opinion for the search, which counts no pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from xiangqi_gpt.players.player import Stop
from xiangqi_gpt.rules import MOVES, Board, Move

from . import material_kernels as kernels
from .balance_kernels import balance, piece_counts, position_hash

#: Plies that are looked ahead at most; after the first the nodes are counted.
_MOST_DEPTH: Final = 40
#: From which depth on the score is expected near that of the depth before, and how near.
_NARROW_DEPTH: Final = 4
_WINDOW: Final = 30
#: Moves of a line that is read from the table.
_MOST_LINE: Final = 16

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
        self._table = np.zeros((kernels.TABLE_ROWS, 2), np.int64)
        self._stack = np.zeros((kernels.MOST_PLIES + 1, kernels.MOVE_SPACE), np.int64)
        self._history = np.zeros((kernels.HISTORY_ROWS, 90), np.int32)
        self._frames = np.full((kernels.MOST_PLIES + 1, kernels.FRAME_COLUMNS), -1, np.int64)
        self._age = 0

    def forget(self) -> None:
        """Forget all positions."""
        self._table[:] = 0
        self._history[:] = 0
        self._age = 0

    def search(self, board: Board, nodes: int, stop: Stop | None = None) -> MaterialVerdict:
        """Look ahead a ply more each time, until ``nodes`` are spent or ``stop()``. The game must not be over."""
        squares, side = board.squares.copy(), board.turn
        start = (balance(squares, side), piece_counts(squares), position_hash(squares, side))
        state = np.zeros(kernels.STATE_SIZE, np.int64)
        self._age += 1
        state[kernels.MOST_NODES], state[kernels.AGE] = 2**62, self._age
        self._frames[:] = -1
        self._frames[0, kernels.CHECKED] = board.is_check()
        self._history[:15] //= 2
        scratch = (self._stack, self._table, self._history, self._frames, state)
        found: MaterialVerdict | None = None
        for depth in range(1, _MOST_DEPTH + 1):
            state[kernels.GOAL], state[kernels.BEST] = depth, -1
            low = high = kernels.MATE
            if found is not None and depth >= _NARROW_DEPTH:
                low = high = _WINDOW
            middle = 0 if found is None or depth < _NARROW_DEPTH else found.cp
            while True:
                alpha, beta = max(-kernels.MATE, middle - low), min(kernels.MATE, middle + high)
                cp = int(kernels.search(squares, side, depth, alpha, beta, 0, *start, *scratch))
                if state[kernels.NODES] > state[kernels.MOST_NODES]:
                    break
                if cp <= alpha and alpha > -kernels.MATE:
                    low *= 5
                elif cp >= beta and beta < kernels.MATE:
                    high *= 5
                else:
                    break
            if state[kernels.NODES] > state[kernels.MOST_NODES]:
                assert found is not None
                reached = int(state[kernels.REACHED])
                if state[kernels.BEST] >= 0 and reached > found.cp:  # a better move, though not all were looked at
                    found = MaterialVerdict(reached, MOVES[int(state[kernels.BEST])], depth, nodes)
                break
            found = MaterialVerdict(cp, MOVES[int(state[kernels.BEST])], depth, int(state[kernels.NODES]))
            state[kernels.MOST_NODES] = nodes
            if abs(cp) >= MATE_SCORE or (stop is not None and stop()):
                break
        assert found is not None
        return found

    def line(self, board: Board, move: Move) -> tuple[Move, ...]:
        """Return the play expected from ``move`` on, as far as the table knows it."""
        board, line = board.copy(), [move]
        board.push(move)
        while len(line) < _MOST_LINE and board.outcome() is None:
            known = kernels.known_move(self._table, position_hash(board.squares.copy(), board.turn))
            if known < 0 or not board.is_legal(MOVES[int(known)]):
                break
            line.append(MOVES[int(known)])
            board.push(line[-1])
        return tuple(line)
