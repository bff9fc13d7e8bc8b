"""What the window and the players' process say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xiangqi_gpt.rules import Move

from ..state.displayed_moves import PositionRequest
from ..state.error_report import ErrorReport
from ..state.move_notes import Insight, LiveNote, MoveNote
from ..state.record_files import RecordFault

if TYPE_CHECKING:
    from xiangqi_gpt.players.player import Clock, Decision
    from xiangqi_gpt.records import Game
    from xiangqi_gpt.rules import Wdl


@dataclass(frozen=True)
class Load:
    """Ask for a player to be made ready; answered by ``Ready`` or ``Failed``."""

    spec: str


@dataclass(frozen=True)
class Unload:
    """A player that nobody asks any more."""

    spec: str


@dataclass(frozen=True)
class ThinkingTime:
    """What a game's clock leaves for a move: ``seconds`` for a player that has its time divided for it; ``clock`` for
    one that divides it itself (None in byo-yomi, which engines do not know).
    """

    seconds: float
    clock: Clock | None = None


@dataclass(frozen=True)
class Think:
    """Ask a player for a decision; answered by ``Decided`` or ``Failed`` with the same number, unless cancelled.

    ``time``: None where only the player's own limit counts.
    """

    number: int
    spec: str
    position: PositionRequest
    time: ThinkingTime | None = None


@dataclass(frozen=True)
class Ponder:
    """Let a search go on about a position in which its opponent is to move, until that is cancelled or the search has
    nothing more to find; then answered by ``Pondered``. Whatever else is asked comes first.
    """

    number: int
    spec: str
    position: PositionRequest


@dataclass(frozen=True)
class Judge:
    """Ask what a model's search says of the chances in a position; answered by ``Judged`` or ``Failed``."""

    number: int
    spec: str
    position: PositionRequest


@dataclass(frozen=True)
class Annotate:
    """Ask for notes on every move of a game, again and again; answered by ``Annotated`` in parts, or ``Failed``.

    ``deep`` names a player that judges the moves in the model's place ("" for none).
    """

    number: int
    spec: str
    position: PositionRequest
    deep: str = ""


@dataclass(frozen=True)
class Watch:
    """Ask for the best ``lines`` of a position, deeper and deeper; answered by ``Watched`` in parts, or ``Failed``.

    ``deep`` names a player that searches in the model's place ("" for none).
    """

    number: int
    spec: str
    position: PositionRequest
    lines: int
    deep: str = ""


@dataclass(frozen=True)
class Look:
    """Ask what else there is to say of a position; answered by ``Looked`` or ``Failed``.

    ``index`` is the folder of a position index that counts games instead of the shipped one ("" for that).
    """

    number: int
    spec: str
    position: PositionRequest
    index: str = ""


@dataclass(frozen=True)
class CheckTry:
    """Ask whether a move is as good as the best one; answered by ``TryChecked`` or ``Failed``."""

    number: int
    spec: str
    position: PositionRequest
    best: Move
    move: Move


@dataclass(frozen=True)
class Read:
    """Ask for the games of a file, or of a text; answered by ``GamesRead`` in parts, or ``Failed``.

    ``words``: of a corpus only the games in which each of them stands, or each of the ``others``, if there are any.
    """

    number: int
    path: str
    text: str = ""
    words: str = ""
    others: str = ""

    @property
    def spec(self) -> str:
        """What an error is about."""
        return self.path


@dataclass(frozen=True)
class ReadPuzzles:
    """Ask for the puzzles of a file, "" for those that ship; answered by ``PuzzlesRead`` or ``Failed``."""

    number: int
    path: str = ""

    @property
    def spec(self) -> str:
        """What an error is about."""
        return self.path


@dataclass(frozen=True)
class Solve:
    """Ask what a move does in a puzzle with ``left`` moves to go, or for a line that solves it (``move`` None).

    ``goal`` is the balance of material to be reached. Answered by ``Solved`` or ``Failed``.
    """

    number: int
    fen: str
    left: int
    move: Move | None = None
    kind: str = "mate"
    goal: int = 0
    spec: str = ""


@dataclass(frozen=True)
class PuzzleEntry:
    """A puzzle: ``difficulty`` in bits of surprise, ``solution`` one line that solves it, and what is asked for.

    ``goal`` is the balance of material to be reached, for the side to move.
    """

    fen: str
    moves: int
    difficulty: float
    solution: tuple[Move, ...]
    kind: str = "mate"
    goal: int = 0


@dataclass(frozen=True)
class PuzzlesRead:
    """The puzzles, the easiest first."""

    number: int
    puzzles: tuple[PuzzleEntry, ...]


@dataclass(frozen=True)
class Solved:
    """Whether a move is right, the answer to it, and whether it solved the puzzle; or the ``line`` asked for."""

    number: int
    is_right: bool
    reply: Move | None = None
    solved: bool = False
    line: tuple[Move, ...] = ()


@dataclass(frozen=True)
class TryChecked:
    """Whether a try is right, and the play expected after it: of a wrong one, its refutation."""

    number: int
    is_right: bool
    line: tuple[Move, ...] = ()


@dataclass(frozen=True)
class Cancel:
    """A request whose answer nobody waits for any more."""

    number: int


@dataclass(frozen=True)
class Ready:
    """A player can be asked."""

    spec: str
    name: str


@dataclass(frozen=True)
class Decided:
    """A player's decision."""

    number: int
    decision: Decision


@dataclass(frozen=True)
class Judged:
    """Win, draw and loss for the side to move; None where a search is not possible, or not yet without a long wait."""

    number: int
    wdl: Wdl | None


@dataclass(frozen=True)
class Pondered:
    """A search about the opponent's position was interrupted, or is over: ``done``."""

    number: int
    done: bool


@dataclass(frozen=True)
class Annotated:
    """Notes on some moves of a game, better ones than before; ``done`` with the last.

    ``share`` of the pass through the game is done, and each position was searched for ``nodes`` before it.
    """

    number: int
    notes: tuple[MoveNote, ...]
    done: bool
    share: float = 1.0
    nodes: int = 0


@dataclass(frozen=True)
class Watched:
    """The best lines so far; ``done`` where there is nothing more to find."""

    number: int
    live: LiveNote
    done: bool


@dataclass(frozen=True)
class Looked:
    """What else there is to say of a position."""

    number: int
    insight: Insight


@dataclass(frozen=True)
class GamesRead:
    """The games of a file from the ``first`` (0) on, with the faults found since; ``done`` with the last."""

    number: int
    first: int
    games: tuple[Game, ...]
    faults: tuple[RecordFault, ...]
    done: bool


@dataclass(frozen=True)
class Failed:
    """A player could not be made (``number`` None) or could not do what was asked, and why."""

    spec: str
    number: int | None
    error: ErrorReport


@dataclass(frozen=True)
class Crashed:
    """The process died; ``restarted`` says whether a new one has taken over its open requests."""

    restarted: bool


Question = Think | Ponder | Judge | Annotate | Watch | Look | Read | ReadPuzzles | Solve | CheckTry
Request = Load | Unload | Question | Cancel
Answer = Decided | Pondered | Judged | Annotated | Watched | Looked | GamesRead | PuzzlesRead | Solved | TryChecked
Reply = Ready | Answer | Failed | Crashed
