"""The empty board: wood, carved lines, river and file numerals."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pygame

from xiangqi_gpt.rules.pieces import FILES, RANKS

from ..state.settings import Settings
from ..state.theme import Color, Theme, mix
from ..widgets import shapes
from ..widgets.canvas import Canvas
from ..widgets.fonts import Fonts
from ..widgets.layout import BoardGeometry

_TEXTURE: Final = (560, 640)
_RED_NUMERALS: Final = "九八七六五四三二一"
_BLACK_NUMERALS: Final = "123456789"
#: In traditional and in simplified script.
_RIVERS: Final = ("楚河漢界", "楚河汉界")
_FILE_LETTERS: Final = "abcdefghi"
#: The smallest cell, in units, beside which numerals can be read.
_READABLE: Final = 36
#: Where pawns and cannons stand at the start: (file, rank).
_MARKED: Final = [(file, rank) for rank in (3, 6) for file in range(0, FILES, 2)] + [
    (f, r) for r in (2, 7) for f in (1, 7)
]


def _stretched(noise: npt.NDArray[np.float64], size: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Coarse noise enlarged to (w, h) by linear interpolation."""
    for axis, length in enumerate(size):
        places = np.linspace(0, noise.shape[axis] - 1, length)
        low = np.minimum(places.astype(int), noise.shape[axis] - 2)
        share = (places - low).reshape((-1, 1) if axis == 0 else (1, -1))
        noise = np.take(noise, low, axis) * (1 - share) + np.take(noise, low + 1, axis) * share
    return noise


@lru_cache(maxsize=4)
def wood(light: Color, dark: Color) -> pygame.Surface:
    """Return a plank with its grain upright, always the same one."""
    random = np.random.Generator(np.random.PCG64(7))
    width, height = _TEXTURE
    drift = _stretched(random.normal(size=(7, 5)), _TEXTURE)
    x = np.arange(width)[:, None] / width
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (9 * x + 0.42 * drift))
    fibres = _stretched(random.normal(size=(width, 9)), _TEXTURE)
    pores = _stretched(random.normal(size=(width, height // 24)), _TEXTURE)
    tone = 0.55 + 0.4 * (rings - 0.5) + 0.11 * fibres - 0.16 * np.clip(pores - 1.1, 0, 2)
    low, high = np.array(dark, float), np.array(light, float)
    colors = low + (high - low) * tone[..., None]
    return shapes.from_arrays(colors.astype(np.float32), np.ones(_TEXTURE, np.float32))


class BoardPicture:
    """The empty board, drawn again only when its size or its look changes."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[object, ...], pygame.Surface] | None = None

    def get(self, canvas: Canvas, geometry: BoardGeometry, settings: Settings) -> pygame.Surface:
        """Return the board as large as ``geometry.rect``."""
        labelled = settings.labels and geometry.cell >= canvas.px(_READABLE)
        key = (
            geometry.rect.size,
            geometry.cell,
            canvas.theme.name,
            settings.flipped,
            settings.notation,
            settings.faces,
            labelled,
        )
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, draw_board(geometry, canvas.theme, canvas.fonts, settings, labelled))
        return self._kept[1]


def draw_board(
    geometry: BoardGeometry, theme: Theme, fonts: Fonts, settings: Settings, labelled: bool
) -> pygame.Surface:
    """Return the board of ``geometry.rect``'s size, corners transparent; ``labelled``: with numerals at its edges."""
    cell, rect = geometry.cell, geometry.rect
    picture = _slab(rect.size, cell, theme)
    grid = geometry.grid.move(-rect.x, -rect.y)
    _lines(picture, grid, cell, theme)
    _river(picture, grid, cell, theme, fonts, _RIVERS[settings.faces == "simplified"])
    if labelled:
        if settings.notation == "iccs":
            _coordinates(picture, grid, cell, theme, fonts, settings.flipped)
        else:
            rows = _file_names(settings)
            _numerals(picture, grid, cell, theme, fonts, rows)
    return picture


def _slab(size: tuple[int, int], cell: int, theme: Theme) -> pygame.Surface:
    radius = round(cell * 0.16)
    plank = pygame.transform.smoothscale(wood(theme.wood_light, theme.wood_dark), size).convert_alpha()
    mask = shapes.rounded(*size, radius, (255, 255, 255), None)
    plank.blit(mask, (0, 0), special_flags=pygame.BLEND_RGBA_MULT)
    # A bevel: a dark rim, a light line inside it, so the slab has thickness.
    for inset, color in enumerate((theme.wood_edge, theme.wood_edge, mix(theme.wood_light, theme.line_glow, 0.6))):
        frame = shapes.rounded(size[0] - 2 * inset, size[1] - 2 * inset, max(radius - inset, 1), None, color)
        plank.blit(frame, (inset, inset))
    return plank


def _lines(picture: pygame.Surface, grid: pygame.Rect, cell: int, theme: Theme) -> None:
    thin = max(1, round(cell / 46))
    thick = max(2, round(cell / 24))
    frame_gap = max(3, round(cell * 0.085))

    outer = grid.inflate(2 * frame_gap, 2 * frame_gap)
    strokes = [((grid.left, grid.y + row * cell), (grid.right, grid.y + row * cell), thin) for row in range(RANKS)]
    for column in range(FILES):
        x = grid.x + column * cell
        # The river cuts every file but the two at the edges.
        ends = ((0, 9),) if column in (0, FILES - 1) else ((0, 4), (5, 9))
        strokes += [((x, grid.y + top * cell), (x, grid.y + bottom * cell), thin) for top, bottom in ends]
    frame = (outer.topleft, outer.topright, outer.bottomright, outer.bottomleft)
    strokes += [(start, end, thick) for start, end in zip(frame, (*frame[1:], frame[0]), strict=True)]
    boxes = [_stroke_box(*stroke) for stroke in strokes]
    glow = mix(theme.wood_light, theme.line_glow, 0.55)
    for box in boxes:
        picture.fill(glow, box.move(1, 1))
    for box in boxes:
        picture.fill(theme.line, box)
    for top in (grid.y, grid.y + 7 * cell):
        _palace(picture, pygame.Rect(grid.x + 3 * cell, top, 2 * cell, 2 * cell), thin, theme)
    for file, rank in _MARKED:
        _position_mark(picture, grid, cell, file, rank, thin, theme.line)


def _stroke_box(start: tuple[int, int], end: tuple[int, int], width: int) -> pygame.Rect:
    x, y = min(start[0], end[0]), min(start[1], end[1])
    box = pygame.Rect(0, 0, abs(end[0] - start[0]) + width, abs(end[1] - start[1]) + width)
    box.topleft = (x - width // 2, y - width // 2)
    return box


def _palace(picture: pygame.Surface, box: pygame.Rect, width: int, theme: Theme) -> None:
    scale = 4
    size = box.width + 8
    big = pygame.Surface((size * scale, size * scale), pygame.SRCALPHA)
    low, high = 4 * scale, (size - 4) * scale
    for shift, color in ((scale, (*mix(theme.wood_light, theme.line_glow, 0.55), 150)), (0, (*theme.line, 255))):
        for start, end in (((low, low), (high, high)), ((high, low), (low, high))):
            a = (start[0] + shift, start[1] + shift)
            b = (end[0] + shift, end[1] + shift)
            pygame.draw.line(big, color, a, b, max(1, round(width * scale * 1.3)))
    picture.blit(pygame.transform.smoothscale(big, (size, size)), (box.x - 4, box.y - 4))


def _position_mark(
    picture: pygame.Surface, grid: pygame.Rect, cell: int, file: int, rank: int, width: int, color: Color
) -> None:
    gap, length = max(3, round(cell * 0.075)), max(4, round(cell * 0.15))
    x, y = grid.x + file * cell, grid.y + (RANKS - 1 - rank) * cell
    half = width // 2
    for right in (-1, 1):
        if (file == 0 and right < 0) or (file == FILES - 1 and right > 0):
            continue
        for down in (-1, 1):
            corner_x, corner_y = x + right * gap - half, y + down * gap - half
            across = pygame.Rect(corner_x, corner_y, length, width)
            upright = pygame.Rect(corner_x, corner_y, width, length)
            if right < 0:
                across.right = corner_x + width
            if down < 0:
                upright.bottom = corner_y + width
            picture.fill(color, across)
            picture.fill(color, upright)


def _carved_text(
    picture: pygame.Surface,
    fonts: Fonts,
    text: str,
    size: int,
    centre: tuple[int, int],
    color: Color,
    theme: Theme,
    face: str = "piece",
) -> None:
    glow = mix(theme.wood_light, theme.line_glow, 0.6)
    for shift, ink in ((max(1, size // 36), glow), (0, color)):
        glyph = fonts.render(text, face, size, ink)
        box = glyph.get_bounding_rect()
        place = (centre[0] - box.centerx + shift, centre[1] - box.centery + shift)
        picture.blit(glyph, place)


def _river(picture: pygame.Surface, grid: pygame.Rect, cell: int, theme: Theme, fonts: Fonts, river: str) -> None:
    y = grid.y + round(4.5 * cell)
    for character, column in zip(river, (1.5, 2.75, 5.25, 6.5), strict=True):
        centre = (grid.x + round(column * cell), y)
        _carved_text(picture, fonts, character, round(cell * 0.62), centre, theme.river, theme)


def _file_names(settings: Settings) -> tuple[str, str]:
    """The files above and below as the notation counts them: in Chinese Red's are Chinese numerals, in WXF digits."""
    red = _RED_NUMERALS if settings.notation == "chinese" else _BLACK_NUMERALS[::-1]
    return (red[::-1], _BLACK_NUMERALS[::-1]) if settings.flipped else (_BLACK_NUMERALS, red)


def _numerals(
    picture: pygame.Surface, grid: pygame.Rect, cell: int, theme: Theme, fonts: Fonts, rows: tuple[str, str]
) -> None:
    size = round(cell * 0.27)
    top, bottom = rows
    height = picture.get_height()
    away = round(cell * 0.235)
    for row, y in ((top, away), (bottom, height - away)):
        for column, numeral in enumerate(row):
            _carved_text(picture, fonts, numeral, size, (grid.x + column * cell, y), theme.river, theme)


def _coordinates(
    picture: pygame.Surface, grid: pygame.Rect, cell: int, theme: Theme, fonts: Fonts, flipped: bool
) -> None:
    """Letters of the files below and above, numbers of the ranks at both sides, as coordinates count them."""
    size = round(cell * 0.27)
    width, height = picture.get_size()
    files, ranks = range(FILES), range(RANKS)
    for place in files:
        letter = _FILE_LETTERS[FILES - 1 - place if flipped else place]
        for y in (round(cell * 0.235), height - round(cell * 0.235)):
            # By its line, not by its ink as ``_carved_text`` does it: a g hangs below the others.
            glyph = fonts.render(letter, "bold", size, theme.river)
            picture.blit(glyph, glyph.get_rect(center=(grid.x + place * cell, y - round(size * 0.1))))
    away = round(cell * 0.15)
    for place in ranks:
        number = str(place if flipped else RANKS - 1 - place)
        for x in (away, width - away):
            centre = (x, grid.y + place * cell)
            _carved_text(picture, fonts, number, round(cell * 0.2), centre, theme.river, theme, "bold")
