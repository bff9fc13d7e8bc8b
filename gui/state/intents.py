"""What a person wants, as a view reports it; the controller carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from xiangqi_gpt.records.board_marks import BoardMark
from xiangqi_gpt.records.game_node import GameNode
from xiangqi_gpt.rules import Move

from .commands import Command
from .mode import Mode, View
from .session import GameSession
from .study import Study


@dataclass(frozen=True)
class TryMove:
    """Go from one square to another, if the rules let it; ``dragged`` pieces are there already and do not slide.

    ``sure``: also where the move loses the game by repetition.
    """

    source: int
    target: int
    dragged: bool = False
    sure: bool = False


@dataclass(frozen=True)
class ShowPly:
    """Show the position after a number of plies."""

    ply: int


@dataclass(frozen=True)
class StartGame:
    """Begin a new game with these players of Red and Black; ``clock`` as ``TimeControl`` reads it, "" for none.

    ``names`` of the people at the board, "" where none was given; ``rated``: the result counts for the person's rating;
    ``pairing``: how the opponent was chosen, one of ``PAIRINGS``, "" where that is not to be remembered.

    Here and below ``sure`` means that the person has been asked, or need not be, whether something may be lost.
    """

    players: tuple[str, str]
    fen: str | None = None
    clock: str = ""
    sure: bool = False
    names: tuple[str, str] = ("", "")
    rated: bool = False
    pairing: str = ""


@dataclass(frozen=True)
class AddEngine:
    """Take an engine, given by its player spec, among the opponents if it starts; else one of the ``others``, in order:
    the same program in other protocols.
    """

    spec: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemoveEngine:
    """Take an engine out of the opponents."""

    spec: str
    sure: bool = False


@dataclass(frozen=True)
class UseModel:
    """Play against the model of a folder from now on if it can be loaded; empty: the shipped one."""

    folder: str


@dataclass(frozen=True)
class ChangeSetting:
    """Give a setting, by the name of its field, another value."""

    name: str
    value: object


@dataclass(frozen=True)
class SwitchMode:
    """Use the board for something else."""

    mode: Mode
    sure: bool = False


@dataclass(frozen=True)
class Paste:
    """Take a position or a game, as the clipboard had it."""

    text: str
    sure: bool = False


@dataclass(frozen=True)
class ChooseBand:
    """Show puzzles of another difficulty."""

    band: int


@dataclass(frozen=True)
class ChoosePuzzleKind:
    """Show puzzles of another kind, by its place among them."""

    kind: int


@dataclass(frozen=True)
class OpenPuzzles:
    """Read the puzzles of a file; empty: those that ship."""

    path: str


@dataclass(frozen=True)
class ChooseView:
    """Show another part of what is known about the analysed game."""

    view: View


@dataclass(frozen=True)
class OpenRecord:
    """Read the games of a file; ``words``: of a corpus only those in which each of them stands."""

    path: str
    sure: bool = False
    words: str = ""


@dataclass(frozen=True)
class ChooseGame:
    """Analyse a game of the file that was opened, counted from 0; None: the game that is being played.

    ``ply``: show the position after so many plies.
    """

    index: int | None
    sure: bool = False
    ply: int | None = None


@dataclass(frozen=True)
class GoTo:
    """Show a position of the analysed game."""

    node: GameNode


@dataclass(frozen=True)
class PlayLine:
    """Add a line after a number of plies of the analysed game, and show the position after the line's first move."""

    ply: int
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class TryLine:
    """Add a line to the position that is shown, and show the position after its first move."""

    moves: tuple[Move, ...]


@dataclass(frozen=True)
class ShowGamePly:
    """Show the position of the analysed game itself after a number of plies."""

    ply: int


@dataclass(frozen=True)
class SetAnalyst:
    """Let a player judge the moves of games besides the model, if it starts, or one of the ``others``.

    Empty: the model alone.
    """

    spec: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class UseIndex:
    """Let the explorer show the position index of a folder, if it can be read; empty: the shipped one."""

    folder: str


@dataclass(frozen=True)
class PlayFromHere:
    """Go on playing from the position on the board."""

    sure: bool = False


@dataclass(frozen=True)
class Place:
    """Put a piece on a square of the position that is set up; 0 clears the square."""

    square: int
    piece: int


@dataclass(frozen=True)
class MovePiece:
    """Move a piece of the position that is set up."""

    source: int
    target: int


@dataclass(frozen=True)
class SetTurn:
    """Say which side moves in the position that is set up."""

    side: int


@dataclass(frozen=True)
class PlayText:
    """Play a move that was typed in any notation."""

    text: str


@dataclass(frozen=True)
class SaveGame:
    """Write the game to a file; where one of that name is there, it is replaced.

    The ending names the format; ``review``: with comments, glyphs and better lines, where that is a record.
    """

    path: str
    sure: bool = False
    review: bool = False


class Browsed(Enum):
    """What is looked for among files and folders."""

    RECORD = auto()
    PUZZLES = auto()
    PROGRAM = auto()
    FOLDER = auto()


@dataclass(frozen=True)
class Browse:
    """Look for a file or a folder for the dialog that asks, from a path on."""

    what: Browsed
    start: str = ""


@dataclass(frozen=True)
class TakePath:
    """A file or a folder was found for the dialog that asked."""

    path: str


@dataclass(frozen=True)
class ConfirmResign:
    """Give the game up: the person has been asked."""

    side: int


@dataclass(frozen=True)
class ConfirmDraw:
    """A side offers a draw, or accepts the one that is offered: the person has been asked."""

    side: int


@dataclass(frozen=True)
class DeleteMoves:
    """Delete the shown move of the analysed game and what follows it: the person has been asked."""


@dataclass(frozen=True)
class CutMoves:
    """Delete what follows the shown move of the analysed game: the person has been asked."""


@dataclass(frozen=True)
class WriteComment:
    """Write this after the shown move of the analysed game, in place of what stands there."""

    text: str


@dataclass(frozen=True)
class WriteTags:
    """Write these tags of the analysed game, in place of those of the same names, and its result; "" is none."""

    tags: tuple[tuple[str, str], ...]
    result: str


@dataclass(frozen=True)
class MarkBoard:
    """Draw an arrow, or a circle, on the board of the analysed game, or take it away."""

    mark: BoardMark


@dataclass(frozen=True)
class FoldVariation:
    """Fold or unfold the variation that begins with a move."""

    first: GameNode
    is_folded: bool


@dataclass(frozen=True)
class ResumeGame:
    """Go on with the game that was not finished last time."""

    session: GameSession


@dataclass(frozen=True)
class GiveUpGame:
    """Give up the game that was not finished last time: a rated one is lost."""

    session: GameSession


@dataclass(frozen=True)
class ResumeStudy:
    """Go on with the variations that were not saved last time."""

    study: Study


@dataclass(frozen=True)
class GiveUpStudy:
    """Discard the variations that were not saved last time."""


Intent = (
    Command
    | TryMove
    | ShowPly
    | StartGame
    | AddEngine
    | RemoveEngine
    | UseModel
    | SwitchMode
    | Paste
    | ChangeSetting
    | ChooseView
    | ChooseBand
    | ChoosePuzzleKind
    | OpenPuzzles
    | OpenRecord
    | ChooseGame
    | GoTo
    | PlayLine
    | TryLine
    | ShowGamePly
    | SetAnalyst
    | UseIndex
    | PlayFromHere
    | Place
    | MovePiece
    | SetTurn
    | PlayText
    | SaveGame
    | Browse
    | TakePath
    | ConfirmResign
    | ConfirmDraw
    | DeleteMoves
    | CutMoves
    | WriteComment
    | WriteTags
    | MarkBoard
    | FoldVariation
    | ResumeGame
    | GiveUpGame
    | ResumeStudy
    | GiveUpStudy
)
