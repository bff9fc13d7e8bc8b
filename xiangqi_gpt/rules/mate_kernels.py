"""The kernels of ``mate``: forced mates by checks."""

from __future__ import annotations

import numpy as np

from .jit import INT, INT8S, INT16_TABLE, INT64S, jit, jit_part
from .kernels import attacked, king_square, legal_moves, play, take_back


@jit_part
def mating_move(board, side, plies, stack, mark, budget):
    """The first listed move that mates by checks within ``plies`` (odd), -1 when there is none or ``budget`` ran out.

    ``stack`` (plies + 1, 128) int16 and ``mark`` (90,) int8 are scratch; ``budget`` (1,) int64 loses one a check tried.
    Depth first over plies, the attacker's even and the defender's odd; without recursion, because a kernel that calls
    itself may crash when numba takes it from its cache.
    """
    count, at, captured = np.zeros(plies, np.int64), np.zeros(plies, np.int64), np.zeros(plies, np.int64)
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


@jit(INT8S, INT, INT, INT16_TABLE, INT8S, INT64S)
def shortest_mate(board, side, plies, stack, mark, budget):
    """(plies until mate, first move) of a shortest mate by checks within ``plies`` (odd); (0, -1) for none found."""
    for depth in range(1, plies + 1, 2):
        move = mating_move(board, side, depth, stack, mark, budget)
        if move >= 0:
            return depth, move
    return 0, -1
