"""What every player is: something that is shown a board and chooses a move."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from xiangqi_gpt.rules import RED, Board, Move, Wdl, XiangqiError

from .score import Score, centipawns
from .time_management import TimeBudget


class PlayerError(XiangqiError):
    """A player that cannot be made or cannot go on; the text names the player."""

    code = "player"


@dataclass(frozen=True)
class SearchLimit:
    """How long to think about a move: ``nodes``, ``depth`` (plies), ``movetime`` (ms); ``SearchLimit()`` is no limit.

    An external engine takes one of them, nodes or depth before time; an xboard engine counts no nodes, and its time in
    whole seconds. Our own search knows ``nodes`` and ``movetime``, and a ``budget`` that it manages: less time where
    the choice is settled, more where it is not; of several the first that is reached ends it. It alone considers no
    other ``moves`` than these, where they are given, and tells of the best ``lines``.
    """

    nodes: int | None = None
    depth: int | None = None
    movetime: int | None = None
    budget: TimeBudget | None = None
    moves: tuple[Move, ...] | None = None
    lines: int = 1

    @property
    def is_open(self) -> bool:
        """Whether nothing of this ends a search."""
        return (self.nodes, self.depth, self.movetime, self.budget) == (None, None, None, None)


@dataclass(frozen=True)
class Clock:
    """The seconds that Red and Black have left for the game, and what each gets back after a move."""

    red: float
    black: float
    red_increment: float = 0.0
    black_increment: float = 0.0

    def of(self, turn: int) -> tuple[float, float]:
        """Return the seconds that a side has left, and what it gets back after a move."""
        return (self.red, self.red_increment) if turn == RED else (self.black, self.black_increment)


@dataclass(frozen=True)
class PrincipalVariation:
    """A continuation that a search expects: its first move is the choice, the others the best answers it saw.

    ``wdl`` are the probabilities of a win, a draw and a loss for the side to move before the first move; ``nodes`` how
    often the search tried it; ``mate`` the moves until a proven mate, negative where the side to move is mated.
    """

    moves: tuple[Move, ...]
    wdl: Wdl
    nodes: int = 0
    mate: int | None = None

    @property
    def score(self) -> Score:
        """What engines would say of it."""
        return Score(cp=centipawns(self.wdl)) if self.mate is None else Score(mate=self.mate)


@dataclass(frozen=True)
class SearchProgress:
    """Where a search stands: its best lines, best first, positions looked at, plies of the longest line, seconds."""

    lines: tuple[PrincipalVariation, ...]
    nodes: int
    depth: int
    seconds: float


@dataclass(frozen=True)
class Decision:
    """A chosen move and what the player saw.

    ``policy`` gives the probability of legal moves, most likely first (empty for players without one); ``wdl`` the
    probabilities of a win, a draw and a loss for the side to move (None where the player has no opinion);
    ``variation`` the expected continuation with the chosen move first; ``nodes`` positions looked at; ``score`` and
    ``depth`` (plies, 0 when not told) what an engine said last; ``lines`` what our search found, best first, as many as
    were asked for.
    """

    move: Move
    policy: Mapping[Move, float] = field(default_factory=dict)
    wdl: Wdl | None = None
    variation: tuple[Move, ...] = ()
    nodes: int = 1
    seconds: float = 0.0
    score: Score | None = None
    depth: int = 0
    lines: tuple[PrincipalVariation, ...] = ()


#: Polled during a search; returns True to stop it.
Stop = Callable[[], bool]
#: Called during a search with where it stands.
OnProgress = Callable[[SearchProgress], None]


def expect_moves(board: Board, name: str) -> None:
    """Raise ``PlayerError`` in the name of a player when there is no move to choose."""
    if not board.legal_moves:
        raise PlayerError(f"{name}: the game is over, there is no move to choose: {board.fen()}")


class Policy(dict[Move, float]):
    """The probability of each legal move, likeliest first; a move may also be asked for in coordinates.

    >>> Policy({Move.from_uci("h2e2"): 0.25})["h2e2"]
    0.25
    """

    def __missing__(self, key: object) -> float:
        if isinstance(key, str):
            move = Move.from_uci(key)
            if move in self:
                return self[move]
        raise KeyError(key)


class Player(Protocol):
    """Chooses moves. The same seed and the same positions give the same moves. ``BasePlayer`` has what few need."""

    name: str

    @property
    def limit(self) -> SearchLimit | None:
        """How long it thinks about a move unless it is told otherwise; None for one that answers at once."""
        ...

    @property
    def divides_time(self) -> bool:
        """Whether it is a search of ours that time alone limits: it makes good use of a clock, and of pondering."""
        ...

    def choose(
        self,
        board: Board,
        limit: SearchLimit | None = None,
        *,
        clock: Clock | None = None,
        stop: Stop | None = None,
        on_progress: OnProgress | None = None,
    ) -> Decision:
        """Return a legal move for the side to move, found within ``limit`` (None: its own) or until ``stop()``.

        ``clock`` is what both sides have left. An engine without a limit of its own, or given one of time, divides it
        itself; our search makes a budget of it where ``limit`` is None. A player that answers at once needs neither.

        A search may return before the limit when there is nothing left to find: a mate is proven, or its memory is
        full. What was found is kept: asked about the same position again, or one some plies on, it goes on from there.
        That is how it ponders: let it think without limit about the position after the expected reply, stop it, and
        ask again.

        Raises ``PlayerError`` when the game is over.
        """
        ...

    def choose_many(self, boards: Sequence[Board]) -> list[Decision]:
        """Return one decision a board; for models much faster than one call a board."""
        ...

    def try_many(self, boards: Sequence[Board]) -> list[Decision | Exception]:
        """Return one decision a board, or what went wrong with it: one failure leaves the other boards alone."""
        ...

    def forget(self) -> None:
        """Drop what was kept of earlier games."""
        ...

    def close(self) -> None:
        """Free what the player holds (processes, caches); calling it twice is fine."""
        ...


class BasePlayer:
    """What most players have in common; a ``with`` statement closes one. A subclass has a ``name`` and ``choose``."""

    name = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def limit(self) -> SearchLimit | None:
        """None: it answers at once."""
        return None

    @property
    def divides_time(self) -> bool:
        """Return False: it is no search of ours that time alone limits."""
        return False

    def choose(
        self,
        board: Board,
        limit: SearchLimit | None = None,
        *,
        clock: Clock | None = None,
        stop: Stop | None = None,
        on_progress: OnProgress | None = None,
    ) -> Decision:
        """See ``Player``."""
        raise NotImplementedError

    def choose_many(self, boards: Sequence[Board]) -> list[Decision]:
        """Return one decision a board, in their order."""
        return [self.choose(board) for board in boards]

    def try_many(self, boards: Sequence[Board]) -> list[Decision | Exception]:
        """See ``Player``: all are asked together, and after a failure one by one."""
        with contextlib.suppress(Exception):
            decisions = self.choose_many(boards)
            if len(decisions) == len(boards):
                return list(decisions)
        found: list[Decision | Exception] = []
        for board in boards:
            try:
                found.append(self.choose(board))
            except Exception as error:
                found.append(error)
        return found

    def forget(self) -> None:
        """Nothing is kept that would change a move."""

    def close(self) -> None:
        """Nothing is held."""
