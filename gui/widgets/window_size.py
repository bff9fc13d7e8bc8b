"""How large the window is; imports nothing heavy, since the first frame waits for it."""

from __future__ import annotations

from typing import Final

import pygame

#: The window size that one unit is one pixel at, and the smallest window.
DESIGN_SIZE: Final = (1180, 860)
MINIMUM_SIZE: Final = (800, 600)
#: A smaller screen has a smaller window, in which everything is smaller.
_TINY_SIZE: Final = (480, 360)


def window_size() -> tuple[int, int]:
    """Return the design's size, enlarged on a large screen and kept inside a small one."""
    screen_width, screen_height = pygame.display.get_desktop_sizes()[0]
    share = min(screen_width * 0.9 / DESIGN_SIZE[0], screen_height * 0.86 / DESIGN_SIZE[1])
    scale = share if share < 1 else max(1.0, 0.82 * share)
    width, height = (round(side * scale) for side in DESIGN_SIZE)
    return (
        max(width, min(MINIMUM_SIZE[0], max(screen_width, _TINY_SIZE[0]))),
        max(height, min(MINIMUM_SIZE[1], max(screen_height, _TINY_SIZE[1]))),
    )


def minimum_size() -> tuple[int, int]:
    """Return how small the window may be made: 800 x 600, or all of a smaller screen."""
    screen_width, screen_height = pygame.display.get_desktop_sizes()[0]
    return min(MINIMUM_SIZE[0], screen_width), min(MINIMUM_SIZE[1], screen_height)
