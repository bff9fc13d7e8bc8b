"""Smooth shapes: discs, rings, shadows and arrows with exact or supersampled edges."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pygame

from ..state.theme import Color

FloatImage = npt.NDArray[np.floating[Any]]

_SUPERSAMPLING: Final = 4


def radius_map(size: int, centre: tuple[float, float] | None = None) -> FloatImage:
    """(size, size) distance of every pixel's centre from a point, by default the middle."""
    x0, y0 = centre or (size / 2, size / 2)
    x = np.arange(size, dtype=np.float32) + 0.5 - x0
    y = np.arange(size, dtype=np.float32) + 0.5 - y0
    distance: FloatImage = np.hypot(x[:, None], y[None, :])
    return distance


def coverage(distance: FloatImage) -> FloatImage:
    """Return how much of a pixel lies inside a shape whose edge is ``distance`` pixels away (positive: inside)."""
    inside: FloatImage = np.clip(distance + 0.5, 0, 1)
    return inside


def from_arrays(color: FloatImage, alpha: FloatImage) -> pygame.Surface:
    """Return a picture from (w, h, 3) or (3,) colours 0..255 and (w, h) opacity 0..1."""
    picture = pygame.Surface(alpha.shape, pygame.SRCALPHA)
    pixels = pygame.surfarray.pixels3d(picture)
    pixels[...] = np.clip(color, 0, 255)
    del pixels
    opacity = pygame.surfarray.pixels_alpha(picture)
    opacity[...] = np.rint(np.clip(alpha, 0, 1) * 255)
    del opacity
    return picture


@lru_cache(maxsize=256)
def disc(diameter: float, color: Color, alpha: float = 1.0) -> pygame.Surface:
    """Return a filled circle."""
    size = math.ceil(diameter) + 2
    inside = coverage(diameter / 2 - radius_map(size))
    return from_arrays(np.array(color, np.float32), inside * alpha)


@lru_cache(maxsize=256)
def ring(diameter: float, width: float, color: Color, alpha: float = 1.0) -> pygame.Surface:
    """Return a circle's outline; ``diameter`` is measured to its outer edge."""
    size = math.ceil(diameter) + 2
    distance = radius_map(size)
    inside = np.minimum(coverage(diameter / 2 - distance), coverage(distance - (diameter / 2 - width)))
    return from_arrays(np.array(color, np.float32), inside * alpha)


@lru_cache(maxsize=64)
def glow(diameter: float, color: Color, alpha: float = 1.0) -> pygame.Surface:
    """Return a disc that fades from its middle to nothing at its edge."""
    size = math.ceil(diameter) + 2
    fade = np.clip(1 - radius_map(size) / (diameter / 2), 0, 1)
    smooth = fade * fade * (3 - 2 * fade) * alpha
    return from_arrays(np.array(color, np.float32), smooth.astype(np.float32))


@lru_cache(maxsize=64)
def corners(size: int, length: float, width: float, color: Color, radius: float) -> pygame.Surface:
    """Return the four rounded corners of a square frame: the mark of a square that a piece left or reached."""
    scale = _SUPERSAMPLING
    big = pygame.Surface((size * scale, size * scale), pygame.SRCALPHA)
    whole = big.get_rect()
    pygame.draw.rect(big, color, whole, round(width * scale), border_radius=round(radius * scale))
    gap = round(length * scale)
    clear = (0, 0, 0, 0)
    big.fill(clear, (gap, 0, whole.width - 2 * gap, whole.height))
    big.fill(clear, (0, gap, whole.width, whole.height - 2 * gap))
    return pygame.transform.smoothscale(big, (size, size))


def rounded(width: int, height: int, radius: int, fill: Color | None, edge: Color | None) -> pygame.Surface:
    """Return a picture of a rounded box with a one-pixel edge."""
    side = 2 * (radius + 2) + 1
    if width <= side or height <= side:
        return _rounded_exactly(width, height, radius, fill, edge)
    picture = pygame.Surface((width, height), pygame.SRCALPHA)
    draw_rounded(picture, picture.get_rect(), radius, fill, edge)
    return picture


def draw_rounded(
    surface: pygame.Surface, rect: pygame.Rect, radius: int, fill: Color | None, edge: Color | None
) -> None:
    """Draw a rounded box with a one-pixel edge.

    Only its corners come from a picture that is kept: pictures of whole boxes would pile up, as large as the window,
    while it is being resized.
    """
    corner = radius + 2
    side = 2 * corner + 1
    if rect.width <= side or rect.height <= side:
        surface.blit(_rounded_exactly(rect.width, rect.height, radius, fill, edge), rect)
        return
    small = _rounded_exactly(side, side, radius, fill, edge)
    for source_x, x in ((0, rect.x), (corner + 1, rect.right - corner)):
        for source_y, y in ((0, rect.y), (corner + 1, rect.bottom - corner)):
            surface.blit(small, (x, y), (source_x, source_y, corner, corner))
    wide, high = rect.width - 2 * corner, rect.height - 2 * corner
    if fill is not None:
        surface.fill(fill, (rect.x + corner, rect.y, wide, rect.height))
        surface.fill(fill, (rect.x, rect.y + corner, rect.width, high))
    if edge is not None:
        for y in (rect.y, rect.bottom - 1):
            surface.fill(edge, (rect.x + corner, y, wide, 1))
        for x in (rect.x, rect.right - 1):
            surface.fill(edge, (x, rect.y + corner, 1, high))


@lru_cache(maxsize=192)
def _rounded_exactly(width: int, height: int, radius: int, fill: Color | None, edge: Color | None) -> pygame.Surface:
    x = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2)[:, None] - (width / 2 - radius)
    y = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2)[None, :] - (height / 2 - radius)
    distance = radius - np.hypot(np.maximum(x, 0), np.maximum(y, 0)) - np.minimum(np.maximum(x, y), 0)
    shape = coverage(distance)
    if edge is None:
        return from_arrays(np.array(fill or (0, 0, 0), np.float32), shape)
    inner = coverage(distance - 1)[..., None]
    colors = np.array(edge, np.float32) * (1 - inner) + np.array(fill or edge, np.float32) * inner
    return from_arrays(colors, shape if fill is not None else shape * (1 - inner[..., 0]))


@lru_cache(maxsize=3)  # as large as the board: a window being resized must not pile them up
def soft_shadow(width: int, height: int, radius: int, blur: int, strength: float) -> pygame.Surface:
    """Return the shadow of a rounded box: ``blur`` pixels wider on every side."""
    w, h = width + 2 * blur, height + 2 * blur
    x = np.abs(np.arange(w, dtype=np.float32) + 0.5 - w / 2)[:, None] - (width / 2 - radius)
    y = np.abs(np.arange(h, dtype=np.float32) + 0.5 - h / 2)[None, :] - (height / 2 - radius)
    outside = np.hypot(np.maximum(x, 0), np.maximum(y, 0)) + np.minimum(np.maximum(x, y), 0) - radius
    fade = np.clip(0.5 - outside / (2 * blur), 0, 1)
    return from_arrays(np.zeros(3, np.float32), (fade * fade * strength).astype(np.float32))


@lru_cache(maxsize=12)  # up to as large as the board
def arrow(dx: int, dy: int, width: float, head: float, color: Color, alpha: float) -> tuple[pygame.Surface, int, int]:
    """An arrow from (0, 0) to (dx, dy): its picture and where the picture's corner lies relative to its start."""
    length = math.hypot(dx, dy)
    ux, uy = dx / length, dy / length
    pad = math.ceil(max(width, head)) + 2
    left, top = min(0, dx) - pad, min(0, dy) - pad
    size = (abs(dx) + 2 * pad, abs(dy) + 2 * pad)
    scale = _SUPERSAMPLING

    def at(along: float, across: float) -> tuple[float, float]:
        return ((along * ux - across * uy - left) * scale, (along * uy + across * ux - top) * scale)

    neck = max(length - head, length * 0.3)
    outline = [at(0, -width / 2), at(neck, -width / 2), at(neck, -head * 0.55), at(length, 0)]
    outline += [at(neck, head * 0.55), at(neck, width / 2), at(0, width / 2)]
    big = pygame.Surface((size[0] * scale, size[1] * scale), pygame.SRCALPHA)
    big.fill((*color, 0))
    pygame.draw.polygon(big, (*color, round(255 * alpha)), outline)
    pygame.draw.circle(big, (*color, round(255 * alpha)), at(0, 0), width / 2 * scale)
    return pygame.transform.smoothscale(big, size), left, top
