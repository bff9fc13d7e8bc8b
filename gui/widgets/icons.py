"""The pictures on buttons, as strokes on a grid of 24 units."""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from typing import Final

import pygame

from ..state.theme import Color

Point = tuple[float, float]
Stroke = tuple[Point, ...]

_GRID: Final = 24
_WIDTH: Final = 1.9
_SUPERSAMPLING: Final = 6


def _arc(x: float, y: float, radius: float, start: float, end: float, steps: int = 28) -> Stroke:
    """Part of a circle, angles in degrees, clockwise on the screen from the right."""
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return tuple((x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles)


def _box(left: float, top: float, right: float, bottom: float) -> Stroke:
    return ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))


_ICONS: Final[dict[str, tuple[Stroke, ...]]] = {
    "new": (((12, 5), (12, 19)), ((5, 12), (19, 12))),
    "undo": (((8.5, 4.5), (4.5, 8.5), (8.5, 12.5)), ((4.5, 8.5), (14, 8.5), *_arc(14, 13.5, 5, -90, 90), (8, 18.5))),
    "redo": (
        ((15.5, 4.5), (19.5, 8.5), (15.5, 12.5)),
        ((19.5, 8.5), (10, 8.5), *_arc(10, 13.5, 5, -90, -270), (16, 18.5)),
    ),
    "hint": (
        (*_arc(12, 9.6, 5.8, 130, 410), (14.6, 17), (9.4, 17), _arc(12, 9.6, 5.8, 130, 131)[0]),
        ((10, 20.5), (14, 20.5)),
    ),
    "flip": (
        ((7.5, 20), (7.5, 4.5)),
        ((3.8, 8.2), (7.5, 4.5), (11.2, 8.2)),
        ((16.5, 4), (16.5, 19.5)),
        ((12.8, 15.8), (16.5, 19.5), (20.2, 15.8)),
    ),
    "ideas": (
        (*_arc(12, 17.2, 11, -145, -35), *_arc(12, 6.8, 11, 35, 145), _arc(12, 17.2, 11, -145, -144)[0]),
        _arc(12, 12, 2.8, 0, 360),
    ),
    "resign": (((6, 21), (6, 3.5)), ((6, 4.5), (18.5, 4.5), (15.5, 8.8), (18.5, 13), (6, 13))),
    "settings": (
        _arc(12, 12, 3, 0, 360),
        _arc(12, 12, 6.6, 0, 360),
        *(
            (
                (12 + 6.8 * math.cos(math.radians(angle)), 12 + 6.8 * math.sin(math.radians(angle))),
                (12 + 9.4 * math.cos(math.radians(angle)), 12 + 9.4 * math.sin(math.radians(angle))),
            )
            for angle in range(0, 360, 45)
        ),
    ),
    "draw": (((4.5, 9), (19.5, 9)), ((4.5, 15), (19.5, 15))),
    "save": (
        ((12, 3.5), (12, 14.5)),
        ((7.5, 10.3), (12, 14.8), (16.5, 10.3)),
        ((4.5, 16), (4.5, 20), (19.5, 20), (19.5, 16)),
    ),
    "copy": (_box(9, 9, 19.5, 19.5), ((6, 15), (4.5, 15), (4.5, 4.5), (15, 4.5), (15, 6))),
    "paste": (_box(5.5, 5.5, 18.5, 20.5), _box(9.2, 3.2, 14.8, 7), ((9, 12), (15, 12)), ((9, 16), (13, 16))),
    "theme": (_arc(12, 12, 7.6, 0, 360), *(((12 + k, 12 - h), (12 + k, 12 + h)) for k, h in _arc(0, 0, 7, -74, 74, 8))),
    "help": ((*_arc(12, 9.2, 4.2, 180, 400), (12, 13.2), (12, 15)), ((12, 19), (12, 19.2))),
    "first": (((7, 5.5), (7, 18.5)), ((17.5, 5.5), (11, 12), (17.5, 18.5))),
    "back": (((15, 5.5), (8.5, 12), (15, 18.5)),),
    "forward": (((9, 5.5), (15.5, 12), (9, 18.5)),),
    "last": (((17, 5.5), (17, 18.5)), ((6.5, 5.5), (13, 12), (6.5, 18.5))),
    "pause": (((8.5, 5.5), (8.5, 18.5)), ((15.5, 5.5), (15.5, 18.5))),
    "play": (((8, 5), (18.5, 12), (8, 19), (8, 5)),),
    "close": (((6, 6), (18, 18)), ((18, 6), (6, 18))),
    "open": (
        ((3.5, 19), (3.5, 5.5), (9.5, 5.5), (11.5, 8), (18.5, 8), (18.5, 11)),
        ((3.5, 19), (7, 11), (21.5, 11), (18, 19), (3.5, 19)),
    ),
    "menu": tuple(((4, y), (20, y)) for y in (6, 12, 18)),
    "list": tuple(((9, y), (20, y)) for y in (6, 12, 18)) + tuple(((4.5, y), (4.7, y)) for y in (6, 12, 18)),
    "next-mistake": (
        ((4.5, 6.5), (9.5, 12), (4.5, 17.5)),
        (*_arc(16, 8.6, 3.6, 180, 400), (16, 12.2), (16, 14.2)),
        ((16, 18), (16, 18.2)),
    ),
    "previous-mistake": (
        ((9.5, 6.5), (4.5, 12), (9.5, 17.5)),
        (*_arc(16, 8.6, 3.6, 180, 400), (16, 12.2), (16, 14.2)),
        ((16, 18), (16, 18.2)),
    ),
    "guess": (
        _arc(12, 12, 8, 0, 360),
        _arc(12, 12, 3.6, 0, 360),
        ((12, 1.8), (12, 5)),
        ((12, 19), (12, 22.2)),
        ((1.8, 12), (5, 12)),
        ((19, 12), (22.2, 12)),
    ),
    "reply": (((20, 18.5), (20, 13.5), *_arc(16, 13, 4, 0, -90, 8), (4.5, 9)), ((9, 4.5), (4.5, 9), (9, 13.5))),
    "heat": (
        (
            (12, 2.8),
            (16.2, 8.4),
            (18, 13.6),
            (17, 18),
            (14, 20.6),
            (10, 20.6),
            (7, 18),
            (6, 14),
            (8.4, 9.6),
            (10, 12),
            (12, 2.8),
        ),
        _arc(12, 17, 2.2, 0, 360),
    ),
    "promote": (((12, 19.5), (12, 5)), ((6.5, 10.5), (12, 5), (17.5, 10.5))),
    "delete": (
        ((4.5, 7), (19.5, 7)),
        ((9.5, 7), (9.5, 4.2), (14.5, 4.2), (14.5, 7)),
        ((6.5, 7), (7.5, 20), (16.5, 20), (17.5, 7)),
        ((10.5, 11), (10.8, 16.5)),
        ((13.5, 11), (13.2, 16.5)),
    ),
    "engine": (
        _box(6.5, 6.5, 17.5, 17.5),
        *(((x, 3.2), (x, 6.5)) for x in (9.5, 14.5)),
        *(((x, 17.5), (x, 20.8)) for x in (9.5, 14.5)),
        *(((3.2, y), (6.5, y)) for y in (9.5, 14.5)),
        *(((17.5, y), (20.8, y)) for y in (9.5, 14.5)),
    ),
    "start": (
        _box(4, 4, 20, 20),
        ((4, 9.3), (20, 9.3)),
        ((4, 14.7), (20, 14.7)),
        ((9.3, 4), (9.3, 20)),
        ((14.7, 4), (14.7, 20)),
    ),
    "mirror": (
        ((12, 3.5), (12, 20.5)),
        ((9, 7.5), (9, 16.5), (3.5, 16.5), (9, 7.5)),
        ((15, 7.5), (15, 16.5), (20.5, 16.5), (15, 7.5)),
    ),
    "swap": (_arc(9, 9, 5.2, 0, 360), _arc(15, 15, 5.2, -135, 180)),
    "folder": (((3.5, 19), (3.5, 5.5), (9.5, 5.5), (11.5, 8), (20.5, 8), (20.5, 19), (3.5, 19)),),
    "file": (((6, 3.5), (14, 3.5), (18.5, 8), (18.5, 20.5), (6, 20.5), (6, 3.5)), ((14, 3.5), (14, 8), (18.5, 8))),
    "keyboard": (
        _box(3, 6, 21, 18.5),
        *(((x, 10), (x + 0.1, 10)) for x in (6.5, 10.2, 13.8, 17.4)),
        ((8, 14.6), (16, 14.6)),
    ),
}


@lru_cache(maxsize=256)
def icon(name: str, size: int, color: Color) -> pygame.Surface:
    """Return a picture of ``size`` pixels."""
    scale = size * _SUPERSAMPLING / _GRID
    big = pygame.Surface((size * _SUPERSAMPLING,) * 2, pygame.SRCALPHA)
    big.fill((*color, 0))
    radius = _WIDTH * scale / 2
    for stroke in _ICONS[name]:
        points = [(x * scale, y * scale) for x, y in stroke]
        for point in points:
            pygame.draw.circle(big, color, point, radius)
        for a, b in itertools.pairwise(points):
            _thick_line(big, color, a, b, radius)
    return pygame.transform.smoothscale(big, (size, size))


def _thick_line(surface: pygame.Surface, color: Color, a: Point, b: Point, radius: float) -> None:
    length = math.dist(a, b)
    if not length:
        return
    across, along = (b[1] - a[1]) / length * radius, (b[0] - a[0]) / length * radius
    corners = [(a[0] + across, a[1] - along), (b[0] + across, b[1] - along)]
    corners += [(b[0] - across, b[1] + along), (a[0] - across, a[1] + along)]
    pygame.draw.polygon(surface, color, corners)
