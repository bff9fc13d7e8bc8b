"""What ``go`` asks for: how long to think, and about which moves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from xiangqi_gpt.players.player import SearchLimit
from xiangqi_gpt.players.time_management import TimeBudget
from xiangqi_gpt.rules import RED

_RESERVE: Final = 0.05  # seconds that lines need on their way
_NUMBER: Final = re.compile(r"-?\d{1,15}\Z", re.ASCII)


@dataclass(frozen=True)
class Go:
    """What one search is asked for.

    ``clock`` are the seconds that the side to move has left, None without a clock, ``moves_to_go`` how many moves they
    must last for. ``infinite`` and ``ponder`` wait for ``stop`` (or ``ponderhit``) before they answer. ``moves``: think
    of these only.
    """

    limit: SearchLimit = field(default_factory=SearchLimit)
    clock: float | None = None
    increment: float = 0.0
    moves_to_go: int | None = None
    infinite: bool = False
    ponder: bool = False
    moves: tuple[str, ...] = ()

    @property
    def is_limited(self) -> bool:
        """Whether it says how long to think."""
        return self.limit != SearchLimit() or self.clock is not None

    @property
    def budget(self) -> TimeBudget | None:
        """What the clock gives for this move; None without one, and where the opponent's time was used to ponder."""
        if self.clock is None or self.limit.movetime is not None or self.ponder:
            return None
        return TimeBudget.of_clock(self.clock, self.increment, moves=self.moves_to_go, reserve=_RESERVE)

    @property
    def seconds(self) -> float | None:
        """How long to think about this move at most, None without a limit of time.

        After pondering it is an even share of the time left and most of the increment.
        """
        if self.limit.movetime is not None:
            return max(0.0, self.limit.movetime / 1000 - _RESERVE / 2)
        if self.clock is None:
            return None
        if (budget := self.budget) is not None:
            return budget.most
        return TimeBudget.of_clock(self.clock, self.increment, moves=self.moves_to_go, reserve=_RESERVE).usual


def read_go(words: Sequence[str], turn: int, *, ucci: bool = False, milliseconds: bool = True) -> Go:
    """The limits in the words after ``go``, for the side to move; what cannot be read is no limit.

    UCCI counts time in seconds unless told otherwise.

    >>> go = read_go("wtime 60000 btime 1000 winc 500".split(), RED)
    >>> go.clock, go.increment
    (60.0, 0.5)
    """
    unit = 0.001 if milliseconds or not ucci else 1.0
    mine = "w" if turn == RED else "b"
    found: dict[str, float | bool | tuple[str, ...]] = {}
    limits: dict[str, int] = {}
    for word, values in _grouped(words):
        value = int(values[0]) if values and _NUMBER.match(values[0]) else None
        if word in ("infinite", "ponder"):
            found[word] = True
        elif word == "depth" and values[:1] == ["infinite"]:
            found["infinite"] = True
        elif word == "searchmoves":
            found["moves"] = tuple(values)
        elif value is None:
            continue
        elif word in ("nodes", "depth"):
            limits[word] = max(1, value)
        elif word == "movetime":
            limits["movetime"] = round(1000 * max(0, value) * unit)
        elif word in (f"{mine}time", "time"):
            found["clock"] = max(0, value) * unit
        elif word in (f"{mine}inc", "increment"):
            found["increment"] = max(0, value) * unit
        elif word == "movestogo":
            found["moves_to_go"] = max(1, value)
    return Go(SearchLimit(**limits), **found)  # type: ignore[arg-type]


_OURS: Final = ("infinite", "ponder", "depth", "searchmoves", "nodes", "movetime", "movestogo")
_CLOCKS: Final = ("wtime", "btime", "winc", "binc", "time", "increment")
_NOT_OURS: Final = ("opptime", "oppincrement", "oppmovestogo", "mate", "draw")
_WORDS: Final = frozenset((*_OURS, *_CLOCKS, *_NOT_OURS))


def _grouped(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each known word with the words that follow it up to the next; UCCI's ``depth infinite`` stays together."""
    group: list[str] = []
    for word in words:
        if word in _WORDS and not (word == "infinite" and group == ["depth"]):
            if group:
                yield group[0], group[1:]
            group = [word]
        elif group:
            group.append(word)
    if group:
        yield group[0], group[1:]
