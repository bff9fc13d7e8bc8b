"""What the window is for at the moment."""

from __future__ import annotations

from enum import Enum


class Mode(Enum):
    """The uses of one board."""

    PLAY = "play"
    ANALYSE = "analyse"
    SETUP = "setup"
    PUZZLE = "puzzle"


class View(Enum):
    """Which part of what is known about an analysed game lies open."""

    MOVES = "moves"
    MISTAKES = "mistakes"
    EXPLORER = "explorer"
    IDEAS = "ideas"
    DECODED_BOARD = "belief"
