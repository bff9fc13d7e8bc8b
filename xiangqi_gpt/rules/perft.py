"""Perft: the number of positions a number of plies deep, compared with published counts to prove move generation."""

from __future__ import annotations

import numpy as np

from . import kernels
from .board import Board
from .moves import Move


def perft(board: Board, depth: int) -> int:
    """Number of move sequences of ``depth`` plies from the board's position.

    >>> perft(Board(), 3)
    79666
    """
    stack = np.empty((max(depth, 1), kernels.MAX_MOVES), np.int16)
    mark = np.empty(90, np.int8)
    return int(kernels.perft(board.squares.copy(), board.turn, depth, stack, mark))


def divide(board: Board, depth: int) -> dict[Move, int]:
    """The perft count below each legal move; empty for depth 0."""
    counts = {}
    for move in board.legal_moves if depth > 0 else ():
        board.push(move)
        counts[move] = perft(board, depth - 1)
        board.pop()
    return counts
