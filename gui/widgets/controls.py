"""The controls: buttons, and choices between a few words. They draw themselves and report clicks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import pygame

from ..state.theme import mix
from .canvas import Canvas


@dataclass
class Button:
    """A button with a word, a picture, or both. ``rect`` is set by whoever lays it out."""

    label: str = ""
    icon: str = ""
    primary: bool = False
    danger: bool = False
    rect: pygame.Rect = field(default_factory=lambda: pygame.Rect(0, 0, 0, 0))
    enabled: bool = True
    active: bool = False
    focused: bool = False
    hovered: bool = False
    pressed: bool = False

    def handle(self, event: pygame.Event) -> bool:
        """True when the button has been clicked (or triggered by a key while it has the focus)."""
        if event.type == pygame.MOUSEMOTION:
            self.hovered = self.rect.collidepoint(event.pos)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self.pressed = self.enabled and self.rect.collidepoint(event.pos)
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            clicked = self.pressed and self.rect.collidepoint(event.pos)
            self.pressed = False
            return clicked
        elif event.type == pygame.KEYDOWN and self.focused and self.enabled:
            return event.key in (pygame.K_SPACE, pygame.K_RETURN, pygame.K_KP_ENTER)
        return False

    def draw(self, canvas: Canvas, *, flat: bool = False) -> None:
        """``flat``: no box around it until the pointer is there."""
        theme = canvas.theme
        hot = self.hovered and self.enabled
        ink = theme.text if self.enabled else mix(theme.muted, theme.card, 0.55)
        if self.primary:
            fill = mix(theme.accent, theme.text, 0.14) if hot else theme.accent
            canvas.box(self.rect, fill, fill, 8)
            ink = theme.on_accent
        elif self.danger:
            fill = mix(theme.danger, theme.text, 0.14) if hot else theme.danger
            canvas.box(self.rect, fill, fill, 8)
            ink = (255, 250, 246) if theme.name == "light" else (38, 14, 10)
        elif not flat or hot or self.active:
            fill = theme.hover if hot else theme.card
            edge = theme.accent if self.active else theme.card_edge
            canvas.box(self.rect, fill if not self.active else mix(fill, theme.accent, 0.14), edge, 8)
        if self.active and not self.primary:
            ink = theme.accent
        if self.focused:
            canvas.box(
                self.rect.inflate(canvas.px(4), canvas.px(4)), None, theme.text if self.primary else theme.accent, 10
            )
        self._draw_face(canvas, ink)

    def _draw_face(self, canvas: Canvas, ink: tuple[int, int, int]) -> None:
        if self.icon and self.label:
            canvas.icon(self.icon, (self.rect.centerx, self.rect.y + round(self.rect.height * 0.36)), 19, ink)
            line = pygame.Rect(self.rect.x + 2, 0, self.rect.width - 4, canvas.px(18))
            line.centery = self.rect.y + round(self.rect.height * 0.745)
            canvas.text(self.label, line, 12.5, ink, align="center")
        elif self.icon:
            canvas.icon(self.icon, self.rect.center, min(20, self.rect.height / canvas.scale * 0.66), ink)
        else:
            inner = self.rect.inflate(-canvas.px(12), 0)
            canvas.text(
                self.label, inner, 15, ink, align="center", face="bold" if self.primary or self.danger else "regular"
            )


@dataclass
class Segments:
    """A few words of which one is chosen."""

    options: Sequence[str]
    chosen: int = 0
    rect: pygame.Rect = field(default_factory=lambda: pygame.Rect(0, 0, 0, 0))
    focused: bool = False
    hovered: int | None = None
    shares: Sequence[int] = ()  #: how wide each word's place is compared with the others; equal if empty

    def _cells(self) -> list[pygame.Rect]:
        shares = self.shares or [1] * len(self.options)
        ends = [0, *itertools.accumulate(shares)]
        edges = [self.rect.x + self.rect.width * end // ends[-1] for end in ends]
        return [pygame.Rect(a, self.rect.y, b - a, self.rect.height) for a, b in itertools.pairwise(edges)]

    def handle(self, event: pygame.Event) -> bool:
        """True when another word has been chosen."""
        before = self.chosen
        if event.type == pygame.MOUSEMOTION:
            self.hovered = next((i for i, cell in enumerate(self._cells()) if cell.collidepoint(event.pos)), None)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self.chosen = next((i for i, c in enumerate(self._cells()) if c.collidepoint(event.pos)), self.chosen)
        elif event.type == pygame.KEYDOWN and self.focused:
            step = {pygame.K_LEFT: -1, pygame.K_RIGHT: 1}.get(event.key, 0)
            self.chosen = (self.chosen + step) % len(self.options)
        return self.chosen != before

    def draw(self, canvas: Canvas, size: float = 14) -> None:
        """Draw the words beside each other."""
        theme = canvas.theme
        canvas.box(self.rect, theme.sunken, theme.accent if self.focused else theme.card_edge, 8)
        for i, (option, cell) in enumerate(zip(self.options, self._cells(), strict=True)):
            inner = cell.inflate(-2 * canvas.px(3), -2 * canvas.px(3))
            if i == self.chosen:
                canvas.box(inner, theme.accent, theme.accent, 6)
            elif i == self.hovered:
                canvas.box(inner, theme.hover, theme.hover, 6)
            ink = theme.on_accent if i == self.chosen else theme.text
            canvas.text(option, inner, size, ink, align="center", face="bold" if i == self.chosen else "regular")
