"""Forced mates by checks: cheap enough for a search to ask at every leaf. ``mate_proof`` tries quiet moves too."""

from __future__ import annotations

from typing import Final

import numpy as np

from .board import Board
from .jit import jit
from .kernels import MAX_MOVES, attacked, king_square, legal_moves, play, take_back
from .moves import MOVES, Move

#: Positions looked at before the search for a mate gives up.
MATE_BUDGET: Final = 1_000_000


@jit
def mating_move(board, side, plies, stack, mark, budget):
    """The first listed move that mates by checks within ``plies`` (odd), -1 when there is none or ``budget`` ran out.

    ``stack`` (plies + 1, 128) int16 and ``mark`` (90,) int8 are scratch; ``budget`` (1,) int64 loses one a check tried.
    Depth first over plies, the attacker's even and the defender's odd; without recursion, because a kernel that calls
    itself may crash when numba takes it from its cache.
    """
    count, at, captured = np.zeros(plies, np.int16), np.zeros(plies, np.int16), np.zeros(plies, np.int8)
    ply = 0
    count[0] = legal_moves(board, side, stack[0], mark)
    while True:
        if ply % 2 == 0:
            if at[ply] == count[ply] or budget[0] <= 0:  # the answer before refutes the check before it
                if ply == 0:
                    return -1
                ply -= 1
                take_back(board, stack[ply, at[ply]], captured[ply])
                ply -= 1
                take_back(board, stack[ply, at[ply]], captured[ply])
                at[ply] += 1
                continue
            move = stack[ply, at[ply]]
            captured[ply] = play(board, move)
            if attacked(board, king_square(board, 1 - side), side):
                budget[0] -= 1
                replies = legal_moves(board, 1 - side, stack[ply + 1], mark)
                if replies > 0 and ply + 1 < plies:
                    ply += 1
                    count[ply], at[ply] = replies, 0
                    continue
                mates = replies == 0
            else:
                mates = False
            take_back(board, move, captured[ply])
            if not mates:
                at[ply] += 1
                continue
        elif at[ply] < count[ply]:
            captured[ply] = play(board, stack[ply, at[ply]])
            ply += 1
            count[ply], at[ply] = legal_moves(board, side, stack[ply], mark), 0
            continue
        else:  # no answer helped
            ply -= 1
            take_back(board, stack[ply, at[ply]], captured[ply])
        if ply == 0:
            return stack[0, at[0]]
        ply -= 1  # this answer does not help: the next one
        take_back(board, stack[ply, at[ply]], captured[ply])
        at[ply] += 1


@jit
def shortest_mate(board, side, plies, stack, mark, budget):
    """(plies until mate, first move) of a shortest mate by checks within ``plies`` (odd); (0, -1) for none found."""
    for depth in range(1, plies + 1, 2):
        move = mating_move(board, side, depth, stack, mark, budget)
        if move >= 0:
            return depth, move
    return 0, -1


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
