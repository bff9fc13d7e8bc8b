"""The menu: everything that has no button on the screen, each with the key for it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

import pygame

from ..i18n.texts import Texts
from ..state.commands import Command
from ..state.intents import Intent
from ..state.mode import Mode
from ..state.theme import mix
from ..widgets.canvas import Canvas
from ..widgets.controls import Button
from .dialogs import CONFIRM_KEYS, Control, Dialog

#: Commands that are a choice elsewhere on the screen: modes, tabs, kinds of puzzles, the side to move, settings.
ELSEWHERE: Final = frozenset(
    {
        *(Command.SWITCH_MODE, Command.SETUP, Command.PUZZLES, Command.VIEW),
        *(Command.PUZZLE_KIND, Command.DIFFICULTY, Command.SIDE_TO_MOVE),
        *(Command.NOTATION, Command.FACES, Command.THEME, Command.LANGUAGE, Command.ANIMATION, Command.SOUND),
        Command.CLOSE,
    }
)
_ROW, _GAP = 40, 6
_COLUMNS: Final = 2


def menu_commands(mode: Mode, buttons: Collection[Command], is_available: Callable[[Command], bool]) -> list[Command]:
    """Return what the menu of a mode offers: all that can be done now and has none of the ``buttons`` on the screen.

    Full screen comes first: who looks for it looks here.
    """
    others = [command for command in Command if command.keys_in(mode) and command not in {*buttons, *ELSEWHERE}]
    found = filter(is_available, others)
    return sorted(found, key=lambda command: command is not Command.FULLSCREEN)


class _Row(Button):
    """A line of the menu: what the command does, and at the right its key."""

    def draw_row(self, canvas: Canvas, key: str) -> None:
        theme, px = canvas.theme, canvas.px
        edge = theme.accent if self.focused else theme.card_edge
        canvas.box(self.rect, theme.hover if self.hovered else theme.card, edge, 7)
        width = canvas.text_width(key, 12.5)
        right = pygame.Rect(self.rect.right - px(12) - width, self.rect.y, width, self.rect.height)
        canvas.text(key, right, 12.5, mix(theme.muted, theme.text, 0.2))
        left = self.rect.x + px(12)
        canvas.text(self.label, pygame.Rect(left, self.rect.y, right.x - px(8) - left, self.rect.height), 14.5)


class MenuDialog(Dialog):
    """A click on a line, or Enter while it has the focus, does what it says."""

    def __init__(
        self, texts: Texts, mode: Mode, buttons: Collection[Command], is_available: Callable[[Command], bool]
    ) -> None:
        super().__init__(texts("menu_title"), texts, texts("close"), cancel=False)
        self._mode = mode
        self.rows = {command: _Row(texts.explain(command)) for command in menu_commands(mode, buttons, is_available)}
        next(iter(self.rows.values())).focused = True
        lines = -(-len(self.rows) // _COLUMNS)
        self.size = (700, 146 + lines * (_ROW + _GAP) - _GAP)

    @property
    def controls(self) -> list[Control]:
        return [*self.rows.values(), *super().controls]

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        if event.type == pygame.KEYDOWN and event.key in (pygame.K_UP, pygame.K_DOWN):
            self._next_focus(-1 if event.key == pygame.K_UP else 1)
            return False, None
        confirms = event.type == pygame.KEYDOWN and event.key in CONFIRM_KEYS
        if confirms or event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            for command, row in self.rows.items():
                if row.handle(event):
                    return True, command
        return super().handle(event)

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, lines = canvas.px, -(-len(self.rows) // _COLUMNS)
        width = (rect.width - px(12)) // _COLUMNS
        for place, (command, row) in enumerate(self.rows.items()):
            column, line = divmod(place, lines)
            x, y = rect.x + column * (width + px(12)), rect.y + line * px(_ROW + _GAP)
            row.rect = pygame.Rect(x, y, width, px(_ROW))
            row.draw_row(canvas, command.keys_in(self._mode))
