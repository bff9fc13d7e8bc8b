"""The first picture, on the screen before anything that takes time is imported: an empty board, and what is going on.

Nothing of the rules may be imported here: they bring numba, which takes longer than the first picture may.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import platformdirs
import pygame

from .state.languages import LANGUAGES, section, system_language
from .widgets.window_size import minimum_size, window_size

_FILES, _RANKS = 9, 10
_COLORS: Final = {
    "dark": ((24, 24, 23), (176, 128, 78), (86, 56, 30), (226, 220, 210)),
    "light": ((238, 235, 230), (224, 186, 130), (110, 76, 44), (60, 52, 44)),
}  # window, wood, lines, words


class FirstFrame:
    """A window that the program takes over when it is ready."""

    def __init__(self, language: str | None = None) -> None:
        """``language``: None for that of the last time."""
        settings = _settings()
        language = language or settings.get("language")
        if language not in LANGUAGES:
            language = system_language()
        self._words = section(language, "first_frame")
        self._colors = _COLORS["light" if settings.get("theme") == "light" else "dark"]
        self.window = pygame.Window(self._words["title"], window_size(), resizable=True, allow_high_dpi=True)
        self.window.minimum_size = minimum_size()
        self._draw(self._words["preparing"])

    def report(self, ready: int, wanted: int) -> None:
        """Say how much has been compiled, and let the window answer the system meanwhile."""
        pygame.event.pump()
        self._draw(self._words["compiling"].format(ready=ready, wanted=wanted))

    def _draw(self, text: str) -> None:
        surface = self.window.get_surface()
        background, wood, line, words = self._colors
        surface.fill(background)
        width, height = surface.get_size()
        cell = int(min(width * 0.6 / (_FILES + 1), height * 0.86 / (_RANKS + 1)))
        grid = pygame.Rect(0, 0, cell * (_FILES - 1), cell * (_RANKS - 1))
        grid.center = (width // 2, height // 2 - cell // 4)
        pygame.draw.rect(surface, wood, grid.inflate(round(1.5 * cell), round(1.9 * cell)), border_radius=cell // 6)
        for rank in range(_RANKS):
            y = grid.y + rank * cell
            pygame.draw.line(surface, line, (grid.x, y), (grid.right, y))
        for file in range(_FILES):
            x = grid.x + file * cell
            for top, bottom in ((0, 9),) if file in (0, _FILES - 1) else ((0, 4), (5, 9)):
                pygame.draw.line(surface, line, (x, grid.y + top * cell), (x, grid.y + bottom * cell))
        font = _font(max(16, height // 42))
        if font is not None:
            picture = font.render(text, True, words)
            surface.blit(picture, picture.get_rect(midbottom=(width // 2, height - max(4, height // 100))))
        self.window.flip()


def open_first_frame(language: str | None = None) -> FirstFrame | None:
    """Show the first picture; None where there is no screen, which is said later."""
    chosen = os.environ.get("SDL_VIDEODRIVER")
    if not chosen and sys.platform.startswith("linux") and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        return None
    try:
        pygame.display.init()
        if not chosen and pygame.display.get_driver() in ("offscreen", "dummy"):
            pygame.display.quit()
            return None
        return FirstFrame(language)
    except pygame.error:
        return None


def _settings() -> dict[str, Any]:
    """What the person chose the last time; nothing where it cannot be read, which is said later."""
    path = platformdirs.user_config_path("xiangqi-gpt") / "settings.json"
    try:
        data = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _font(size: int) -> pygame.Font | None:
    pygame.font.init()
    path = Path(__file__).with_name("assets") / "NotoSansSC-Regular-subset.otf"
    return pygame.Font(path, size) if path.is_file() else None
