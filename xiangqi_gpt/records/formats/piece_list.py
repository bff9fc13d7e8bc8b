"""Positions as the squares of the 32 pieces, in the order in which DhtmlXQ, XQF and old libraries list them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import Position, kernels
from xiangqi_gpt.rules.fen import check_position
from xiangqi_gpt.rules.pieces import (
    ADVISOR,
    BISHOP,
    CANNON,
    KING,
    KNIGHT,
    PAWN,
    ROOK,
    SQUARES,
    color_of,
    square_name,
)

from ..errors import RecordError

_SIDE: Final = (ROOK, KNIGHT, BISHOP, ADVISOR, KING, ADVISOR, BISHOP, KNIGHT, ROOK, CANNON, CANNON, *[PAWN] * 5)
#: Piece codes of the 32 slots: Red's, then Black's.
PIECE_ORDER: Final = (*_SIDE, *(piece + 7 for piece in _SIDE))


def position_from_piece_list(places: Sequence[int | None], turn: int, first_source: int | None = None) -> Position:
    """The position with each piece on its square (0..89), None for a captured one.

    The side to move is that of the piece on ``first_source``, the square the first move leaves, since what files say
    about it is often wrong; without such a piece it is ``turn``, or the other side where that one is in check. Raises
    ``RecordError``, and ``FenError`` for a position that no game could reach.
    """
    squares = np.zeros(SQUARES, np.int8)
    for piece, place in zip(PIECE_ORDER, places, strict=True):
        if place is None:
            continue
        if squares[place]:
            raise RecordError(f"two pieces stand on {square_name(place)}")
        squares[place] = piece
    return position_to_move(squares, turn, first_source)


def position_to_move(squares: npt.NDArray[np.int8], turn: int, first_source: int | None) -> Position:
    """A checked position whose first move leaves ``first_source``; as in ``position_from_slots``."""
    if first_source is not None and 0 <= first_source < SQUARES and squares[first_source]:
        turn = color_of(int(squares[first_source]))
    elif kernels.in_check(squares, 1 - turn):
        turn = 1 - turn
    check_position(squares, turn)
    return Position(squares, turn)


def piece_list_of(position: Position) -> list[int | None]:
    """The square of each of the 32 pieces, None for those that are not on the board."""
    waiting = {piece: np.flatnonzero(position.squares == piece).tolist() for piece in set(PIECE_ORDER)}
    return [waiting[piece].pop(0) if waiting[piece] else None for piece in PIECE_ORDER]
