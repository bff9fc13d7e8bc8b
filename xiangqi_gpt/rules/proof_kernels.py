"""The kernels of ``mate_proof`` and ``material_proof``: what is forced by moves of any kind."""

from __future__ import annotations

import numpy as np

from .geometry import RAY, RAY_LENGTH, STEP_BLOCK, STEP_COUNT, STEP_TARGET
from .jit import INT, INT8S, INT16_TABLE, INT16S, INT64S, jit, jit_part
from .kernels import attacked, in_check, king_square, legal_moves, play, safe_after, take_back
from .pieces import BISHOP, CANNON, KNIGHT, ROOK
from .quiescence import CAPTURE_VALUES, capture_gain

#: The goal that is no balance of material, and above any.
MATE = 1 << 40
#: Plies of captures in turn that are looked at after the last move, and positions of them at most.
CAPTURE_PLIES = 8
_CAPTURE_POSITIONS = 2000


@jit(INT8S, INT)
def has_legal_move(board, side):
    """Whether a side has any legal move; stops at the first."""
    king = king_square(board, side)
    base = 7 * side
    for sq in range(90):
        piece = board[sq]
        kind = piece - base
        if kind < 1 or kind > 7:
            continue
        if kind in (ROOK, CANNON):
            for d in range(4):
                screens = 0
                for i in range(RAY_LENGTH[sq, d]):
                    to = RAY[sq, d, i]
                    other = board[to]
                    if other == 0:
                        if screens == 0 and safe_after(board, side, sq, to, king):
                            return True
                        continue
                    screens += 1
                    own = base < other <= base + 7
                    if not own and screens == (2 if kind == CANNON else 1) and safe_after(board, side, sq, to, king):
                        return True
                    if screens == 2 or kind == ROOK:
                        break
        else:
            for i in range(STEP_COUNT[piece, sq]):
                to = STEP_TARGET[piece, sq, i]
                other = board[to]
                if base < other <= base + 7 or (kind in (KNIGHT, BISHOP) and board[STEP_BLOCK[piece, sq, i]] != 0):
                    continue
                if safe_after(board, side, sq, to, king):
                    return True
    return False


@jit(INT8S, INT, INT16S, INT8S)
def list_attack(board, side, moves, mark):
    """List the legal moves, those that give check first; returns how many there are."""
    count = legal_moves(board, side, moves, mark)
    king = king_square(board, 1 - side)
    checks = 0
    for i in range(count):
        captured = play(board, moves[i])
        check = attacked(board, king, side)
        take_back(board, moves[i], captured)
        if check:
            moves[checks], moves[i] = moves[i], moves[checks]
            checks += 1
    return count


@jit_part
def list_defence(board, side, moves, mark, refutation):
    """List the legal moves, ``refutation`` first if it is one; returns how many there are."""
    count = legal_moves(board, side, moves, mark)
    for i in range(1, count):
        if moves[i] == refutation:
            moves[0], moves[i] = moves[i], moves[0]
            break
    return count


@jit(INT8S, INT)
def material_balance(board, side):
    """Material of a side less that of the other, in centipawns."""
    total = 0
    for square in range(90):
        piece = board[square]
        if piece:
            total += CAPTURE_VALUES[piece] if (piece > 7) == (side == 1) else -CAPTURE_VALUES[piece]
    return total


@jit(INT8S, INT, INT, INT, INT, INT16_TABLE, INT16_TABLE, INT64S)
def forcing_move(board, side, n, only, goal, moves, captures, budget):
    """A move that reaches ``goal`` within ``n`` moves whatever the answers, -1 when there is none.

    The goal is ``MATE``, or a balance of material, which counts after all captures in turn that the opponent may begin
    then; mate is worth any balance. ``only`` is the one move to try, -1 for all; ``moves`` (2n, 128) and ``captures``
    (``CAPTURE_PLIES`` + 1, 128) int16 are scratch; ``budget`` (1,) int64 loses one a move tried, and below 0 the answer
    means nothing. Depth first over plies, the attacker's even and the defender's odd: what refuted the last move tried
    at a ply is the first answer to the next one. There is no recursion because a kernel that calls itself may crash
    when numba takes it from its cache.
    """
    mark, left = np.empty(90, np.int8), np.zeros(1, np.int64)
    count, at = np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64)
    captured, refutation = np.zeros(2 * n, np.int64), np.full(2 * n, -1, np.int64)
    balance = np.zeros(2 * n, np.int64)
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
            if ply == 0 and only >= 0 and move != only:
                at[ply] += 1
                continue
            budget[0] -= 1
            captured[ply] = play(board, move)
            reached = balance[ply] + CAPTURE_VALUES[captured[ply]]
            if ply < 2 * n - 2:
                balance[ply + 1] = reached
                ply += 1
                count[ply], at[ply] = list_defence(board, 1 - side, moves[ply], mark, refutation[ply]), 0
                continue
            wins = False
            if reached >= goal:
                left[0] = _CAPTURE_POSITIONS
                wins = reached - capture_gain(board, 1 - side, CAPTURE_PLIES, captures, mark, left) >= goal
            if not wins and (goal == MATE or reached >= goal or in_check(board, 1 - side)):
                wins = not has_legal_move(board, 1 - side)
            take_back(board, move, captured[ply])
        if not wins:
            at[ply] += 1
        elif ply == 0:
            return moves[0, at[0]]
        else:  # this answer does not help: the next one
            ply -= 1
            take_back(board, moves[ply, at[ply]], captured[ply])
            at[ply] += 1
