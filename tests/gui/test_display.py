"""A system without a screen is told in one line what it lacks."""

from __future__ import annotations

import sys

import pygame
import pytest
from xiangqi_gpt.gui import display


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 on Linux")
def test_a_screen_without_the_libraries_of_x11_names_their_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"init": None, "quit": None, "get_driver": "offscreen"}.items():
        monkeypatch.setattr(pygame.display, name, lambda value=value: value)
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.setattr(display, "_LIBRARIES", {"libc.so.6": "libc6"})
    with pytest.raises(display.DisplayError, match=r"--terminal to play in the terminal$"):
        display.check_display()
    monkeypatch.setattr(display, "_LIBRARIES", {"libc.so.6": "libc6", "libnothing.so.6": "libnothing6"})
    with pytest.raises(display.DisplayError, match=r"\(libnothing.so.6 is missing: Debian's libnothing6\)"):
        display.check_display()
