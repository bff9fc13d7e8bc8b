"""Moves as alpha-beta tries them: captures and quiet moves listed apart, each with its rank; exchanges on a square.

A listed move is one number, ``rank << MOVE_BITS | index``: sorting numbers sorts moves. The lists are pseudo-legal.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from xiangqi_gpt.rules.geometry import (
    ADVISOR_TO,
    BISHOP_EYE,
    BISHOP_TO,
    KING_TO,
    KNIGHT_FROM,
    KNIGHT_FROM_LEG,
    PAWN_FROM,
    RAY,
    RAY_LENGTH,
    RAY_MOVE,
    STEP_BLOCK,
    STEP_COUNT,
    STEP_MOVE,
    STEP_TARGET,
)
from xiangqi_gpt.rules.jit import INT, INT8S, INT32_TABLE, INT64_TABLE, jit, jit_part
from xiangqi_gpt.rules.pieces import ADVISOR, BISHOP, CANNON, KING, KNIGHT, PAWN, ROOK

MOVE_BITS: Final = 12
MOVE_MASK: Final = (1 << MOVE_BITS) - 1
#: About what a piece is worth by its code, for exchanges; a king is never given.
ROUGHLY: Final = np.array([0, *(10_000, 110, 110, 400, 900, 410, 110) * 2], dtype=np.int64)
#: The rank of a killer move; the history's numbers stay below.
_KILLER: Final = 1 << 20


@jit_part
def _capture_rank(victim, piece):
    """Most valuable victim first, then the least valuable attacker."""
    return 16 * ROUGHLY[victim] - (0 if piece % 7 == 1 else ROUGHLY[piece])


@jit(INT8S, INT, INT64_TABLE, INT)
def list_captures(board, side, stack, ply):
    """Write the captures of a side into ``stack[ply]``; returns how many there are."""
    least, most = (8, 14) if side else (1, 7)
    count = 0
    for sq in range(90):
        piece = board[sq]
        if piece < least or piece > most:
            continue
        kind = piece - least + 1
        if kind in (ROOK, CANNON):
            for d in range(4):
                length = RAY_LENGTH[sq, d]
                i = 0
                while i < length and board[RAY[sq, d, i]] == 0:
                    i += 1
                if kind == CANNON:
                    i += 1
                    while i < length and board[RAY[sq, d, i]] == 0:
                        i += 1
                if i < length:
                    other = board[RAY[sq, d, i]]
                    if other < least or other > most:
                        stack[ply, count] = (_capture_rank(other, piece) << MOVE_BITS) | RAY_MOVE[sq, d, i]
                        count += 1
        else:
            for i in range(STEP_COUNT[piece, sq]):
                other = board[STEP_TARGET[piece, sq, i]]
                if other == 0 or (least <= other <= most):
                    continue
                if kind in (KNIGHT, BISHOP) and board[STEP_BLOCK[piece, sq, i]] != 0:
                    continue
                stack[ply, count] = (_capture_rank(other, piece) << MOVE_BITS) | STEP_MOVE[piece, sq, i]
                count += 1
    return count


@jit(INT8S, INT, INT64_TABLE, INT, INT, INT32_TABLE, INT, INT, INT)
def list_quiet(board, side, stack, ply, first, history, killer, other_killer, answer):
    """Write the moves that capture nothing into ``stack[ply, first:]``, ranked; returns where they end.

    ``history`` (15, 90) ranks them, but for two killers and the usual ``answer``, which are indices of moves.
    """
    least, most = (8, 14) if side else (1, 7)
    count = first
    for sq in range(90):
        piece = board[sq]
        if piece < least or piece > most:
            continue
        kind = piece - least + 1
        if kind in (ROOK, CANNON):
            for d in range(4):
                for i in range(RAY_LENGTH[sq, d]):
                    to = RAY[sq, d, i]
                    if board[to] != 0:
                        break
                    stack[ply, count] = (np.int64(history[piece, to]) << MOVE_BITS) | RAY_MOVE[sq, d, i]
                    count += 1
        else:
            for i in range(STEP_COUNT[piece, sq]):
                to = STEP_TARGET[piece, sq, i]
                if board[to] != 0:
                    continue
                if kind in (KNIGHT, BISHOP) and board[STEP_BLOCK[piece, sq, i]] != 0:
                    continue
                stack[ply, count] = (np.int64(history[piece, to]) << MOVE_BITS) | STEP_MOVE[piece, sq, i]
                count += 1
    for i in range(first, count):
        move = stack[ply, i] & MOVE_MASK
        if move == killer:
            stack[ply, i] += (_KILLER + 2) << MOVE_BITS
        elif move == other_killer:
            stack[ply, i] += (_KILLER + 1) << MOVE_BITS
        elif move == answer:
            stack[ply, i] += _KILLER << MOVE_BITS
    return count


@jit_part
def next_move(stack, ply, first, end):
    """Bring the move of the highest rank among those from ``first`` on to that place; returns its index."""
    best = first
    for i in range(first + 1, end):
        if stack[ply, i] > stack[ply, best]:
            best = i
    found = stack[ply, best]
    stack[ply, best] = stack[ply, first]
    stack[ply, first] = found
    return found & MOVE_MASK


@jit(INT8S, INT, INT)
def least_attacker(board, target, by):
    """Square of the least valuable piece of a side that could capture on ``target``, -1 when there is none."""
    base = 7 * by
    for i in range(3):
        sq = PAWN_FROM[by, target, i]
        if sq < 0:
            break
        if board[sq] == base + PAWN:
            return sq
    for i in range(4):
        sq = ADVISOR_TO[target, i]
        if sq < 0:
            break
        if board[sq] == base + ADVISOR:
            return sq
    for i in range(4):
        sq = BISHOP_TO[target, i]
        if sq < 0:
            break
        if board[sq] == base + BISHOP and board[BISHOP_EYE[target, i]] == 0:
            return sq
    for i in range(8):
        sq = KNIGHT_FROM[target, i]
        if sq < 0:
            break
        if board[sq] == base + KNIGHT and board[KNIGHT_FROM_LEG[target, i]] == 0:
            return sq
    rook = -1
    for d in range(4):
        seen = 0
        for i in range(RAY_LENGTH[target, d]):
            sq = RAY[target, d, i]
            piece = board[sq]
            if piece == 0:
                continue
            seen += 1
            if seen == 1:
                if piece == base + ROOK:
                    rook = sq
            else:
                if piece == base + CANNON:
                    return np.int64(sq)
                break
    if rook >= 0:
        return np.int64(rook)
    for i in range(4):
        sq = KING_TO[target, i]
        if sq < 0:
            break
        if board[sq] == base + KING:
            return sq
    return -1


@jit(INT8S, INT, INT)
def recapture(board, target, by):
    """What a side wins by capturing on ``target`` in turn with the other, each free to stop, the least piece first."""
    source = least_attacker(board, target, by)
    if source < 0:
        return 0
    victim, piece = board[target], board[source]
    board[target] = piece
    board[source] = 0
    won = max(0, ROUGHLY[victim] - recapture(board, target, 1 - by))
    board[source] = piece
    board[target] = victim
    return won


@jit(INT8S, INT, INT, INT)
def loses_exchange(board, side, source, target):
    """Whether a capture loses more than it takes, by the captures on that square that may follow."""
    victim, piece = board[target], board[source]
    if ROUGHLY[victim] >= ROUGHLY[piece]:
        return False
    board[target] = piece
    board[source] = 0
    lost = recapture(board, target, 1 - side)
    board[source] = piece
    board[target] = victim
    return lost > ROUGHLY[victim]
