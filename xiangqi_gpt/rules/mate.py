"""Forced mates by checks: cheap enough for a search to ask at every leaf. ``mate_proof`` tries quiet moves too."""

from __future__ import annotations

from typing import Final

import numpy as np

from .board import Board
from .kernels import MAX_MOVES
from .mate_kernels import shortest_mate
from .moves import MOVES, Move

#: Positions looked at before the search for a mate gives up.
MATE_BUDGET: Final = 1_000_000


def find_mate(board: Board, plies: int, *, budget: int = MATE_BUDGET) -> list[Move]:
    """A shortest line to mate by checks within ``plies``, the defence as stubborn as can be; empty when there is none.

    ``budget`` bounds the checks that are tried. Each move of the line is legal and its end is mate.

    >>> board = Board("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1")
    >>> [str(move) for move in find_mate(board, 3)]
    ['b1b9']
    """
    line: list[Move] = []
    played = board.copy()
    left = _search(played, plies, budget)
    while left:
        depth, index = left
        line.append(MOVES[index])
        played.push(MOVES[index])
        stubborn: tuple[int, Move] | None = None
        for reply in played.legal_moves:
            played.push(reply)
            found = _search(played, depth - 2, budget)
            played.pop()
            if found and (stubborn is None or found[0] > stubborn[0]):
                stubborn = found[0], reply
        if stubborn is None:
            break
        line.append(stubborn[1])
        played.push(stubborn[1])
        left = _search(played, stubborn[0], budget)
    return line


def _search(board: Board, plies: int, budget: int) -> tuple[int, int] | None:
    depth = _odd(plies)
    if depth < 1:
        return None
    stack, mark = np.empty((depth + 1, MAX_MOVES), np.int16), np.empty(90, np.int8)
    found, move = shortest_mate(board.squares.copy(), board.turn, depth, stack, mark, np.array([budget]))
    return (int(found), int(move)) if found else None


def _odd(plies: int) -> int:
    """Mates take an odd number of plies."""
    return plies if plies % 2 else plies - 1
