"""Whether there is a screen, and how large a window suits it."""

from __future__ import annotations

import os
import sys
from typing import Final

import pygame

from xiangqi_gpt.rules import XiangqiError

from .widgets.layout import DESIGN_SIZE, MINIMUM_SIZE

_ADVICE: Final = "no display to open a window on; add --terminal to play in the terminal"


class DisplayError(XiangqiError):
    """There is no screen to open a window on."""


def window_size() -> tuple[int, int]:
    """The design's size, enlarged on a large screen and kept inside a small one."""
    screen_width, screen_height = pygame.display.get_desktop_sizes()[0]
    share = min(screen_width * 0.9 / DESIGN_SIZE[0], screen_height * 0.86 / DESIGN_SIZE[1])
    scale = share if share < 1 else max(1.0, 0.82 * share)
    width, height = (round(side * scale) for side in DESIGN_SIZE)
    return max(width, MINIMUM_SIZE[0]), max(height, MINIMUM_SIZE[1])


def check_display() -> None:
    """Raise ``DisplayError`` where no window can be shown.

    A driver that SDL_VIDEODRIVER names is taken as meant, even one that draws into memory.
    """
    chosen = os.environ.get("SDL_VIDEODRIVER")
    if not chosen and sys.platform.startswith("linux") and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        raise DisplayError(_ADVICE)
    try:
        pygame.display.init()
    except pygame.error as error:
        raise DisplayError(f"{_ADVICE} ({error})") from error
    # SDL falls back to drawing into memory when the screen cannot be reached.
    if not chosen and pygame.display.get_driver() in ("offscreen", "dummy"):
        pygame.display.quit()
        raise DisplayError(_ADVICE)
