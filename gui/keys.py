"""Which key does what; the list of keys is made from the same table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pygame

from .intents import Command


@dataclass(frozen=True)
class Key:
    """A key and what it stands for; ``label`` is how the list of keys writes it."""

    command: Command
    code: int
    label: str
    control: bool = False


KEYS: Final = (
    Key(Command.NEW_GAME, pygame.K_n, "N"),
    Key(Command.UNDO, pygame.K_u, "U"),
    Key(Command.UNDO, pygame.K_z, "Ctrl+Z", control=True),
    Key(Command.REDO, pygame.K_r, "R"),
    Key(Command.REDO, pygame.K_y, "Ctrl+Y", control=True),
    Key(Command.HINT, pygame.K_h, "H"),
    Key(Command.FLIP, pygame.K_f, "F"),
    Key(Command.MIND, pygame.K_v, "V"),
    Key(Command.PAUSE, pygame.K_p, "P"),
    Key(Command.RESIGN, pygame.K_q, "Q"),
    Key(Command.TYPE_MOVE, pygame.K_m, "M"),
    Key(Command.FIRST, pygame.K_HOME, "Home"),
    Key(Command.BACK, pygame.K_PAGEUP, "PgUp"),
    Key(Command.BACK, pygame.K_LEFTBRACKET, "["),
    Key(Command.FORWARD, pygame.K_PAGEDOWN, "PgDn"),
    Key(Command.FORWARD, pygame.K_RIGHTBRACKET, "]"),
    Key(Command.LAST, pygame.K_END, "End"),
    Key(Command.COPY_FEN, pygame.K_c, "Ctrl+C", control=True),
    Key(Command.PASTE_FEN, pygame.K_v, "Ctrl+V", control=True),
    Key(Command.SAVE, pygame.K_s, "Ctrl+S", control=True),
    Key(Command.NOTATION, pygame.K_i, "I"),
    Key(Command.FACES, pygame.K_g, "G"),
    Key(Command.THEME, pygame.K_t, "T"),
    Key(Command.LANGUAGE, pygame.K_l, "L"),
    Key(Command.ANIMATION, pygame.K_a, "A"),
    Key(Command.SOUND, pygame.K_s, "S"),
    Key(Command.FULLSCREEN, pygame.K_F11, "F11"),
    Key(Command.CLOSE, pygame.K_ESCAPE, "Esc"),
    Key(Command.KEYS, pygame.K_F1, "? / F1"),
    Key(Command.QUIT, pygame.K_q, "Ctrl+Q", control=True),
)


def command_of(event: pygame.Event) -> Command | None:
    """The command of a key press; ``?`` is found by its character, which keyboards put on different keys."""
    shifted_slash = event.key == pygame.K_SLASH and event.mod & pygame.KMOD_SHIFT
    if shifted_slash or event.key == pygame.K_QUESTION or getattr(event, "unicode", "") in ("?", "？"):
        return Command.KEYS
    control = bool(event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META))
    if event.mod & pygame.KMOD_ALT:
        return None
    return next((key.command for key in KEYS if key.code == event.key and key.control == control), None)


def labels(command: Command) -> str:
    """The keys of a command, for people."""
    return " / ".join(key.label for key in KEYS if key.command is command)
