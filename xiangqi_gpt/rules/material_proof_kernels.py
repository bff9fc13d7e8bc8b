"""The kernel of ``material_proof``: material won by force, by moves of any kind."""

from __future__ import annotations

import numpy as np

from .jit import INT, INT8S, INT16_TABLE, INT64S, jit, jit_part
from .kernels import in_check, play, take_back
from .mate_proof_kernels import has_legal_move, list_attack, list_defence
from .moves import MOVE_TO
from .quiescence import CAPTURE_VALUES, capture_gain

#: Plies of captures in turn that are looked at after the last move, and positions of them at most.
CAPTURE_PLIES = 8
_CAPTURE_POSITIONS = 2000


@jit(INT8S, INT)
def material_balance(board, side):
    """Material of a side less that of the other, in centipawns."""
    total = 0
    for square in range(90):
        piece = board[square]
        if piece:
            total += CAPTURE_VALUES[piece] if (piece > 7) == (side == 1) else -CAPTURE_VALUES[piece]
    return total


@jit_part
def _holds(board, side, balance, goal, captures, mark, left):
    """Whether ``side``, which has just moved, keeps ``goal`` whatever is captured in turn, or has mated."""
    if balance < goal:
        return not has_legal_move(board, 1 - side)
    left[0] = _CAPTURE_POSITIONS
    lost = capture_gain(board, 1 - side, CAPTURE_PLIES, captures, mark, left)
    return balance - lost >= goal or not has_legal_move(board, 1 - side)


@jit(INT8S, INT, INT, INT, INT, INT16_TABLE, INT16_TABLE, INT64S)
def winning_move(board, side, n, only, goal, moves, captures, budget):
    """A move after which a side's balance is at least ``goal`` after ``n`` moves, whatever the answers; -1 for none.

    The balance counts after all captures in turn that the opponent may begin then; mate, or an opponent without a
    move, is worth any goal. ``only`` is the one move to try, -1 for all; ``moves`` (2n, 128) and ``captures``
    (``CAPTURE_PLIES`` + 1, 128) int16 are scratch; ``budget`` (1,) int64 loses one a move tried, and below 0 the answer
    means nothing. Depth first over plies as in ``mating_move``.
    """
    mark, left = np.empty(90, np.int8), np.zeros(1, np.int64)
    count, at = np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64)
    captured, refutation = np.zeros(2 * n, np.int64), np.full(2 * n, -1, np.int64)
    balance = np.zeros(2 * n + 1, np.int64)
    balance[0] = material_balance(board, side)
    ply = 0
    count[0] = list_attack(board, side, moves[0], mark)
    while True:
        if ply % 2 == 1:
            if at[ply] < count[ply]:
                captured[ply] = play(board, moves[ply, at[ply]])
                balance[ply + 1] = balance[ply] - CAPTURE_VALUES[captured[ply]]
                ply += 1
                count[ply], at[ply] = list_attack(board, side, moves[ply], mark), 0
                continue
            ply -= 1
            take_back(board, moves[ply, at[ply]], captured[ply])
            wins = True
        elif at[ply] == count[ply] or budget[0] < 0:
            if ply == 0:
                return -1
            ply -= 1
            refutation[ply] = moves[ply, at[ply]]
            take_back(board, refutation[ply], captured[ply])
            ply -= 1
            take_back(board, moves[ply, at[ply]], captured[ply])
            wins = False
        else:
            move = moves[ply, at[ply]]
            won = CAPTURE_VALUES[board[MOVE_TO[move]]]
            is_last = ply == 2 * n - 2
            if ply == 0 and only >= 0 and move != only:
                at[ply] += 1
                continue
            budget[0] -= 1
            captured[ply] = play(board, move)
            if is_last:
                reached = balance[ply] + won >= goal or in_check(board, 1 - side)
                wins = reached and _holds(board, side, balance[ply] + won, goal, captures, mark, left)
                take_back(board, move, captured[ply])
            else:
                balance[ply + 1] = balance[ply] + won
                ply += 1
                count[ply], at[ply] = list_defence(board, 1 - side, moves[ply], mark, refutation[ply]), 0
                continue
        if not wins:
            at[ply] += 1
        elif ply == 0:
            return moves[0, at[0]]
        else:  # this answer does not help: the next one
            ply -= 1
            take_back(board, moves[ply, at[ply]], captured[ply])
            at[ply] += 1
