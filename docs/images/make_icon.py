"""Draws the program's icon, Red's king, as ``gui/assets/icon.png``: ``python docs/images/make_icon.py``."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"

import pygame
from xiangqi_gpt.gui.state.theme import THEMES
from xiangqi_gpt.gui.views.pieces import PieceArt
from xiangqi_gpt.gui.widgets.fonts import Fonts

from xiangqi_gpt.rules.pieces import KING

SIZE = 256
FILE = Path(__file__).parents[2] / "gui" / "assets" / "icon.png"


def main() -> None:
    """Draw the piece without the room that its shadow has beside a board."""
    pygame.font.init()
    piece = PieceArt(Fonts()).picture(KING, 240, THEMES["light"], "traditional")
    icon = pygame.Surface((SIZE, SIZE), pygame.SRCALPHA)
    icon.blit(piece, piece.get_rect(center=(SIZE // 2, SIZE // 2)))
    pygame.image.save(icon, FILE)


if __name__ == "__main__":
    main()
