"""A row of captured pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pygame

from .canvas import Canvas
from .pieces import PieceArt

#: Diameter of a captured piece.
PIECE: Final = 22


def draw_captured(
    canvas: Canvas, rect: pygame.Rect, taken: Sequence[int], pieces: PieceArt, faces: str, *, align: str = "right"
) -> None:
    """Draw pieces, by their codes, from the right or the left end of a box; they overlap where there are many."""
    diameter = canvas.px(PIECE)
    if not taken or rect.width < diameter:
        return
    step = min(diameter - canvas.px(1), (rect.width - diameter) / max(len(taken) - 1, 1))
    left = rect.x if align == "left" else rect.right - diameter - step * (len(taken) - 1)
    for index, piece in enumerate(taken):
        picture = pieces.picture(piece, diameter, canvas.theme, faces)
        x = left + step * index + diameter / 2 - picture.get_width() / 2
        canvas.surface.blit(picture, (round(x), rect.centery - picture.get_height() // 2))
