"""The pieces: turned wooden discs with a carved character."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import pygame

from xiangqi_gpt.rules.pieces import RED, color_of

from ..state.theme import FACES, Color, Theme, mix
from ..widgets import shapes
from ..widgets.fonts import Fonts

_SUPERSAMPLING: Final = 3
#: The picture of a piece is wider than the piece: its shadow needs room.
_ROOM: Final = 1.3


class PieceArt:
    """Pictures of the pieces in one look; made when first asked for, one size at a time."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._pictures: dict[tuple[int, int, str, str, bool], pygame.Surface] = {}

    def picture(self, piece: int, diameter: int, theme: Theme, faces: str, *, lifted: bool = False) -> pygame.Surface:
        """Return a piece of a diameter in pixels, in the middle of a larger transparent picture."""
        key = (piece, diameter, theme.name, faces, lifted)
        if key not in self._pictures:
            if len(self._pictures) > 200:
                self._pictures.clear()
            self._pictures[key] = self._draw(piece, diameter, theme, faces, lifted)
        return self._pictures[key]

    def _draw(self, piece: int, diameter: int, theme: Theme, faces: str, lifted: bool) -> pygame.Surface:
        picture = _disc(diameter, theme, lifted).copy()
        ink = theme.red if color_of(piece) == RED else theme.black
        size = picture.get_width()
        self._ring(picture, diameter, ink, color_of(piece))
        glyph = self._glyph(FACES[faces][piece], diameter, ink, theme)
        picture.blit(glyph, ((size - glyph.get_width()) // 2, (size - glyph.get_height()) // 2))
        return picture

    def _ring(self, picture: pygame.Surface, diameter: int, ink: Color, color: int) -> None:
        """Red wears two thin rings and Black a single one, so that colour is not the only difference."""
        middle = picture.get_width() / 2
        rings = ((0.86, 0.022), (0.79, 0.014)) if color == RED else ((0.84, 0.034),)
        for outer, width in rings:
            line = shapes.ring(diameter * outer, max(1.0, diameter * width), ink, 0.9)
            picture.blit(line, (round(middle - line.get_width() / 2), round(middle - line.get_height() / 2)))

    def _glyph(self, character: str, diameter: int, ink: Color, theme: Theme) -> pygame.Surface:
        """The character with its carved edge, centred by its ink."""
        scale = _SUPERSAMPLING
        letter = character.isascii()
        font = self._fonts.font("bold" if letter else "piece", round(diameter * (0.54 if letter else 0.64)) * scale)
        box_size = diameter * scale
        big = pygame.Surface((box_size, box_size), pygame.SRCALPHA)
        big.fill((*ink, 0))
        glow = mix(theme.piece_light, (255, 255, 255), 0.4)
        depth = max(1, round(diameter * scale * 0.014))
        for color, shift, opacity in ((glow, depth, 190), (ink, 0, 255)):
            glyph = font.render(character, True, color)
            glyph.set_alpha(opacity)
            bounds = glyph.get_bounding_rect()
            x = box_size // 2 - bounds.centerx + shift
            y = box_size // 2 - bounds.centery + shift
            # Drawn a hair's breadth apart a few times: a brush stroke of a carver's weight.
            bold = 0 if letter else max(1, round(diameter * scale * 0.006))
            for dx, dy in {(-bold, 0), (bold, 0), (0, -bold), (0, bold)}:
                big.blit(glyph, (x + dx, y + dy))
        return pygame.transform.smoothscale(big, (diameter, diameter))


@lru_cache(maxsize=24)
def _disc(diameter: int, theme: Theme, lifted: bool) -> pygame.Surface:
    """The bare disc and its shadow, lit from the upper left."""
    size = 2 * round(diameter * _ROOM / 2)
    radius = diameter / 2
    middle = size / 2
    distance = shapes.radius_map(size)
    body = shapes.coverage(radius - distance)

    away = diameter * (0.07 if lifted else 0.035)
    spread = diameter * (0.16 if lifted else 0.1)
    far = shapes.radius_map(size, (middle + away * 0.8, middle + away * 1.5))
    shadow = np.clip((radius + spread * 0.55 - far) / spread, 0, 1)
    shadow = shadow * shadow * (3 - 2 * shadow) * (0.42 if lifted else 0.5)

    x = (np.arange(size, dtype=np.float32) + 0.5 - middle)[:, None] / radius
    y = (np.arange(size, dtype=np.float32) + 0.5 - middle)[None, :] / radius
    light = -(x * 0.5 + y * 0.86)
    edge = np.clip((distance / radius - 0.885) / 0.115, 0, 1)
    tone = 0.62 + 0.2 * light + edge * light * 0.5 - 0.2 * edge * edge
    groove = np.exp(-(((distance / radius - 0.9) / 0.016) ** 2))
    tone -= 0.16 * groove
    low, high = np.array(theme.piece_dark, np.float32), np.array(theme.piece_light, np.float32)
    colors = low + (high - low) * np.clip(tone, -0.7, 1.15)[..., None]
    rim = shapes.coverage(distance - (radius - max(1.0, diameter * 0.016)))[..., None]
    colors = colors * (1 - rim * 0.8) + np.array(theme.piece_rim, np.float32) * rim * 0.8

    alpha = body + shadow * (1 - body)
    weight = (body / np.maximum(alpha, 1e-6))[..., None]
    return shapes.from_arrays((colors * weight).astype(np.float32), alpha.astype(np.float32))
