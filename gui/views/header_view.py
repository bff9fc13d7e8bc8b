"""The head of the panel: what the board is used for, and the buttons that every mode has."""

from __future__ import annotations

from typing import Final

import pygame

from ..state.commands import Command
from ..state.intents import Intent, SwitchMode
from ..state.mode import Mode
from ..state.scene import Scene
from ..widgets.canvas import Canvas
from ..widgets.controls import Segments
from .command_buttons import Controls

_COMMANDS: Final = (Command.MENU, Command.SETTINGS, Command.KEYS)
_MODES: Final = tuple(Mode)
HEADER_HEIGHT: Final = 34
_SIZE: Final = 13
_ICON: Final = 28


class HeaderView:
    """The switch of modes and the buttons beside it."""

    def __init__(self) -> None:
        self.controls = Controls(_COMMANDS)
        self.modes = Segments([""] * len(_MODES))
        self._mode = Mode.PLAY

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the header looks different now)."""
        clicked, changed = self.controls.handle(event)
        hovered = self.modes.hovered
        if self.modes.handle(event):
            wanted = _MODES[self.modes.chosen]
            self.modes.chosen = _MODES.index(self._mode)  # the controller decides
            return SwitchMode(wanted), True
        return clicked, changed or hovered != self.modes.hovered

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw the row."""
        texts, self._mode = canvas.texts, scene.mode
        self.controls.begin()
        icons = pygame.Rect(rect.x, 0, rect.width, canvas.px(_ICON))
        icons.centery = rect.centery
        left = self.controls.icons(canvas, _COMMANDS, icons)
        self.modes.options = [texts(f"mode_{mode.value}") for mode in _MODES]
        self.modes.chosen = _MODES.index(scene.mode)
        self.modes.rect = pygame.Rect(rect.x, rect.y, left - canvas.px(4) - rect.x, rect.height)
        widths = [canvas.text_width(word, _SIZE, "bold") for word in self.modes.options]
        room = max((self.modes.rect.width - sum(widths)) // len(widths), 0)  # around each word
        self.modes.shares = [width + room for width in widths]
        self.modes.draw(canvas, _SIZE)
