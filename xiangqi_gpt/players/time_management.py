"""How much of a clock a search uses for a move: less where the choice is settled, more where it is not."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

#: Moves that the time left is to last for, the share of an increment that is used, and the most of what is left.
_MOVES_LEFT: Final = 30
_OF_INCREMENT: Final = 0.8
_MOST_OF_CLOCK: Final = 0.8
#: How many times the usual time an unsettled move may take.
_MOST_TIMES: Final = 2.5

#: Factors of the usual time, from a settled choice to an open one: by how long the best move has been the best, by its
#: lead in visits over the next, and by the entropy of the policy, which is ``_USUAL_ENTROPY`` nats as a rule.
_STABLE, _CHANGED = 0.6, 1.4
_AHEAD, _LEVEL = 0.6, 1.3
_PLAIN, _COMPLEX = 0.8, 1.25
_USUAL_ENTROPY: Final = 1.3
#: How far the entropy of the policy can move the effort.
_LEAST_EFFORT, _MOST_EFFORT = 0.5, 2.0


@dataclass(frozen=True)
class TimeBudget:
    """The seconds that a move takes as a rule, ``usual``, and in the extreme, ``most``."""

    usual: float
    most: float

    @classmethod
    def of_clock(
        cls,
        left: float,
        increment: float = 0.0,
        *,
        moves: int | None = None,
        period: float = 0.0,
        reserve: float = 0.0,
    ) -> Self:
        """Divide a clock: an even share of what is left for ``moves`` and most of the increment, less ``reserve``.

        ``period`` are the seconds of byo-yomi that a move has besides, or what is left of them once they run.

        >>> TimeBudget.of_clock(60, 1)
        TimeBudget(usual=2.8, most=7.0)
        """
        bound = _MOST_OF_CLOCK * (left + period)
        share = min(left / max(1, moves or _MOVES_LEFT) + _OF_INCREMENT * (increment + period), bound)
        return cls(max(0.0, share - reserve), max(0.0, min(_MOST_TIMES * share, bound) - reserve))


class TimeManager:
    """Ends a search whose time is up, or in which nothing can change any more.

    The time is the usual one times three factors, for stability, lead and complexity, and at most the most of the
    budget. Nothing can change where the next best move would need more visits than the time left allows.
    """

    def __init__(self, budget: TimeBudget, start: float, policy: Collection[float]) -> None:
        """``start`` is when the move began, by the clock of ``is_over``; ``policy`` the prior of the legal moves."""
        self._budget, self._start = budget, start
        self._complexity = min(max(_entropy(policy) / _USUAL_ENTROPY, _PLAIN), _COMPLEX)
        self._best, self._changed = -1, start

    def is_over(self, moment: float, best: int, lead: int, nodes: int, visits: int) -> bool:
        """Return whether to move at ``moment``.

        ``best`` is the best move so far, ``lead`` by how many visits it is ahead of the next best, of ``visits`` of the
        root; ``nodes`` were looked at since the start.
        """
        if best != self._best:
            self._best, self._changed = best, moment
        elapsed = moment - self._start
        target = self._target(elapsed, moment - self._changed, lead / max(visits, 1))
        if elapsed >= target:
            return True
        return nodes > 0 and elapsed > 0 and lead > nodes / elapsed * (target - elapsed)

    def _target(self, elapsed: float, settled: float, lead: float) -> float:
        stability = _CHANGED + (_STABLE - _CHANGED) * (settled / elapsed if elapsed > 0 else 0.0)
        ahead = _LEVEL + (_AHEAD - _LEVEL) * min(max(lead, 0.0), 1.0)
        return min(self._budget.usual * stability * ahead * self._complexity, self._budget.most)


def effort(policy: Collection[float]) -> float:
    """Return by how much to lengthen a search, from the entropy of the policy's probabilities."""
    return min(max(_entropy(policy) / _USUAL_ENTROPY, _LEAST_EFFORT), _MOST_EFFORT)


def _entropy(policy: Collection[float]) -> float:
    return -sum(p * math.log(p) for p in policy if p > 0)
