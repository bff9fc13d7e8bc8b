"""What every view draws with: a surface, the theme, the fonts and the size of a unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import pygame

from ..i18n.texts import Texts
from ..state.theme import Color, Theme
from . import shapes
from .fonts import Fonts
from .icons import icon

#: How far the characters' middle lies below the middle of their line, in font sizes.
_RISE: Final = 0.06


@dataclass
class Canvas:
    """A surface to draw on. Views give lengths in units; ``px`` turns them into pixels."""

    surface: pygame.Surface
    theme: Theme
    fonts: Fonts
    texts: Texts
    scale: float
    explained: list[tuple[pygame.Rect, str]] = field(default_factory=list)  #: places, and what is said at the pointer

    def explain(self, rect: pygame.Rect, text: str) -> None:
        """Say something when the pointer rests on a place."""
        self.explained.append((rect, text))

    def px(self, units: float) -> int:
        """Pixels of a length in units, at least 1 for a positive one."""
        return max(1, round(units * self.scale)) if units > 0 else round(units * self.scale)

    def box(self, rect: pygame.Rect, fill: Color | None, edge: Color | None = None, radius: float = 8) -> None:
        """A rounded box."""
        corner = min(self.px(radius), rect.width // 2, rect.height // 2)
        shapes.draw_rounded(self.surface, rect, corner, fill, edge)

    def shadow(self, rect: pygame.Rect, radius: float = 10, blur: float = 18) -> None:
        """The shadow of a box that lies above the rest."""
        soft = self.px(blur)
        picture = shapes.soft_shadow(rect.width, rect.height, self.px(radius), soft, self.theme.shadow_strength)
        self.surface.blit(picture, (rect.x - soft, rect.y - soft + soft // 3))

    def text(
        self,
        text: str,
        rect: pygame.Rect,
        size: float,
        color: Color | None = None,
        *,
        align: str = "left",
        face: str = "regular",
    ) -> int:
        """One line in the middle of a box's height, shortened where it is too wide; returns the width drawn."""
        pixels = self.px(size)
        fitted = self.fonts.fit(text, face, pixels, rect.width)
        picture = self.fonts.render(fitted, face, pixels, color or self.theme.text)
        x = {"left": rect.x, "center": rect.centerx - picture.width // 2, "right": rect.right - picture.width}[align]
        # The font's line leaves more room above its characters than below: this brings their middle to the box's.
        self.surface.blit(picture, (x, rect.centery - picture.height // 2 - round(pixels * _RISE)))
        return picture.width

    def text_width(self, text: str, size: float, face: str = "regular") -> int:
        """Return how wide a line would be."""
        return self.fonts.width(text, face, self.px(size))

    def icon(self, name: str, centre: tuple[int, int], size: float, color: Color | None = None) -> None:
        """A picture around a point."""
        pixels = self.px(size)
        picture = icon(name, pixels, color or self.theme.text)
        self.surface.blit(picture, (centre[0] - pixels // 2, centre[1] - pixels // 2))
