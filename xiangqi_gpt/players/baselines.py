"""The floor of the ladder: players of a few lines that know the rules and at most what a capture is worth."""

from __future__ import annotations

from time import perf_counter
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import Board
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_TO, MOVES
from xiangqi_gpt.rules.pieces import PIECE_VALUES

from .player import BasePlayer, Clock, Decision, OnProgress, SearchLimit, Stop, expect_moves

#: (15,) int64: ``PIECE_VALUES`` by piece code; an empty square is worth nothing.
_VALUES: Final[npt.NDArray[np.int64]] = np.array([0, *PIECE_VALUES.values(), *PIECE_VALUES.values()], dtype=np.int64)


class _Baseline(BasePlayer):
    """Picks at random among the moves that ``_best`` leaves."""

    def __init__(self, seed: int | None = None) -> None:
        """``seed`` fixes the choices; None takes fresh randomness from the system."""
        self._generator = np.random.default_rng(seed)

    def _best(self, board: Board, moves: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """(k,) indices of the equally good moves among the (n,) legal ones."""
        raise NotImplementedError

    def choose(
        self,
        board: Board,
        limit: SearchLimit | None = None,
        *,
        clock: Clock | None = None,
        stop: Stop | None = None,
        on_progress: OnProgress | None = None,
    ) -> Decision:
        """Return one of the best legal moves, each as likely. Raises ``PlayerError`` when there is none."""
        start = perf_counter()
        expect_moves(board, self.name)
        legal = board.legal_moves.indices
        best = self._best(board, legal)
        move = MOVES[best[self._generator.integers(len(best))]]
        return Decision(move, nodes=len(legal), seconds=perf_counter() - start)


class RandomPlayer(_Baseline):
    """Any legal move, each as likely."""

    name = "random"

    def _best(self, board: Board, moves: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        return moves


class GreedyPlayer(_Baseline):
    """Captures the most valuable piece; without a capture, any legal move."""

    name = "greedy"

    def _best(self, board: Board, moves: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        return _most(moves, _VALUES[board.squares[MOVE_TO[moves]]])


class Greedy2Player(_Baseline):
    """Two plies deep on one square: the captured piece, less the moved piece where the reply may capture it."""

    name = "greedy2"

    def _best(self, board: Board, moves: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        gains = _VALUES[board.squares[MOVE_TO[moves]]]
        stakes = _VALUES[board.squares[MOVE_FROM[moves]]]
        for i, index in enumerate(moves.tolist()):
            board.push(MOVES[index])
            if (MOVE_TO[board.legal_moves.indices] == MOVE_TO[index]).any():
                gains[i] -= stakes[i]
            board.pop()
        return _most(moves, gains)


def _most(moves: npt.NDArray[np.int16], gains: npt.NDArray[np.int64]) -> npt.NDArray[np.int16]:
    best: npt.NDArray[np.int16] = moves[gains == gains.max()]
    return best
