"""Tables of where each piece could go from each square, for the kernels; built once at import with plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from .moves import MOVE_INDEX
from .pieces import (
    ADVISOR,
    BISHOP,
    BLACK,
    FILES,
    KING,
    KNIGHT,
    PAWN,
    PIECE_TYPES,
    RANKS,
    RED,
    SQUARES,
    can_stand,
    color_of,
    type_of,
)

Table = npt.NDArray[np.int16]
Bytes = npt.NDArray[np.uint8]

#: The four rook directions (up, down, right, left as Red sees the board): step in squares, and steps to the edge.
STEP: Final[Table] = np.array([FILES, -FILES, 1, -1], dtype=np.int16)
TO_EDGE: Final[Table] = np.array(
    [[RANKS - 1 - sq // FILES, sq // FILES, FILES - 1 - sq % FILES, sq % FILES] for sq in range(SQUARES)],
    dtype=np.int16,
)

_ORTHOGONAL: Final = ((0, 1), (0, -1), (1, 0), (-1, 0))
_DIAGONAL: Final = ((1, 1), (1, -1), (-1, -1), (-1, 1))


def _offset(sq: int, file_step: int, rank_step: int) -> int | None:
    file, rank = sq % FILES + file_step, sq // FILES + rank_step
    return rank * FILES + file if 0 <= file < FILES and 0 <= rank < RANKS else None


def _padded(width: int, targets: Callable[[int], Iterable[int]]) -> Table:
    """(90, width) table of the targets of each square, -1 after the last."""
    table = np.full((SQUARES, width), -1, dtype=np.int16)
    for sq in range(SQUARES):
        for i, to in enumerate(targets(sq)):
            table[sq, i] = to
    return table


def _steps(piece: int, steps: tuple[tuple[int, int], ...]) -> Callable[[int], list[int]]:
    """Targets of a stepping piece, for squares where it may stand."""

    def targets(sq: int) -> list[int]:
        if not can_stand(piece, sq):
            return []
        found = (_offset(sq, df, dr) for df, dr in steps)
        return [to for to in found if to is not None and can_stand(piece, to)]

    return targets


def _both_sides(piece_type: int, steps: tuple[tuple[int, int], ...]) -> Callable[[int], list[int]]:
    red, black = _steps(piece_type, steps), _steps(piece_type + 7, steps)
    return lambda sq: red(sq) or black(sq)


def _pawn(color: int) -> Callable[[int], list[int]]:
    forward = 1 if color == RED else -1

    def targets(sq: int) -> list[int]:
        if not can_stand(PAWN + 7 * color, sq):
            return []
        crossed = sq // FILES >= 5 if color == RED else sq // FILES <= 4
        steps = ((0, forward), (1, 0), (-1, 0)) if crossed else ((0, forward),)
        return [to for df, dr in steps if (to := _offset(sq, df, dr)) is not None]

    return targets


def _knight(sq: int) -> list[tuple[int, int]]:
    """(target, leg) pairs of a knight; the leg is the square beside the knight that blocks the move."""
    pairs = []
    for df, dr in _ORTHOGONAL:
        leg = _offset(sq, df, dr)
        if leg is None:
            continue
        for side in (1, -1):
            to = _offset(sq, 2 * df + (side if df == 0 else 0), 2 * dr + (side if dr == 0 else 0))
            if to is not None:
                pairs.append((to, leg))
    return pairs


#: (90, 4) targets of the stepping pieces; the eye is the square between an elephant and its target.
KING_TO: Final = _padded(4, _both_sides(KING, _ORTHOGONAL))
ADVISOR_TO: Final = _padded(4, _both_sides(ADVISOR, _DIAGONAL))
BISHOP_TO: Final = _padded(4, _both_sides(BISHOP, tuple((2 * f, 2 * r) for f, r in _DIAGONAL)))
BISHOP_EYE: Final = np.where(BISHOP_TO < 0, -1, (np.arange(SQUARES)[:, None] + BISHOP_TO) // 2).astype(np.int16)

#: (90, 8) targets of a knight and the leg of each.
KNIGHT_TO: Final = _padded(8, lambda sq: [to for to, _ in _knight(sq)])
KNIGHT_LEG: Final = _padded(8, lambda sq: [leg for _, leg in _knight(sq)])

#: (90, 8) squares from which a knight attacks a square, and the leg of each such attack.
KNIGHT_FROM: Final = KNIGHT_TO
KNIGHT_FROM_LEG: Final = _padded(
    8, lambda sq: [next(leg for to, leg in _knight(source) if to == sq) for source, _ in _knight(sq)]
)

#: (2, 90, 3) by colour: targets of a pawn, and squares from which a pawn attacks a square.
PAWN_TO: Final = np.stack([_padded(3, _pawn(color)) for color in (RED, BLACK)])
PAWN_FROM: Final = np.stack(
    [
        _padded(3, lambda sq, c=color: [a for a in range(SQUARES) if sq in PAWN_TO[c, a]])  # type: ignore[misc]
        for color in (RED, BLACK)
    ]
)


# The same tables again, shaped for listing moves: unsigned, because numba then needs no test for a negative index,
# and with the number of each move beside its target.


def _rays() -> tuple[Bytes, Table]:
    targets = np.zeros((SQUARES, 4, FILES), dtype=np.uint8)
    moves = np.zeros((SQUARES, 4, FILES), dtype=np.int16)
    for sq in range(SQUARES):
        for d in range(4):
            for i in range(TO_EDGE[sq, d]):
                to = sq + (i + 1) * int(STEP[d])
                targets[sq, d, i], moves[sq, d, i] = to, MOVE_INDEX[sq, to]
    return targets, moves


def _step_targets(piece: int, sq: int) -> list[tuple[int, int]]:
    """(target, square that must be empty) pairs of a stepping piece; the two are equal where nothing can block."""
    kind = type_of(piece)
    if kind == KNIGHT:
        return _knight(sq)
    if kind == BISHOP:
        return [(int(to), int(eye)) for to, eye in zip(BISHOP_TO[sq], BISHOP_EYE[sq], strict=True) if to >= 0]
    table = {KING: KING_TO, ADVISOR: ADVISOR_TO, PAWN: PAWN_TO[color_of(piece)]}.get(kind)
    return [] if table is None else [(int(to), int(to)) for to in table[sq] if to >= 0]


def _step_tables() -> tuple[Bytes, Bytes, Bytes, Table]:
    pieces = 2 * PIECE_TYPES + 1
    counts = np.zeros((pieces, SQUARES), dtype=np.uint8)
    targets, blocks = (np.zeros((pieces, SQUARES, 8), dtype=np.uint8) for _ in range(2))
    moves = np.zeros((pieces, SQUARES, 8), dtype=np.int16)
    for piece in range(1, pieces):
        for sq in range(SQUARES):
            found = _step_targets(piece, sq)
            counts[piece, sq] = len(found)
            for i, (to, block) in enumerate(found):
                targets[piece, sq, i], blocks[piece, sq, i], moves[piece, sq, i] = to, block, MOVE_INDEX[sq, to]
    return counts, targets, blocks, moves


#: (90, 4, 9) squares of each line from a square, nearest first, and the moves to them; (90, 4) how many there are.
RAY, RAY_MOVE = _rays()
RAY_LENGTH: Final[Bytes] = TO_EDGE.astype(np.uint8)

#: By piece code and square, for kings, advisors, elephants, knights and pawns: (15, 90) how many targets; (15, 90, 8)
#: the targets, the squares that must be empty on the way (a knight's leg, an elephant's eye), the moves.
STEP_COUNT, STEP_TARGET, STEP_BLOCK, STEP_MOVE = _step_tables()
