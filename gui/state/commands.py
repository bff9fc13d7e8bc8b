"""All commands of the window, each with its keys, its picture and its words in one place.

The keys that are listened to, the list of keys, tooltips and buttons are made from this table. A command's words are in
``gui/locale/*.toml`` under its name in small letters: ``[command]`` says what it does, ``[button]`` is its short word.
The mode it is given in carries it out (``gui/control``), or the dialog it opens (``gui/dialogs/command_dialogs.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from .mode import Mode

_ALL: Final = tuple(Mode)
_PLAY: Final = (Mode.PLAY,)
_ANALYSE: Final = (Mode.ANALYSE,)
_SETUP: Final = (Mode.SETUP,)
_PUZZLE: Final = (Mode.PUZZLE,)
_GAME: Final = (Mode.PLAY, Mode.ANALYSE)


@dataclass(frozen=True)
class Shortcut:
    """A key with what is held beside it, as the list of keys writes it (``Ctrl+Shift+N``), and where it counts."""

    keys: str
    modes: tuple[Mode, ...]


@dataclass(frozen=True)
class CommandSpec:
    """``icon`` is a name in ``gui/widgets/icons.py``; ``has_word``: a button shows its short word."""

    shortcuts: tuple[Shortcut, ...]
    icon: str = ""
    has_word: bool = False


def _keys(modes: tuple[Mode, ...], *keys: str) -> tuple[Shortcut, ...]:
    return tuple(Shortcut(text, modes) for text in keys)


@unique
class Command(Enum):
    """An intent without further detail: a button, a key. The list of keys has them in this order."""

    _value_: CommandSpec

    NEW_GAME = CommandSpec(_keys(_ALL, "N"), "new", has_word=True)
    REMATCH = CommandSpec(_keys(_PLAY, "Ctrl+Shift+N"), has_word=True)
    RATING = CommandSpec(_keys(_PLAY, "Ctrl+Shift+R"))
    CHOOSE_MODEL = CommandSpec(_keys(_PLAY, "Ctrl+Shift+M"))
    ADD_ENGINE = CommandSpec(_keys(_PLAY, "Ctrl+Shift+A"))
    UNDO = CommandSpec(_keys(_PLAY, "U", "Ctrl+Z"), "undo", has_word=True)
    REDO = CommandSpec(_keys(_PLAY, "R", "Ctrl+Y"), "redo", has_word=True)
    HINT = CommandSpec(_keys((Mode.PLAY, Mode.PUZZLE), "H"), "hint", has_word=True)
    FLIP = CommandSpec(_keys(_ALL, "F"), "flip", has_word=True)
    IDEAS = CommandSpec(_keys(_PLAY, "V"), "ideas", has_word=True)
    PAUSE = CommandSpec(_keys(_PLAY, "P"), "pause", has_word=True)
    RESIGN = CommandSpec(_keys(_PLAY, "Q"), "resign", has_word=True)
    DRAW = CommandSpec(_keys(_PLAY, "D"), "draw", has_word=True)
    COPY_FEN = CommandSpec(_keys(_ALL, "Ctrl+C"), "copy", has_word=True)
    COPY_GAME = CommandSpec(_keys(_GAME, "Ctrl+Shift+C"))
    PASTE = CommandSpec(_keys(_ALL, "Ctrl+V"), "paste", has_word=True)
    OPEN = CommandSpec(_keys(_ALL, "Ctrl+O"), "open", has_word=True)
    GAMES = CommandSpec(_keys(_ALL, "Ctrl+G"), "list")
    GAMES_HERE = CommandSpec(_keys(_ANALYSE, "Ctrl+Shift+G"), has_word=True)
    SAVE = CommandSpec(_keys(_GAME, "Ctrl+S"), "save", has_word=True)
    TYPE_MOVE = CommandSpec(_keys(_GAME, "M"), "keyboard")
    SWITCH_MODE = CommandSpec(_keys(_ALL, "Tab"))
    SETUP = CommandSpec(_keys(_GAME, "E"))
    PUZZLES = CommandSpec(_keys(_ALL, "Z"))
    SOLUTION = CommandSpec(_keys(_PUZZLE, "V"), "ideas", has_word=True)
    NEXT_PUZZLE = CommandSpec(_keys(_PUZZLE, "PgDn"), "forward", has_word=True)
    PREVIOUS_PUZZLE = CommandSpec(_keys(_PUZZLE, "PgUp"), "back", has_word=True)
    DIFFICULTY = CommandSpec(_keys(_PUZZLE, "D"))
    PUZZLE_KIND = CommandSpec(_keys(_PUZZLE, "K"))
    SHIPPED_PUZZLES = CommandSpec(_keys(_PUZZLE, "Ctrl+B"), "undo", has_word=True)
    FIRST = CommandSpec(_keys(_GAME, "Home"), "first")
    BACK = CommandSpec((*_keys(_ANALYSE, "←"), *_keys(_GAME, "PgUp", "[")), "back")
    FORWARD = CommandSpec((*_keys(_ANALYSE, "→"), *_keys(_GAME, "PgDn", "]")), "forward")
    LAST = CommandSpec(_keys(_GAME, "End"), "last")
    NEXT_VARIATION = CommandSpec(_keys(_ANALYSE, "↓"))
    PREVIOUS_VARIATION = CommandSpec(_keys(_ANALYSE, "↑"))
    PROMOTE = CommandSpec(_keys(_ANALYSE, "U"), "promote")
    DELETE = CommandSpec(_keys(_ANALYSE, "Del"), "delete")
    CUT = CommandSpec(_keys(_ANALYSE, "Ctrl+Del"))
    COMMENT = CommandSpec(_keys(_ANALYSE, "C"))
    GLYPH = CommandSpec(_keys(_ANALYSE, "G"))
    TAGS = CommandSpec(_keys(_ANALYSE, "T"))
    FOLD = CommandSpec(_keys(_ANALYSE, "-"))
    NEXT_MISTAKE = CommandSpec(_keys(_ANALYSE, "."), "next-mistake", has_word=True)
    PREVIOUS_MISTAKE = CommandSpec(_keys(_ANALYSE, ","), "previous-mistake", has_word=True)
    GUESS = CommandSpec(_keys(_ANALYSE, "Q"), "guess", has_word=True)
    DRILL = CommandSpec(_keys(_ANALYSE, "D"), "reply", has_word=True)
    REPLY = CommandSpec(_keys(_ANALYSE, "R"), "reply", has_word=True)
    HEAT = CommandSpec(_keys(_ANALYSE, "H"), "heat", has_word=True)
    VIEW = CommandSpec(_keys(_ANALYSE, "V"))
    ANALYST = CommandSpec(_keys(_ANALYSE, "Ctrl+E"), "engine", has_word=True)
    POSITION_INDEX = CommandSpec(_keys(_ANALYSE, "Ctrl+I"), has_word=True)
    PLAY_HERE = CommandSpec(_keys((Mode.ANALYSE, Mode.SETUP), "P"), "play", has_word=True)
    UNDO_CHANGE = CommandSpec(_keys(_SETUP, "Ctrl+Z"), "undo", has_word=True)
    START_POSITION = CommandSpec(_keys(_SETUP, "Ctrl+N"), "start", has_word=True)
    CLEAR_BOARD = CommandSpec(_keys(_SETUP, "Ctrl+D"), "delete", has_word=True)
    MIRROR = CommandSpec(_keys(_SETUP, "Ctrl+M"), "mirror", has_word=True)
    SWAP_COLORS = CommandSpec(_keys(_SETUP, "Ctrl+X"), "swap", has_word=True)
    SIDE_TO_MOVE = CommandSpec(_keys(_SETUP, "Ctrl+T"))
    SETTINGS = CommandSpec(_keys(_ALL, "Ctrl+,"), "settings")
    NOTATION = CommandSpec(_keys(_GAME, "Ctrl+Shift+I"))
    FACES = CommandSpec(_keys(_ALL, "Ctrl+Shift+F"))
    THEME = CommandSpec(_keys(_ALL, "Ctrl+Shift+T"), "theme")
    LANGUAGE = CommandSpec(_keys(_ALL, "Ctrl+Shift+L"))
    ANIMATION = CommandSpec(_keys(_ALL, "Ctrl+Shift+O"))
    SOUND = CommandSpec(_keys(_ALL, "Ctrl+Shift+S"))
    FULLSCREEN = CommandSpec(_keys(_ALL, "F11"))
    MENU = CommandSpec(_keys(_ALL, "F10"), "menu")
    KEYS = CommandSpec(_keys(_ALL, "?", "F1"), "help")
    CLOSE = CommandSpec(_keys(_ALL, "Esc"))
    QUIT = CommandSpec(_keys(_ALL, "Ctrl+Q"))

    def __repr__(self) -> str:
        return f"<Command.{self.name}>"

    @property
    def key(self) -> str:
        """The key of its words in a language's file."""
        return self.name.lower()

    @property
    def icon(self) -> str:
        """The name of its picture, empty where it has none."""
        return self.value.icon

    def keys_in(self, mode: Mode) -> str:
        """Return its keys in a mode, for people; empty where it has none there."""
        return " / ".join(shortcut.keys for shortcut in self.value.shortcuts if mode in shortcut.modes)
