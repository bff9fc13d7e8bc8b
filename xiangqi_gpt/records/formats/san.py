"""Short algebraic move text, as chess programs write it for Xiangqi: ``Che2``, ``Hxc3``, ``Afe8``, ``g4``."""

from __future__ import annotations

import re
from typing import Final

from xiangqi_gpt.rules import AmbiguousMoveError, Board, IllegalMoveError, Move, MoveTextError
from xiangqi_gpt.rules.pieces import ADVISOR, BISHOP, CANNON, KING, KNIGHT, PAWN, ROOK, parse_square, type_of

_SAN: Final = re.compile(r"([A-Z]?)([a-i]?)([0-9]?)[x-]?([a-i][0-9])[+#]*\Z")
_PIECES: Final = {
    "": PAWN,
    "P": PAWN,
    "K": KING,
    **dict.fromkeys("AG", ADVISOR),
    **dict.fromkeys("BEM", BISHOP),
    **dict.fromkeys("NH", KNIGHT),
    "R": ROOK,
    "C": CANNON,
}


def parse_san(board: Board, text: str) -> Move:
    """The legal move that short algebraic text names; ranks count from 0.

    >>> str(parse_san(Board(), "Che2"))
    'h2e2'

    Raises ``MoveTextError``, ``IllegalMoveError`` or ``AmbiguousMoveError``.
    """
    match = _SAN.match(text)
    piece = _PIECES.get(match[1]) if match else None
    if match is None or piece is None:
        raise MoveTextError(f"not a move in short algebraic notation: {text!r}")
    target = parse_square(match[4])
    moves = [
        move
        for move in board.legal_moves
        if move.to_square == target
        and type_of(board.piece_at(move.from_square)) == piece
        and move.iccs()[0].startswith(match[2])
        and move.iccs()[1].startswith(match[3])
    ]
    if len(moves) == 1:
        return moves[0]
    if moves:
        raise AmbiguousMoveError(f"{text} could be {' or '.join(map(str, moves))}")
    raise IllegalMoveError(f"{text} is not legal: no such piece can go to {match[4]}")
