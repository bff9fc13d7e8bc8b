"""Which key press is which command, by the table of commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pygame

from ..state.commands import Command, Shortcut
from ..state.mode import Mode

#: Keys that do the same again while they are held.
REPEATED: Final = frozenset(
    {
        pygame.K_LEFT,
        pygame.K_RIGHT,
        pygame.K_UP,
        pygame.K_DOWN,
        pygame.K_PAGEUP,
        pygame.K_PAGEDOWN,
        pygame.K_LEFTBRACKET,
        pygame.K_RIGHTBRACKET,
        pygame.K_COMMA,
        pygame.K_PERIOD,
        pygame.K_BACKSPACE,
    }
)


#: pygame's keys by the names that shortcuts have for them; any other name is the character itself.
_CODES: Final = {
    "Tab": pygame.K_TAB,
    "Esc": pygame.K_ESCAPE,
    "Del": pygame.K_DELETE,
    "Home": pygame.K_HOME,
    "End": pygame.K_END,
    "PgUp": pygame.K_PAGEUP,
    "PgDn": pygame.K_PAGEDOWN,
    "←": pygame.K_LEFT,
    "→": pygame.K_RIGHT,
    "↑": pygame.K_UP,
    "↓": pygame.K_DOWN,
    "F1": pygame.K_F1,
    "F10": pygame.K_F10,
    "F11": pygame.K_F11,
}


@dataclass(frozen=True)
class Key:
    """A key, what is held beside it, and the command it stands for in some modes."""

    command: Command
    code: int
    control: bool
    shift: bool
    modes: tuple[Mode, ...]


def _key(command: Command, shortcut: Shortcut) -> Key:
    *held, name = shortcut.keys.split("+")
    return Key(command, _CODES.get(name) or ord(name.lower()), "Ctrl" in held, "Shift" in held, shortcut.modes)


KEYS: Final = tuple(_key(command, shortcut) for command in Command for shortcut in command.value.shortcuts)


def command_of(event: pygame.Event, mode: Mode) -> Command | None:
    """Return the command of a key press; ``?`` is found by its character, which keyboards put on different keys."""
    shifted_slash = event.key == pygame.K_SLASH and event.mod & pygame.KMOD_SHIFT
    if shifted_slash or event.key == pygame.K_QUESTION or getattr(event, "unicode", "") in ("?", "？"):
        return Command.KEYS
    if event.mod & pygame.KMOD_ALT:
        return None
    control = bool(event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META))
    shift = bool(control and event.mod & pygame.KMOD_SHIFT)
    fits = (key for key in KEYS if key.code == event.key and mode in key.modes)
    return next((key.command for key in fits if (key.control, key.shift) == (control, shift)), None)
