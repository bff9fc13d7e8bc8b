"""Tables of where each piece could go from each square, for the kernels; built once at import with plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from .pieces import ADVISOR, BISHOP, BLACK, FILES, KING, PAWN, RANKS, RED, SQUARES, can_stand

Table = npt.NDArray[np.int16]

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
