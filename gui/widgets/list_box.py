"""A list of lines to choose from, as long as need be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pygame

from ..state.theme import mix
from .canvas import Canvas
from .scrolling import Scroll

_STEPS: Final = {pygame.K_UP: -1, pygame.K_DOWN: 1, pygame.K_PAGEUP: -10, pygame.K_PAGEDOWN: 10}


@dataclass(frozen=True)
class Item:
    """A line: a picture, what it says, and what stands at its right end."""

    text: str
    note: str = ""
    icon: str = ""


@dataclass
class ListBox:
    """Shows items, one of them chosen; ``empty`` is said where there are none."""

    items: Sequence[Item] = ()
    chosen: int = 0
    empty: str = ""
    row: float = 30
    rect: pygame.Rect = field(default_factory=lambda: pygame.Rect(0, 0, 0, 0))
    focused: bool = False
    hovered: int | None = None
    _scroll: Scroll = field(default_factory=Scroll)
    _row: int = 1
    _is_new: bool = True  #: its items have not been on the screen yet
    _last_click: tuple[int, int] = (-1, -1000)
    double_clicked: bool = False

    def set_items(self, items: Sequence[Item], chosen: int = 0) -> None:
        """Show other items."""
        self.items, self.chosen, self.hovered = items, chosen, None
        self._scroll.to(0)
        self._is_new = True

    def _reveal(self) -> None:
        self._scroll.reveal(self.chosen * self._row, (self.chosen + 1) * self._row)

    @property
    def _first(self) -> int:
        """The uppermost line in sight: the list moves line by line."""
        return round(self._scroll.offset / self._row)

    def _at(self, position: tuple[int, int]) -> int | None:
        if not self._scroll.view.collidepoint(position):
            return None
        index = self._first + (position[1] - self._scroll.view.y) // self._row
        return index if 0 <= index < len(self.items) else None

    def handle(self, event: pygame.Event) -> bool:
        """True when another line has been chosen, or the same one twice (``double_clicked``)."""
        self.double_clicked = False
        if self._scroll.handle(event)[0]:
            return False
        if event.type == pygame.MOUSEMOTION:
            self.hovered = self._at(event.pos)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            index = self._at(event.pos)
            if index is not None:
                now = pygame.time.get_ticks()
                self.double_clicked = self._last_click[0] == index and now - self._last_click[1] < 400
                self._last_click = (index, now)
                self.chosen, self.focused = index, True
                return True
        elif event.type == pygame.KEYDOWN and self.focused and event.key in _STEPS and self.items:
            before = self.chosen
            self.chosen = min(max(self.chosen + _STEPS[event.key], 0), len(self.items) - 1)
            self._reveal()
            return self.chosen != before
        return False

    def draw(self, canvas: Canvas) -> None:
        """Draw the lines in sight."""
        theme, px = canvas.theme, canvas.px
        canvas.box(self.rect, theme.sunken, theme.accent if self.focused else theme.card_edge, 8)
        view = self.rect.inflate(-2 * px(4), -2 * px(4))
        # Whole rows, as near to the usual height as the box allows: none is cut through.
        self._row = view.height // max(round(view.height / px(self.row)), 1)
        view.height -= view.height % self._row
        self._scroll.lay_out(canvas, view, self._row * len(self.items))
        if self._is_new:
            self._is_new = False
            self._reveal()
        if not self.items:
            canvas.text(self.empty, view, 14, theme.muted, align="center")
            return
        clip = canvas.surface.get_clip()
        canvas.surface.set_clip(view)
        for index in range(self._first, min(self._first + view.height // self._row, len(self.items))):
            y = view.y + (index - self._first) * self._row
            self._draw_row(canvas, pygame.Rect(view.x, y, view.width - px(8), self._row), index)
        canvas.surface.set_clip(clip)
        self._scroll.draw_thumb(canvas)

    def _draw_row(self, canvas: Canvas, rect: pygame.Rect, index: int) -> None:
        theme, px, item = canvas.theme, canvas.px, self.items[index]
        if index == self.chosen:
            canvas.box(rect.inflate(0, -2), mix(theme.card, theme.accent, 0.22), theme.accent, 5)
        elif index == self.hovered:
            canvas.box(rect.inflate(0, -2), theme.hover, theme.hover, 5)
        x = rect.x + px(8)
        if item.icon:
            canvas.icon(item.icon, (x + px(9), rect.centery), 17, theme.muted)
            x += px(26)
        right = rect.right - px(8)
        if item.note:
            room = max(rect.width // 2, right - x - px(12) - canvas.text_width(item.text, 14.5))
            width = min(canvas.text_width(item.note, 12.5), room)
            canvas.text(item.note, pygame.Rect(right - width, rect.y, width, rect.height), 12.5, theme.muted)
            right -= width + px(12)
        canvas.text(item.text, pygame.Rect(x, rect.y, right - x, rect.height), 14.5)
