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
#: An odd number by which the keys of repeated positions are told from keys.
_MIX: Final = 0x2545F4914F6CDD1D
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
    def is_mate(self) -> bool:
        """Whether ``cp`` says a mate; beyond those are wins because the other side may not check for ever."""
        return MATE_SCORE < abs(self.cp) <= kernels.MATE

    @property
    def mate(self) -> int:
        """Moves to mate where ``is_mate``, negative where the side to move is mated."""
        plies = kernels.MATE - abs(self.cp)
        return (plies + 1) // 2 if self.cp > 0 else -(plies // 2)


class MaterialSearch:
    """Searches positions of one game after another; what it knows of a position serves the next."""

    def __init__(self) -> None:
        self._table = np.zeros((kernels.TABLE_ROWS, 2), np.int64)
        self._stack = np.zeros((kernels.MOST_PLIES + 1, kernels.MOVE_SPACE), np.int64)
        self._history = np.zeros((kernels.HISTORY_ROWS, 90), np.int32)
        rows = kernels.MOST_PLIES + 1 + kernels.MOST_PAST
        self._frames = np.full((rows, kernels.FRAME_COLUMNS), -1, np.int64)
        self._age = self._salt = 0

    def forget(self) -> None:
        """Forget all positions."""
        self._table[:] = 0
        self._history[:] = 0
        self._age = self._salt = 0

    def search(self, board: Board, nodes: int, stop: Stop | None = None) -> MaterialVerdict:
        """Look ahead a ply more each time, until ``nodes`` are spent or ``stop()``. The game must not be over."""
        squares, side = board.squares.copy(), board.turn
        state = np.zeros(kernels.STATE_SIZE, np.int64)
        self._age += 1
        state[kernels.MOST_NODES], state[kernels.AGE] = 2**62, self._age
        self._frames[:] = -1
        key = self._look_back(board)
        start = (balance(squares, side), piece_counts(squares), key)
        self._history[:15] //= 2
        scratch = (self._stack, self._table, self._history, self._frames, state)
        found: MaterialVerdict | None = None
        for depth in range(1, _MOST_DEPTH + 1):
            state[kernels.GOAL], state[kernels.BEST] = depth, -1
            low = high = kernels.RULED
            if found is not None and depth >= _NARROW_DEPTH:
                low = high = _WINDOW
            middle = 0 if found is None or depth < _NARROW_DEPTH else found.cp
            while True:
                alpha, beta = max(-kernels.RULED, middle - low), min(kernels.RULED, middle + high)
                cp = int(kernels.search(squares, side, depth, alpha, beta, 0, *start, *scratch))
                if state[kernels.NODES] > state[kernels.MOST_NODES]:
                    break
                if cp <= alpha and alpha > -kernels.RULED:
                    low *= 5
                elif cp >= beta and beta < kernels.RULED:
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
            if found.is_mate or (stop is not None and stop()):
                break
        assert found is not None
        return found

    def _look_back(self, board: Board) -> int:
        """Write down the position and those that led to it since the last capture; returns the key of the position.

        Positions that occurred twice are another game: there, a third time ends it. So their keys change all keys.
        """
        board = board.copy()
        past = min(board.halfmove_clock, len(board.move_stack), kernels.MOST_PAST)
        keys = []
        for i in range(past + 1):
            keys.append(int(position_hash(board.squares, board.turn)))
            self._frames[-i, kernels.CHECKED] = board.is_check()
            if i < past:
                board.pop()
        repeated = 0
        for key in sorted(set(keys)):
            if keys.count(key) > 1:
                repeated ^= key * _MIX & (1 << 62) - 1
        self._frames[0, kernels.QUIET] = past
        for i, key in enumerate(keys):
            self._frames[-i, kernels.KEY] = key ^ repeated
        self._salt = repeated
        return keys[0] ^ repeated

    def line(self, board: Board, move: Move) -> tuple[Move, ...]:
        """Return the play expected from ``move`` on, as far as the table knows it."""
        board, line = board.copy(), [move]
        board.push(move)
        while len(line) < _MOST_LINE and board.outcome() is None:
            known = kernels.known_move(self._table, position_hash(board.squares.copy(), board.turn) ^ self._salt)
            if known < 0 or not board.is_legal(MOVES[int(known)]):
                break
            line.append(MOVES[int(known)])
            board.push(line[-1])
        return tuple(line)
