"""Where things are: the window's parts, and the squares of the board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pygame

from xiangqi_gpt.rules.pieces import FILES, RANKS, SQUARES

from .window_size import DESIGN_SIZE, MINIMUM_SIZE

#: How small and large a unit may get in windows that are not smaller than they should be.
_SCALE_LIMITS: Final = (0.84, 4.0)

#: Width of the wood around the grid, in cells: beside it, and above and below it.
_SIDE: Final = 0.76
_ENDS: Final = 0.96
_PANEL_WIDTH: Final = (296, 600)
#: The size of the largest dialog, with some air, in units.
_LARGEST_DIALOG: Final = (830, 710)
#: The least size of a panel below the board, which has two columns, and what share of it the first one takes.
_PANEL_BELOW: Final = (700, 430)
_FIRST_COLUMN: Final = 0.56
#: How wide such a panel is where there is room.
_WIDE: Final = 820


@dataclass(frozen=True)
class BoardGeometry:
    """The board on the screen. ``cell`` is the distance of two lines; ``grid`` the box of the outer lines."""

    rect: pygame.Rect
    grid: pygame.Rect
    cell: int

    @classmethod
    def inside(cls, area: pygame.Rect) -> BoardGeometry:
        """Return the largest board in an area, in its middle."""
        cell = int(min(area.width / (FILES - 1 + 2 * _SIDE), area.height / (RANKS - 1 + 2 * _ENDS)))
        grid = pygame.Rect(0, 0, cell * (FILES - 1), cell * (RANKS - 1))
        rect = grid.inflate(round(2 * _SIDE * cell), round(2 * _ENDS * cell))
        rect.center = area.center
        grid.center = rect.center
        return cls(rect, grid, cell)

    def centre(self, square: int, flipped: bool) -> tuple[int, int]:
        """Return where a square lies; ``flipped``: Black's side at the bottom."""
        file, rank = square % FILES, square // FILES
        column = FILES - 1 - file if flipped else file
        row = rank if flipped else RANKS - 1 - rank
        return self.grid.x + column * self.cell, self.grid.y + row * self.cell

    def square_at(self, position: tuple[int, int], flipped: bool) -> int | None:
        """Return the square nearest to a point, None where the point is not on one."""
        column = round((position[0] - self.grid.x) / self.cell)
        row = round((position[1] - self.grid.y) / self.cell)
        if not (0 <= column < FILES and 0 <= row < RANKS):
            return None
        x, y = self.grid.x + column * self.cell, self.grid.y + row * self.cell
        if (position[0] - x) ** 2 + (position[1] - y) ** 2 > (0.49 * self.cell) ** 2:
            return None
        square = (RANKS - 1 - row) * FILES + column
        return SQUARES - 1 - square if flipped else square


@dataclass(frozen=True)
class Layout:
    """The parts of a window of some size; ``scale`` is pixels a unit."""

    size: tuple[int, int]
    scale: float
    board: BoardGeometry
    panel: pygame.Rect

    @classmethod
    def of(cls, size: tuple[int, int], interface: float = 1.0) -> Layout:
        """Return the layout of a window: the panel beside the board, or below it where the board is larger then.

        ``interface`` enlarges letters and buttons where the window has room for that.
        """
        beside, below = cls._beside(size, interface), cls._below(size, interface)
        return below if below is not None and below.board.cell > beside.board.cell else beside

    @classmethod
    def _below(cls, size: tuple[int, int], interface: float) -> Layout | None:
        """The panel below the board, in a window that is higher than wide; None where it has no room there."""
        width, height = size
        if height <= width:
            return None
        fitting = width / DESIGN_SIZE[1]
        scale = _enlarged(min(max(fitting, _SCALE_LIMITS[0]), _SCALE_LIMITS[1]), size, interface, _SCALE_LIMITS[0])
        gap = round(16 * min(fitting, 1))
        narrowest, least = (round(side * scale) for side in _PANEL_BELOW)
        if height - 3 * gap - least < least or width - 2 * gap < narrowest:
            return None
        board = BoardGeometry.inside(pygame.Rect(gap, gap, width - 2 * gap, height - 3 * gap - least))
        rest = min(height - board.rect.height - 3 * gap, round(1.5 * least))
        top = max(gap, (height - board.rect.height - rest - gap) // 2)
        board = BoardGeometry.inside(pygame.Rect(gap, top, width - 2 * gap, board.rect.height))
        panel_width = max(board.rect.width, min(width - 2 * gap, round(_WIDE * scale)))
        panel = pygame.Rect((width - panel_width) // 2, board.rect.bottom + gap, panel_width, rest)
        return cls(size, scale, board, panel)

    @classmethod
    def _beside(cls, size: tuple[int, int], interface: float) -> Layout:
        """The board on the left and the panel on the right, both in the middle as a group."""
        width, height = size
        fitting = min(width / DESIGN_SIZE[0], height / DESIGN_SIZE[1])
        least_scale = _SCALE_LIMITS[0] * min(width / MINIMUM_SIZE[0], height / MINIMUM_SIZE[1], 1.0)
        scale = _enlarged(min(max(fitting, least_scale), _SCALE_LIMITS[1]), size, interface, least_scale)
        gap = round(20 * fitting)
        least, most = (round(limit * scale) for limit in _PANEL_WIDTH)
        board = BoardGeometry.inside(pygame.Rect(gap, gap, width - least - 3 * gap, height - 2 * gap))
        panel_width = min(max(width - board.rect.width - 3 * gap, least), most)
        left = (width - board.rect.width - gap - panel_width) // 2
        area = pygame.Rect(left, (height - board.rect.height) // 2, board.rect.width, board.rect.height)
        board = BoardGeometry.inside(area)
        panel = pygame.Rect(board.rect.right + gap, gap, panel_width, height - 2 * gap)
        if board.rect.height > 0.9 * panel.height:
            panel.y, panel.height = board.rect.y, board.rect.height
        return cls(size, scale, board, panel)


def columns(rect: pygame.Rect, scale: float, gap: int) -> tuple[pygame.Rect, pygame.Rect]:
    """Return where a panel has its card and where its buttons: beside each other where it is wide, else both in all."""
    if rect.width + 1 < _PANEL_BELOW[0] * scale:  # it was rounded
        return rect, rect
    width = round(rect.width * _FIRST_COLUMN)
    first = pygame.Rect(rect.x, rect.y, width, rect.height)
    return first, pygame.Rect(first.right + gap, rect.y, rect.width - width - gap, rect.height)


def _enlarged(scale: float, size: tuple[int, int], interface: float, least: float) -> float:
    """A scale times a share, as far as the largest dialog still fits into the window."""
    most = max(scale, min(size[0] / _LARGEST_DIALOG[0], size[1] / _LARGEST_DIALOG[1]))
    return max(min(scale * interface, most), least * min(interface, 1.0))
