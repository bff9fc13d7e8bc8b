"""What every player is: something that is shown a board and chooses a move."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from xiangqi_gpt.rules import Board, Move, XiangqiError

from .score import Score, centipawns
from .time_management import TimeBudget


class PlayerError(XiangqiError):
    """A player that cannot be made or cannot go on; the text names the player."""

    code = "player"


@dataclass(frozen=True)
class Limit:
    """How long to think about a move: ``nodes``, ``depth`` (plies), ``movetime`` (ms).

    An external engine takes exactly one of them; an xboard engine counts no nodes, and its time in whole seconds. Our
    own search knows ``nodes`` and ``movetime``; of two the first that is reached ends it, and none is no limit at all.
    """

    nodes: int | None = None
    depth: int | None = None
    movetime: int | None = None


@dataclass(frozen=True)
class Clock:
    """The seconds that Red and Black have left for the game, and what each gets back after a move."""

    red: float
    black: float
    red_increment: float = 0.0
    black_increment: float = 0.0


@dataclass(frozen=True)
class PrincipalVariation:
    """A continuation that a search expects: its first move is the choice, the others the best answers it saw.

    ``wdl`` are the probabilities of a win, a draw and a loss for the side to move before the first move; ``nodes`` how
    often the search tried it; ``mate`` the moves until a proven mate, negative where the side to move is mated.
    """

    moves: tuple[Move, ...]
    wdl: tuple[float, float, float]
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
    wdl: tuple[float, float, float] | None = None
    variation: tuple[Move, ...] = ()
    nodes: int = 1
    seconds: float = 0.0
    score: Score | None = None
    depth: int = 0
    lines: tuple[PrincipalVariation, ...] = ()


#: Asked again and again by what thinks: whether it shall stop.
Stop = Callable[[], bool]


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


class Closing:
    """Lets a player be used in a ``with`` statement, which closes it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free what the player holds."""


class Player(Protocol):
    """Chooses moves. The same seed and the same positions give the same moves."""

    name: str

    def choose(self, board: Board) -> Decision:
        """A legal move for the side to move. Raises ``PlayerError`` when the game is over."""
        ...

    def choose_many(self, boards: Sequence[Board]) -> list[Decision]:
        """One decision a board; for models much faster than one call a board."""
        ...

    def close(self) -> None:
        """Free what the player holds (processes, caches); calling it twice is fine."""
        ...


class SearchingPlayer(Player, Protocol):
    """A player that searches: it can be limited, watched and stopped."""

    def choose(
        self,
        board: Board,
        limit: Limit | None = None,
        *,
        moves: Collection[Move] | None = None,
        lines: int = 1,
        stop: Stop | None = None,
        on_progress: Callable[[SearchProgress], None] | None = None,
        budget: TimeBudget | None = None,
    ) -> Decision:
        """The move found within ``limit`` (the player's own, if None; ``Limit()`` is none at all) or until ``stop()``.

        With a ``budget`` it manages its time: less where the choice is settled, more where it is not.
        Only ``moves`` are considered, if given; the best ``lines`` of them are told. It may return before the limit
        when there is nothing left to find: a mate is proven, or its memory is full. What was found is kept: asked about
        the same position again, or one some plies on, it goes on from there. That is how it ponders: let it think
        without limit about the position after the expected reply, stop it, and ask again.
        """
        ...

    def forget(self) -> None:
        """Drop what was kept of earlier games."""
        ...
