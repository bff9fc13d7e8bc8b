"""What a person wants, as a view reports it; the controller carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from .session import GameSession


class Command(Enum):
    """A wish without further detail: a button, a key."""

    NEW_GAME = auto()
    UNDO = auto()
    REDO = auto()
    HINT = auto()
    FLIP = auto()
    MIND = auto()
    PAUSE = auto()
    RESIGN = auto()
    COPY_FEN = auto()
    PASTE_FEN = auto()
    SAVE = auto()
    TYPE_MOVE = auto()
    FIRST = auto()
    BACK = auto()
    FORWARD = auto()
    LAST = auto()
    NOTATION = auto()
    FACES = auto()
    THEME = auto()
    LANGUAGE = auto()
    ANIMATION = auto()
    SOUND = auto()
    FULLSCREEN = auto()
    KEYS = auto()
    CLOSE = auto()
    QUIT = auto()


@dataclass(frozen=True)
class TryMove:
    """Go from one square to another, if the rules let it; ``dragged`` pieces are there already and do not slide."""

    source: int
    target: int
    dragged: bool = False


@dataclass(frozen=True)
class ShowPly:
    """Show the position after a number of plies."""

    ply: int


@dataclass(frozen=True)
class StartGame:
    """Begin a new game with these players of Red and Black."""

    seats: tuple[str, str]
    fen: str | None = None


@dataclass(frozen=True)
class PlayText:
    """Play a move that was typed in any notation."""

    text: str


@dataclass(frozen=True)
class SaveGame:
    """Write the game to a file."""

    path: str


@dataclass(frozen=True)
class ConfirmResign:
    """Give the game up: the person has been asked."""

    side: int


@dataclass(frozen=True)
class ResumeGame:
    """Go on with the game that was not finished last time."""

    session: GameSession


Intent = Command | TryMove | ShowPly | StartGame | PlayText | SaveGame | ConfirmResign | ResumeGame
