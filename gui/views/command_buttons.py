"""What the panels of all modes share: buttons that stand for commands, and the status line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pygame

from ..i18n.texts import Texts
from ..state.commands import Command
from ..state.mode import Mode
from ..state.scene import Scene, Tone
from ..widgets.canvas import Canvas
from ..widgets.controls import Button

_GAP: Final = 6
BUTTON_HEIGHT: Final = 54
STATUS_HEIGHT: Final = 36


class Controls:
    """The buttons of a panel; those that were not drawn this time take no clicks."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self.buttons = {command: Button(icon=command.icon) for command in commands}
        self._drawn: set[Command] = set()

    def handle(self, event: pygame.Event) -> tuple[Command | None, bool]:
        """(the command that was clicked, whether a button looks different now)."""
        before = self._look()
        clicked: Command | None = None
        for command, button in self.buttons.items():
            if button.handle(event) and command in self._drawn:
                clicked = command
        return clicked, clicked is not None or before != self._look()

    def _look(self) -> tuple[Command | None, bool]:
        return self.hovered, any(button.pressed for button in self.buttons.values())

    @property
    def hovered(self) -> Command | None:
        """The command of the button that the pointer is on."""
        return next((c for c, button in self.buttons.items() if button.hovered and c in self._drawn), None)

    @property
    def drawn(self) -> frozenset[Command]:
        """The commands whose buttons are on the screen."""
        return frozenset(self._drawn)

    def begin(self) -> None:
        """A new picture begins: no button is in it yet."""
        self._drawn.clear()

    def draw(self, canvas: Canvas, command: Command, rect: pygame.Rect, *, flat: bool = False) -> None:
        """Draw the button of a command."""
        self._drawn.add(command)
        self.buttons[command].rect = rect
        self.buttons[command].draw(canvas, flat=flat)

    def enable(self, **conditions: bool) -> None:
        """Whether the buttons of commands, given by name, would do something."""
        for name, condition in conditions.items():
            self.buttons[Command[name]].enabled = condition

    def icons(self, canvas: Canvas, commands: Sequence[Command], rect: pygame.Rect) -> int:
        """Draw flat square buttons at the right end of a row; returns where they begin."""
        right = rect.right
        for command in reversed(commands):
            self.draw(canvas, command, pygame.Rect(right - rect.height, rect.y, rect.height, rect.height), flat=True)
            right -= rect.height + canvas.px(2)
        return right

    def spread(self, canvas: Canvas, commands: Sequence[Command], rect: pygame.Rect) -> None:
        """Draw flat buttons over the whole width of a row."""
        for index, command in enumerate(commands):
            left = rect.x + rect.width * index // len(commands)
            self.draw(canvas, command, pygame.Rect(left, rect.y, rect.width // len(commands), rect.height), flat=True)

    def rows(
        self,
        canvas: Canvas,
        rows: Sequence[Sequence[Command]],
        rect: pygame.Rect,
        words: Mapping[Command, str] | None = None,
    ) -> None:
        """Draw rows of large buttons with a picture and a word: the command's own, or one of ``words``."""
        gap = canvas.px(_GAP)
        height = (rect.height + gap) // len(rows) - gap
        for row, commands in enumerate(rows):
            for column, command in enumerate(commands):
                self.buttons[command].label = (words or {}).get(command) or canvas.texts.command(command)
                left = rect.x + (rect.width + gap) * column // len(commands)
                right = rect.x + (rect.width + gap) * (column + 1) // len(commands) - gap
                self.draw(canvas, command, pygame.Rect(left, rect.y + row * (height + gap), right - left, height))


def rows_height(canvas: Canvas, rows: int) -> int:
    """Return how high some rows of large buttons are."""
    return rows * canvas.px(BUTTON_HEIGHT) + (rows - 1) * canvas.px(_GAP)


def draw_status(canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
    """What is going on."""
    theme = canvas.theme
    inks = {Tone.PLAIN: theme.text, Tone.GOOD: theme.accent, Tone.BAD: theme.danger, Tone.QUIET: theme.muted}
    ink, text = inks[scene.tone], scene.status
    canvas.box(rect, theme.sunken, theme.card_edge, 8)
    inner = rect.inflate(-2 * canvas.px(12), 0)
    size = next((size for size in (14, 13, 12) if canvas.text_width(text, size) <= inner.width), None)
    if size is not None:
        canvas.text(text, inner, size, ink)
        return
    lines = canvas.fonts.wrap(text, "regular", canvas.px(12), inner.width)
    lines = [*lines[:1], " ".join(lines[1:])]
    for index, line in enumerate(lines):
        middle = rect.centery + round((index - 0.5) * canvas.px(15))
        canvas.text(line, pygame.Rect(inner.x, middle - canvas.px(8), inner.width, canvas.px(16)), 12, ink)


def explained(texts: Texts, command: Command, mode: Mode) -> str:
    """Return what a command does, and the keys for it: the tooltip of its button."""
    pressed = command.keys_in(mode)
    return texts.explain(command) + (f"  ({pressed})" if pressed else "")
