"""Material by where and with what it stands, as one number for a side; and a hash of positions.

The search keeps both up to date move by move; here they are computed from a board.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from xiangqi_gpt.rules.jit import INT, INT8S, jit, jit_part
from xiangqi_gpt.rules.pieces import ADVISOR, BISHOP, CANNON, KNIGHT, PAWN, ROOK

from .piece_square import BY_LOST_ADVISOR, BY_LOST_ELEPHANT, BY_PIECES, FOR_TWO, piece_squares

#: What a piece is worth by its code and square, in centipawns.
WORTH: Final = piece_squares()
#: The hash of a position is the exclusive or of these, by code and square, and of the last where Black is to move.
PIECE_KEYS: Final = np.random.default_rng(20).integers(1, 2**62, (15, 90), dtype=np.int64)
BLACK_KEY: Final = 0x3C6EF372FE94F82A


@jit_part
def _has(counts, piece):
    return (counts >> (4 * piece)) & 15


@jit(INT8S)
def piece_counts(board):
    """How many of each piece there are, four bits each by its code."""
    counts = 0
    for square in range(90):
        if board[square]:
            counts += 1 << (4 * board[square])
    return counts


@jit(INT, INT)
def _by_company(counts, base):
    """What a side's pieces are worth more, or less, by what else is on the board; ``base``: 7 for Black."""
    other = 7 - base
    advisors, elephants = 2 - _has(counts, other + ADVISOR), 2 - _has(counts, other + BISHOP)
    pieces = 0
    for kind in (KNIGHT, ROOK, CANNON):
        pieces += _has(counts, kind) + _has(counts, 7 + kind)
    total = 0
    for kind in range(KNIGHT, PAWN + 1):
        count = _has(counts, base + kind)
        total += count * (advisors * BY_LOST_ADVISOR[kind] + elephants * BY_LOST_ELEPHANT[kind])
        total += count * pieces * BY_PIECES[kind]
        if count >= 2:
            total += FOR_TWO[kind]
    return total


@jit(INT, INT, INT)
def company_change(counts, victim, side):
    """What a side gains when ``victim`` is captured, because all other pieces are worth more or less then."""
    after = counts - (1 << (4 * victim))
    own, other = 7 * side, 7 - 7 * side
    return _by_company(after, own) - _by_company(after, other) - _by_company(counts, own) + _by_company(counts, other)


@jit(INT8S, INT)
def balance(board, side):
    """Material of a side, by where and with what it stands, less that of the other, in centipawns."""
    counts = piece_counts(board)
    total = _by_company(counts, 7 * side) - _by_company(counts, 7 - 7 * side)
    for square in range(90):
        piece = board[square]
        if piece:
            total += WORTH[piece, square] if (piece > 7) == (side == 1) else -WORTH[piece, square]
    return total


@jit(INT8S, INT)
def position_hash(board, side):
    """A number of a position for the table."""
    key = 0
    for square in range(90):
        if board[square]:
            key ^= PIECE_KEYS[board[square], square]
    return key ^ BLACK_KEY if side else key
