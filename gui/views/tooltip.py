"""What a button does, in a box at the pointer once it has rested there."""

from __future__ import annotations

from typing import Final

import pygame

from ..widgets.canvas import Canvas

#: How long the pointer rests before the box appears, in seconds.
DELAY: Final = 0.5
_WIDEST: Final = 300


class Tooltip:
    """Follows the pointer from button to button; a click closes it until another button is pointed at."""

    def __init__(self) -> None:
        self._text = ""
        self._due: float | None = None
        self._position = (0, 0)
        self._is_shown = False

    @property
    def text(self) -> str:
        """What is shown; empty where nothing is."""
        return self._text if self._is_shown else ""

    def point(self, text: str, position: tuple[int, int], now: float) -> bool:
        """Take in what explains the button under the pointer ("" for none); return whether that looks different."""
        if text == self._text:
            if not self._is_shown:
                self._position = position
            return False
        was_shown, self._is_shown = self._is_shown, False
        self._text, self._position = text, position
        self._due = now + DELAY if text else None
        return was_shown

    def close(self) -> bool:
        """Go away until another button is pointed at; whether that looks different."""
        was_shown, self._is_shown, self._due = self._is_shown, False, None
        return was_shown

    def wake_at(self) -> float | None:
        """Return when the box appears; None when none will."""
        return self._due

    def tick(self, now: float) -> bool:
        """Appear if it is time; whether that looks different."""
        if self._due is None or now < self._due:
            return False
        self._due, self._is_shown = None, True
        return True

    def draw(self, canvas: Canvas) -> None:
        """Draw the box below the pointer, inside the window."""
        if not self._is_shown:
            return
        px, size = canvas.px, 13
        lines = canvas.fonts.wrap(self._text, "regular", px(size), px(_WIDEST))
        width = max(canvas.text_width(line, size) for line in lines) + px(20)
        box = pygame.Rect(self._position[0], self._position[1] + px(20), width, len(lines) * px(19) + px(10))
        if box.bottom > canvas.surface.get_height():
            box.bottom = self._position[1] - px(6)
        box.clamp_ip(canvas.surface.get_rect())
        canvas.shadow(box, 6, 10)
        canvas.box(box, canvas.theme.card, canvas.theme.muted, 6)
        for index, line in enumerate(lines):
            canvas.text(line, pygame.Rect(box.x + px(10), box.y + px(5) + index * px(19), width, px(19)), size)
