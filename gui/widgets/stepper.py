"""A value between two arrows: a choice among more than fit beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pygame

from .canvas import Canvas

_STEPS: Final = {pygame.K_LEFT: -1, pygame.K_DOWN: -1, pygame.K_RIGHT: 1, pygame.K_UP: 1}


@dataclass
class Stepper:
    """One of some words is shown, in their order; it stops at either end."""

    options: Sequence[str]
    chosen: int = 0
    rect: pygame.Rect = field(default_factory=lambda: pygame.Rect(0, 0, 0, 0))
    focused: bool = False
    hovered: int = 0

    @property
    def _arrow(self) -> int:
        """How wide an arrow's place is."""
        return round(self.rect.height * 0.68)

    def _side(self, position: tuple[int, int]) -> int:
        """-1 or 1 on an arrow, 0 elsewhere; the value itself belongs to the arrow on the right."""
        if not self.rect.collidepoint(position):
            return 0
        return -1 if position[0] < self.rect.x + self._arrow else 1

    def handle(self, event: pygame.Event) -> bool:
        """True when another value has been chosen."""
        step = 0
        if event.type == pygame.MOUSEMOTION:
            self.hovered = self._side(event.pos)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            step = self._side(event.pos)
            self.focused = bool(step)
        elif event.type == pygame.MOUSEWHEEL and self.rect.collidepoint(event.pos):
            step = 1 if event.y > 0 else -1
        elif event.type == pygame.KEYDOWN and self.focused:
            step = _STEPS.get(event.key, 0)
        before = self.chosen
        self.chosen = min(max(self.chosen + step, 0), len(self.options) - 1)
        return self.chosen != before

    def draw(self, canvas: Canvas, size: float = 14) -> None:
        """Draw the arrows and the value between them."""
        theme = canvas.theme
        canvas.box(self.rect, theme.sunken, theme.accent if self.focused else theme.card_edge, 8)
        width = self._arrow
        ends = (
            (-1, "back", self.rect.x, self.chosen > 0),
            (1, "forward", self.rect.right - width, self.chosen < len(self.options) - 1),
        )
        for side, icon, x, possible in ends:
            cell = pygame.Rect(x, self.rect.y, width, self.rect.height).inflate(-2 * canvas.px(3), -2 * canvas.px(3))
            if possible and self.hovered == side:
                canvas.box(cell, theme.hover, theme.hover, 6)
            canvas.icon(icon, cell.center, 15, theme.text if possible else theme.card_edge)
        inner = self.rect.inflate(-2 * width, 0)
        canvas.text(self.options[self.chosen], inner, size, align="center")
