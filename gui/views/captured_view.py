"""A row of captured pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pygame

from ..widgets.canvas import Canvas
from .pieces import PieceArt

#: Diameter of a captured piece.
PIECE: Final = 22
#: Pieces that would show less of themselves than this share stand once, with their number.
_LEAST_SHOWN: Final = 0.7


def draw_captured(
    canvas: Canvas, rect: pygame.Rect, taken: Sequence[int], pieces: PieceArt, faces: str, *, align: str = "right"
) -> None:
    """Draw pieces, by their codes, from the right or the left end of a box; many of them as kinds with their number."""
    diameter = canvas.px(PIECE)
    if not taken or rect.width < diameter:
        return
    counts = dict.fromkeys(taken, 1)
    step = _step(rect.width, diameter, len(taken), diameter - canvas.px(1))
    if step < _LEAST_SHOWN * diameter:
        counts = {piece: taken.count(piece) for piece in counts}
        taken = list(counts)
        step = _step(rect.width, diameter, len(taken), diameter + canvas.px(6))
    left = rect.x if align == "left" else rect.right - diameter - step * (len(taken) - 1)
    for index, piece in enumerate(taken):
        picture = pieces.picture(piece, diameter, canvas.theme, faces)
        center = round(left + step * index + diameter / 2), rect.centery
        canvas.surface.blit(picture, picture.get_rect(center=center))
        if counts[piece] > 1:
            _draw_count(canvas, counts[piece], center[0] + diameter // 2, center[1] + diameter // 2)


def _step(width: int, diameter: int, count: int, most: int) -> float:
    """From one piece to the next."""
    return min(most, (width - diameter) / max(count - 1, 1))


def _draw_count(canvas: Canvas, count: int, right: int, bottom: int) -> None:
    """A number on the lower right of a piece."""
    side = canvas.px(14)
    badge = pygame.Rect(right - side + canvas.px(3), bottom - side + canvas.px(2), side, side)
    pygame.draw.circle(canvas.surface, canvas.theme.card, badge.center, side / 2)
    canvas.text(str(count), badge, 12, canvas.theme.text, align="center", face="bold")
