"""Which key does what; the list of keys is made from the same table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pygame

from ..state.intents import Command
from ..state.mode import Mode

_PLAY: Final = (Mode.PLAY,)
_ANALYSE: Final = (Mode.ANALYSE,)
_SETUP: Final = (Mode.SETUP,)
_PUZZLE: Final = (Mode.PUZZLE,)
_GAME: Final = (Mode.PLAY, Mode.ANALYSE)

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


@dataclass(frozen=True)
class Key:
    """A key and what it stands for in some modes; ``label`` is how the list of keys writes it."""

    command: Command
    code: int
    label: str
    control: bool = False
    shift: bool = False
    modes: tuple[Mode, ...] = tuple(Mode)


KEYS: Final = (
    Key(Command.SWITCH_MODE, pygame.K_TAB, "Tab"),
    Key(Command.SETUP, pygame.K_e, "E", modes=_GAME),
    Key(Command.PUZZLES, pygame.K_z, "Z"),
    Key(Command.HINT, pygame.K_h, "H", modes=_PUZZLE),
    Key(Command.SOLUTION, pygame.K_v, "V", modes=_PUZZLE),
    Key(Command.NEXT_PUZZLE, pygame.K_PAGEDOWN, "PgDn", modes=_PUZZLE),
    Key(Command.PREVIOUS_PUZZLE, pygame.K_PAGEUP, "PgUp", modes=_PUZZLE),
    Key(Command.DIFFICULTY, pygame.K_d, "D", modes=_PUZZLE),
    Key(Command.PUZZLE_KIND, pygame.K_k, "K", modes=_PUZZLE),
    Key(Command.SHIPPED_PUZZLES, pygame.K_b, "Ctrl+B", control=True, modes=_PUZZLE),
    Key(Command.NEW_GAME, pygame.K_n, "N"),
    Key(Command.REMATCH, pygame.K_n, "Ctrl+Shift+N", control=True, shift=True, modes=_PLAY),
    Key(Command.CHOOSE_MODEL, pygame.K_m, "Ctrl+Shift+M", control=True, shift=True, modes=_PLAY),
    Key(Command.ADD_ENGINE, pygame.K_a, "Ctrl+Shift+A", control=True, shift=True, modes=_PLAY),
    Key(Command.UNDO, pygame.K_u, "U", modes=_PLAY),
    Key(Command.UNDO, pygame.K_z, "Ctrl+Z", control=True, modes=_PLAY),
    Key(Command.REDO, pygame.K_r, "R", modes=_PLAY),
    Key(Command.REDO, pygame.K_y, "Ctrl+Y", control=True, modes=_PLAY),
    Key(Command.HINT, pygame.K_h, "H", modes=_PLAY),
    Key(Command.IDEAS, pygame.K_v, "V", modes=_PLAY),
    Key(Command.PAUSE, pygame.K_p, "P", modes=_PLAY),
    Key(Command.RESIGN, pygame.K_q, "Q", modes=_PLAY),
    Key(Command.DRAW, pygame.K_d, "D", modes=_PLAY),
    Key(Command.NEXT_MISTAKE, pygame.K_PERIOD, ".", modes=_ANALYSE),
    Key(Command.PREVIOUS_MISTAKE, pygame.K_COMMA, ",", modes=_ANALYSE),
    Key(Command.GUESS, pygame.K_q, "Q", modes=_ANALYSE),
    Key(Command.DRILL, pygame.K_d, "D", modes=_ANALYSE),
    Key(Command.REPLY, pygame.K_r, "R", modes=_ANALYSE),
    Key(Command.HEAT, pygame.K_h, "H", modes=_ANALYSE),
    Key(Command.VIEW, pygame.K_v, "V", modes=_ANALYSE),
    Key(Command.PLAY_HERE, pygame.K_p, "P", modes=(Mode.ANALYSE, Mode.SETUP)),
    Key(Command.TYPE_MOVE, pygame.K_m, "M", modes=_GAME),
    Key(Command.FIRST, pygame.K_HOME, "Home", modes=_GAME),
    Key(Command.BACK, pygame.K_LEFT, "←", modes=_ANALYSE),
    Key(Command.BACK, pygame.K_PAGEUP, "PgUp", modes=_GAME),
    Key(Command.BACK, pygame.K_LEFTBRACKET, "[", modes=_GAME),
    Key(Command.FORWARD, pygame.K_RIGHT, "→", modes=_ANALYSE),
    Key(Command.FORWARD, pygame.K_PAGEDOWN, "PgDn", modes=_GAME),
    Key(Command.FORWARD, pygame.K_RIGHTBRACKET, "]", modes=_GAME),
    Key(Command.LAST, pygame.K_END, "End", modes=_GAME),
    Key(Command.NEXT_VARIATION, pygame.K_DOWN, "↓", modes=_ANALYSE),
    Key(Command.PREVIOUS_VARIATION, pygame.K_UP, "↑", modes=_ANALYSE),
    Key(Command.PROMOTE, pygame.K_u, "U", modes=_ANALYSE),
    Key(Command.DELETE, pygame.K_DELETE, "Del", modes=_ANALYSE),
    Key(Command.CUT, pygame.K_DELETE, "Ctrl+Del", control=True, modes=_ANALYSE),
    Key(Command.COMMENT, pygame.K_c, "C", modes=_ANALYSE),
    Key(Command.GLYPH, pygame.K_g, "G", modes=_ANALYSE),
    Key(Command.TAGS, pygame.K_t, "T", modes=_ANALYSE),
    Key(Command.FOLD, pygame.K_MINUS, "-", modes=_ANALYSE),
    Key(Command.OPEN, pygame.K_o, "Ctrl+O", control=True),
    Key(Command.GAMES, pygame.K_g, "Ctrl+G", control=True),
    Key(Command.SAVE, pygame.K_s, "Ctrl+S", control=True, modes=_GAME),
    Key(Command.COPY_FEN, pygame.K_c, "Ctrl+C", control=True),
    Key(Command.COPY_GAME, pygame.K_c, "Ctrl+Shift+C", control=True, shift=True, modes=_GAME),
    Key(Command.PASTE, pygame.K_v, "Ctrl+V", control=True),
    Key(Command.ANALYST, pygame.K_e, "Ctrl+E", control=True, modes=_ANALYSE),
    Key(Command.POSITION_INDEX, pygame.K_i, "Ctrl+I", control=True, modes=_ANALYSE),
    Key(Command.START_POSITION, pygame.K_n, "Ctrl+N", control=True, modes=_SETUP),
    Key(Command.CLEAR_BOARD, pygame.K_d, "Ctrl+D", control=True, modes=_SETUP),
    Key(Command.MIRROR, pygame.K_m, "Ctrl+M", control=True, modes=_SETUP),
    Key(Command.SWAP_COLORS, pygame.K_x, "Ctrl+X", control=True, modes=_SETUP),
    Key(Command.SIDE_TO_MOVE, pygame.K_t, "Ctrl+T", control=True, modes=_SETUP),
    Key(Command.FLIP, pygame.K_f, "F"),
    Key(Command.SETTINGS, pygame.K_COMMA, "Ctrl+,", control=True),
    Key(Command.NOTATION, pygame.K_i, "Ctrl+Shift+I", control=True, shift=True, modes=_GAME),
    Key(Command.FACES, pygame.K_f, "Ctrl+Shift+F", control=True, shift=True),
    Key(Command.THEME, pygame.K_t, "Ctrl+Shift+T", control=True, shift=True),
    Key(Command.LANGUAGE, pygame.K_l, "Ctrl+Shift+L", control=True, shift=True),
    Key(Command.ANIMATION, pygame.K_o, "Ctrl+Shift+O", control=True, shift=True),
    Key(Command.SOUND, pygame.K_s, "Ctrl+Shift+S", control=True, shift=True),
    Key(Command.FULLSCREEN, pygame.K_F11, "F11"),
    Key(Command.CLOSE, pygame.K_ESCAPE, "Esc"),
    Key(Command.KEYS, pygame.K_F1, "? / F1"),
    Key(Command.QUIT, pygame.K_q, "Ctrl+Q", control=True),
)


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


def labels(command: Command, mode: Mode) -> str:
    """Return the keys of a command in a mode, for people; empty where it has none there."""
    return " / ".join(key.label for key in KEYS if key.command is command and mode in key.modes)
