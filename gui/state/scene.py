"""What there is to draw: the views read it, only the controller makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Protocol

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import BLACK, RED, Board, Move

from .clock import Face
from .displayed_moves import Ply
from .guess import Guessing
from .mode import Mode, View
from .move_notes import Insight, LiveNote
from .position_editor import PositionEditor
from .session import HUMAN, NO_JUDGES, GameSession
from .settings import Settings
from .study import Study

#: How many considered moves become arrows, and how likely the least of them is.
_MOST_ARROWS: Final = 4
_LEAST_SHARE: Final = 0.04


class Shown(Protocol):
    """What the board shows: a place in a line of moves; a ``GameSession`` and a ``Study`` are such."""

    @property
    def line(self) -> tuple[Ply, ...]:
        """The moves, before and after the shown position."""
        ...

    @property
    def shown(self) -> int:
        """How many of them lead to it."""
        ...

    @property
    def shown_board(self) -> Board:
        """The position."""
        ...

    @property
    def last_move(self) -> Move | None:
        """The move that led to it."""
        ...

    @property
    def may_move(self) -> bool:
        """Whether a person may move."""
        ...


@dataclass(frozen=True)
class AnalysisScene:
    """What there is to draw of an analysed game.

    ``progress`` is the share of the game that is annotated (None: all that will be); ``model`` names the model whose
    eyes it is seen with; ``games`` of the opened file, of which ``chosen`` is the study (None: the game on the board);
    ``sources`` and ``targets`` say how likely moves start from and go to squares, where they are shown as heat;
    ``live`` are the best lines of the position shown, where they are analysed.
    """

    study: Study
    view: View
    guessing: Guessing | None
    progress: float | None
    model: str
    games: int = 0
    chosen: int | None = None
    sources: Mapping[int, float] = field(default_factory=dict)
    targets: Mapping[int, float] = field(default_factory=dict)
    live: LiveNote | None = None
    is_drilling: bool = False
    is_hidden: bool = False  #: nothing may be said of the position: a move is to be found
    index: str = ""  #: folder of the position index that counts games; empty: the one that ships


@dataclass(frozen=True)
class Arrow:
    """A move drawn on the board: with a probability it is a thought, without one a hint."""

    move: Move
    probability: float | None = None


def likely_arrows(decision: Decision) -> list[Arrow]:
    """Return the likeliest moves in the eyes of a player."""
    likely = list(decision.policy.items())[:_MOST_ARROWS]
    return [Arrow(move, share) for move, share in likely if share >= _LEAST_SHARE]


@dataclass(frozen=True)
class PuzzleScene:
    """What there is to draw of a puzzle.

    ``session`` holds the moves played in it; it is the ``index``-th (from 0) of ``count`` of its ``kind`` and
    difficulty ``band``, in ``moves`` moves; ``is_loading``: the puzzles have not been read yet; ``is_open`` while help
    can be asked for, ``is_over`` when it is solved or its solution is shown; ``file`` names the file that was opened.
    """

    session: GameSession
    kind: int
    band: int
    index: int
    count: int
    moves: int
    is_loading: bool
    is_open: bool
    is_over: bool
    file: str = ""


class Tone(Enum):
    """How urgent a line of the status is."""

    PLAIN = auto()
    GOOD = auto()
    BAD = auto()
    QUIET = auto()


@dataclass(frozen=True)
class Scene:
    """One moment of the program.

    ``status`` is the line that says what is going on; ``thinking`` the side whose player is deciding (None: no one);
    ``arrows`` the moves drawn on the board; ``decision`` what the model thinks of the shown position, and ``insight``
    what else is known of it, in Play mode; ``clocks`` what those of Red and Black show; ``puzzle`` what there is to
    draw in puzzle mode.
    """

    session: GameSession
    settings: Settings
    status: str
    tone: Tone
    thinking: int | None
    loading: bool
    arrows: Sequence[Arrow]
    decision: Decision | None
    mode: Mode
    analysis: AnalysisScene
    editor: PositionEditor
    clocks: tuple[Face, Face] | None = None
    puzzle: PuzzleScene | None = None
    insight: Insight | None = None

    @property
    def shown(self) -> Shown:
        """The line of moves that the board belongs to; not in set-up mode."""
        if self.puzzle is not None and self.mode is Mode.PUZZLE:
            return self.puzzle.session
        return self.analysis.study if self.mode is Mode.ANALYSE else self.session

    @property
    def has_bar(self) -> bool:
        """Whether the bar of chances has its place in Play mode: somebody plays, or is asked, who judges positions."""
        session = self.session
        if not self.settings.bar or session.is_secret:
            return False
        judges = any(player not in (HUMAN, *NO_JUDGES) for player in session.players)
        return judges or self.settings.show_ideas or session.evaluation_at(session.shown) is not None

    @property
    def bottom(self) -> int:
        """The side at the bottom of the board."""
        return BLACK if self.settings.flipped else RED
