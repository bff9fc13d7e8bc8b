"""A line of text to type in, as on any desktop: selection, clipboard, word steps, undo, input methods."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import pygame

from ..state.theme import mix
from .canvas import Canvas

_DOUBLE_CLICK: Final = 400  #: milliseconds
_MOST_UNDONE: Final = 100
_WORD: Final = re.compile(r"\w+|[^\w\s]+")


@dataclass
class TextField:
    """Text with a cursor; what lies between it and the ``anchor`` is selected. Text it opens with is selected."""

    text: str = ""
    rect: pygame.Rect = field(default_factory=lambda: pygame.Rect(0, 0, 0, 0))
    focused: bool = False
    cursor: int = 0
    anchor: int = 0
    composing: str = ""
    _edges: list[int] = field(default_factory=lambda: [0])  #: where each character begins on the screen, and the end
    _dragging: bool = False
    _last_click: tuple[int, int] = (-1, -10_000)
    _before: list[tuple[str, int]] = field(default_factory=list)
    _after: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cursor, self.anchor = len(self.text), 0

    @property
    def selection(self) -> tuple[int, int]:
        """Where the selected text begins and ends; the same place where nothing is selected."""
        return min(self.cursor, self.anchor), max(self.cursor, self.anchor)

    def set_text(self, text: str) -> None:
        """Show another text, with the cursor behind it and nothing selected."""
        self.text = text
        self.cursor = self.anchor = len(text)
        self._before.clear()
        self._after.clear()

    def select_all(self) -> None:
        """Select the whole text, so that typing replaces it."""
        self.anchor, self.cursor = 0, len(self.text)

    # --- input

    def handle(self, event: pygame.Event) -> bool:
        """True when the text has changed."""
        before = self.text
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and self.rect.collidepoint(event.pos):
            self._press(event.pos)
        elif event.type == pygame.MOUSEMOTION and self._dragging:
            self.cursor = self._place_at(event.pos[0])
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            self._dragging = False
        elif not self.focused:
            return False
        elif event.type == pygame.TEXTINPUT:
            self._insert(event.text)
            self.composing = ""
        elif event.type == pygame.TEXTEDITING:
            self.composing = event.text
        elif event.type == pygame.KEYDOWN and not self.composing:
            self._key(event)
        return self.text != before

    def _press(self, position: tuple[int, int]) -> None:
        self.focused, place, now = True, self._place_at(position[0]), pygame.time.get_ticks()
        if self._last_click[0] == place and now - self._last_click[1] < _DOUBLE_CLICK:
            words = [word for word in _WORD.finditer(self.text) if word.start() <= place <= word.end()]
            self.anchor, self.cursor = words[-1].span() if words else (0, len(self.text))
            self._last_click = (-1, -_DOUBLE_CLICK)
            return
        self._last_click = (place, now)
        self.cursor, self._dragging = place, True
        if not pygame.key.get_mods() & pygame.KMOD_SHIFT:
            self.anchor = place

    def _place_at(self, x: int) -> int:
        """The place between two characters that is nearest to a point of the screen."""
        return min(range(len(self._edges)), key=lambda place: abs(self._edges[place] - x))

    def _change(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of a part; every change goes this way, so that it can be undone."""
        self._before = [*self._before[-_MOST_UNDONE:], (self.text, self.cursor)]
        self._after.clear()
        self.text = self.text[:start] + text + self.text[end:]
        self.cursor = self.anchor = start + len(text)

    def _insert(self, text: str) -> None:
        clean = "".join(character for character in text if character.isprintable())
        if clean:
            self._change(*self.selection, clean)

    def _delete(self, to: int) -> None:
        """Delete what is selected, or else what lies between the cursor and a place."""
        start, end = self.selection
        if start == end:
            start, end = min(self.cursor, to), max(self.cursor, to)
        if start != end:
            self._change(start, end, "")

    def _word_left(self) -> int:
        return max((word.start() for word in _WORD.finditer(self.text) if word.start() < self.cursor), default=0)

    def _word_right(self) -> int:
        ends = (word.end() for word in _WORD.finditer(self.text) if word.end() > self.cursor)
        return min(ends, default=len(self.text))

    def _key(self, event: pygame.Event) -> None:
        control = bool(event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META | pygame.KMOD_ALT))
        left = self._word_left() if control else max(self.cursor - 1, 0)
        right = self._word_right() if control else min(self.cursor + 1, len(self.text))
        steps = {pygame.K_LEFT: left, pygame.K_RIGHT: right, pygame.K_HOME: 0, pygame.K_END: len(self.text)}
        if event.key in steps:
            self._step(event.key, steps[event.key], extend=bool(event.mod & pygame.KMOD_SHIFT), word=control)
        elif event.key == pygame.K_BACKSPACE:
            self._delete(left)
        elif event.key == pygame.K_DELETE and not event.mod & pygame.KMOD_SHIFT:
            self._delete(right)
        elif event.key == pygame.K_INSERT or (event.key == pygame.K_DELETE and event.mod & pygame.KMOD_SHIFT):
            self._clipboard(pygame.K_v if event.key == pygame.K_INSERT and not control else pygame.K_x)
        elif control and event.key == pygame.K_a:
            self.select_all()
        elif control and event.key in (pygame.K_c, pygame.K_x, pygame.K_v):
            self._clipboard(event.key)
        elif control and event.key == pygame.K_u:
            self._change(0, self.cursor, "")
        elif control and event.key == pygame.K_z:
            self._undo(redo=bool(event.mod & pygame.KMOD_SHIFT))
        elif control and event.key == pygame.K_y:
            self._undo(redo=True)

    def _step(self, key: int, to: int, *, extend: bool, word: bool) -> None:
        start, end = self.selection
        if not extend and start != end and key in (pygame.K_LEFT, pygame.K_RIGHT) and not word:
            to = start if key == pygame.K_LEFT else end
        self.cursor = to
        if not extend:
            self.anchor = to

    def _clipboard(self, key: int) -> None:
        start, end = self.selection
        try:
            if key == pygame.K_v:
                self._insert(pygame.scrap.get_text())
            elif start != end:
                pygame.scrap.put_text(self.text[start:end])
                if key == pygame.K_x:
                    self._change(start, end, "")
        except pygame.error:
            return

    def _undo(self, *, redo: bool) -> None:
        taken, kept = (self._after, self._before) if redo else (self._before, self._after)
        if taken:
            kept.append((self.text, self.cursor))
            self.text, self.cursor = taken.pop()
            self.anchor = self.cursor

    # --- drawing

    def draw(self, canvas: Canvas, size: float = 16) -> None:
        """Draw the line; a text too long for it scrolls so that the cursor stays in sight."""
        theme, pixels = canvas.theme, canvas.px(size)
        canvas.box(self.rect, theme.sunken, theme.accent if self.focused else theme.card_edge, 8)
        inner = self.rect.inflate(-canvas.px(20), -canvas.px(8))
        before = self.text[: self.cursor] + self.composing

        def width(text: str) -> int:
            return canvas.fonts.width(text, "regular", pixels)

        offset = max(0, width(before) - inner.width + 2)
        left = inner.x - offset
        self._edges = [left + width(self.text[:place]) for place in range(len(self.text) + 1)]
        whole = before + self.text[self.cursor :]
        clip = canvas.surface.get_clip()
        canvas.surface.set_clip(inner)
        start, end = self.selection
        high = pygame.Rect(0, inner.centery - pixels * 5 // 8, max(1, canvas.px(1.5)), pixels * 5 // 4)
        if self.focused and start != end and not self.composing:
            lit = pygame.Rect(self._edges[start], high.y, self._edges[end] - self._edges[start], high.height)
            canvas.surface.fill(mix(theme.sunken, theme.accent, 0.4), lit)
        if whole:
            picture = canvas.fonts.render(whole, "regular", pixels, theme.text)
            canvas.surface.blit(picture, (left, inner.centery - picture.get_height() // 2))
        if self.composing:
            begin = left + width(self.text[: self.cursor])
            canvas.surface.fill(theme.muted, (begin, high.bottom - 1, left + width(before) - begin, 1))
        if self.focused:
            canvas.surface.fill(theme.accent, high.move(left + width(before), 0))
        canvas.surface.set_clip(clip)
