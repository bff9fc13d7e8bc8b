"""The kernels of ``mate_proof``: forced mates by moves of any kind."""

from __future__ import annotations

import numpy as np

from .geometry import RAY, RAY_LENGTH, STEP_BLOCK, STEP_COUNT, STEP_TARGET
from .jit import INT, INT8S, INT16_TABLE, INT16S, INT64S, jit, jit_part
from .kernels import attacked, king_square, legal_moves, play, safe_after, take_back
from .pieces import BISHOP, CANNON, KNIGHT, ROOK


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


@jit(INT8S, INT, INT, INT, INT16_TABLE, INT64S)
def mating_move(board, side, n, only, moves, budget):
    """A move that mates within ``n`` moves whatever the answers, -1 when there is none.

    ``only`` is the one move to try, -1 for all; ``moves`` (2n, 128) int16 is scratch; ``budget`` (1,) int64 loses one a
    move tried, and below 0 the answer means nothing. Depth first over plies, the attacker's even and the defender's
    odd: what refuted the last move tried at a ply is the first answer to the next one. There is no recursion because a
    kernel that calls itself may crash when numba takes it from its cache.
    """
    mark = np.empty(90, np.int8)
    count, at = np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64)
    captured, refutation = np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64)
    for i in range(2 * n):
        refutation[i] = -1
    ply = 0
    count[0] = list_attack(board, side, moves[0], mark)
    while True:
        if ply % 2 == 1:
            if at[ply] < count[ply]:
                captured[ply] = play(board, moves[ply, at[ply]])
                ply += 1
                count[ply], at[ply] = list_attack(board, side, moves[ply], mark), 0
                continue
            ply -= 1
            take_back(board, moves[ply, at[ply]], captured[ply])
            mates = True
        elif at[ply] == count[ply] or budget[0] < 0:
            if ply == 0:
                return -1
            ply -= 1
            refutation[ply] = moves[ply, at[ply]]
            take_back(board, refutation[ply], captured[ply])
            ply -= 1
            take_back(board, moves[ply, at[ply]], captured[ply])
            mates = False
        else:
            move = moves[ply, at[ply]]
            if ply == 0 and only >= 0 and move != only:
                at[ply] += 1
                continue
            budget[0] -= 1
            captured[ply] = play(board, move)
            if ply < 2 * n - 2:
                ply += 1
                count[ply], at[ply] = list_defence(board, 1 - side, moves[ply], mark, refutation[ply]), 0
                continue
            mates = not has_legal_move(board, 1 - side)
            take_back(board, move, captured[ply])
        if not mates:
            at[ply] += 1
        elif ply == 0:
            return moves[0, at[0]]
        else:  # this answer does not help: the next one
            ply -= 1
            take_back(board, moves[ply, at[ply]], captured[ply])
            at[ply] += 1
