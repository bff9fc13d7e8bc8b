"""A box that is ticked or not, with its words beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pygame

from .canvas import Canvas


@dataclass
class Checkbox:
    """A click anywhere on it, or Space while it has the focus, ticks the box and clears it again."""

    label: str = ""
    checked: bool = False
    rect: pygame.Rect = field(default_factory=lambda: pygame.Rect(0, 0, 0, 0))
    focused: bool = False
    hovered: bool = False

    def handle(self, event: pygame.Event) -> bool:
        """True when the box has changed."""
        if event.type == pygame.MOUSEMOTION:
            self.hovered = self.rect.collidepoint(event.pos)
            return False
        clicked = event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and self.rect.collidepoint(event.pos)
        pressed = event.type == pygame.KEYDOWN and self.focused and event.key == pygame.K_SPACE
        if clicked or pressed:
            self.checked = not self.checked
        return clicked or pressed

    def draw(self, canvas: Canvas) -> None:
        """Draw the box and its words."""
        theme, px = canvas.theme, canvas.px
        box = pygame.Rect(self.rect.x + px(2), 0, px(20), px(20))
        box.centery = self.rect.centery
        edge = theme.accent if self.focused or self.checked else theme.card_edge
        canvas.box(box, theme.hover if self.hovered else theme.sunken, edge, 5)
        if self.checked:
            x, y, size = box.x, box.y, box.width
            corners = ((0.22, 0.52), (0.42, 0.72), (0.78, 0.28))
            points = [(x + round(a * size), y + round(b * size)) for a, b in corners]
            pygame.draw.lines(canvas.surface, theme.accent, False, points, max(2, px(2.5)))
        left = box.right + px(10)
        canvas.text(self.label, pygame.Rect(left, self.rect.y, self.rect.right - left, self.rect.height), 14)
