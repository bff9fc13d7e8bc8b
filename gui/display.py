"""Whether there is a screen, and how large a window suits it."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

import pygame

from xiangqi_gpt.rules import XiangqiError

_ADVICE: Final = "no display to open a window on; add --terminal to play in the terminal"
#: Libraries of X11 that SDL cannot do without, and Debian's packages of them.
_LIBRARIES: Final = {"libX11.so.6": "libx11-6", "libXext.so.6": "libxext6"}


class DisplayError(XiangqiError):
    """There is no screen to open a window on."""


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
        missing = _missing_library()
        raise DisplayError(f"{_ADVICE} ({missing} is missing: Debian's {_LIBRARIES[missing]})" if missing else _ADVICE)


def _missing_library() -> str:
    """Return the library that SDL needs to reach the X11 screen of DISPLAY and this system lacks; "" if none.

    Every desktop has them.
    """
    for name in _LIBRARIES if os.environ.get("DISPLAY") else ():
        try:
            ctypes.CDLL(name)
        except OSError:
            return name
    return ""
