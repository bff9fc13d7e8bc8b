"""A box that shows a part of something higher than itself: the wheel, the thumb at its edge, following a place."""

from __future__ import annotations

from typing import Final

import pygame

from ..state.theme import mix
from .canvas import Canvas

_WHEEL: Final = 54
_THUMB: Final = 5


class Scroll:
    """How far something is scrolled, in pixels. ``view`` is the box it is seen through."""

    def __init__(self) -> None:
        self.view = pygame.Rect(0, 0, 0, 0)
        self.offset = 0
        self._height = 0
        self._unit = 1.0
        self._grip: float | None = None

    def lay_out(self, canvas: Canvas, view: pygame.Rect, height: int) -> None:
        """The box and the height of what is in it have changed, or not."""
        self.view, self._height, self._unit = view, height, canvas.scale
        self.to(self.offset)

    def to(self, offset: float) -> bool:
        """Scroll to a place; True when that changes anything."""
        before = self.offset
        self.offset = min(max(round(offset), 0), max(self._height - self.view.height, 0))
        return self.offset != before

    def reveal(self, top: int, bottom: int) -> None:
        """Bring the part between two heights into sight."""
        if top < self.offset:
            self.to(top)
        elif bottom > self.offset + self.view.height:
            self.to(bottom - self.view.height)

    def _thumb(self) -> pygame.Rect | None:
        if self._height <= self.view.height or self.view.height <= 0:
            return None
        height = max(round(self.view.height * self.view.height / self._height), round(24 * self._unit))
        free = self.view.height - height
        y = self.view.y + free * self.offset / (self._height - self.view.height)
        width = max(4, round(_THUMB * self._unit))
        return pygame.Rect(self.view.right - width, round(y), width, height)

    def handle(self, event: pygame.Event) -> tuple[bool, bool]:
        """(whether the event was for the scroll, whether it scrolled)."""
        if event.type == pygame.MOUSEWHEEL and self.view.collidepoint(event.pos):
            return True, self.to(self.offset - event.y * _WHEEL * self._unit)
        thumb = self._thumb()
        if event.type == pygame.MOUSEMOTION and self._grip is not None and thumb is not None:
            free = max(self.view.height - thumb.height, 1)
            share = (event.pos[1] - self._grip - self.view.y) / free
            return True, self.to(share * (self._height - self.view.height))
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and thumb is not None:
            near = thumb.inflate(2 * thumb.width, 0)
            if near.left <= event.pos[0] and self.view.collidepoint(event.pos):
                self._grip = event.pos[1] - thumb.y if thumb.y <= event.pos[1] < thumb.bottom else thumb.height / 2
                return True, False
        if event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            self._grip = None
        return False, False

    def draw_thumb(self, canvas: Canvas) -> None:
        """The bar that says which part is in sight; nothing where all of it is."""
        thumb = self._thumb()
        if thumb is not None:
            canvas.box(thumb, mix(canvas.theme.card_edge, canvas.theme.muted, 0.45), None, 3)
