"""A person's rating from games against opponents of known strength, and which level to play next.

Bayesian and one-dimensional: before any game the rating is normal around ``_PRIOR_MEAN`` with a wide deviation; a game
against an opponent of R Elo multiplies by s^score (1 - s)^(1 - score), s = 1 / (1 + 10^((R - rating) / 400)), so that a
draw is half a win and half a loss (Bradley and Terry). The Elo of the levels count as exact, and Red's advantage as
none: exchange the sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .levels import LADDER_ELO, SHOWN_ELO

_PRIOR_MEAN: Final = -150.0
_PRIOR_DEVIATION: Final = 500.0
_NATS: Final = math.log(10) / 400  # of an Elo point
#: Older games are left out: a person learns.
RECENT_GAMES: Final = 100

#: Ratings that are reckoned with: five deviations and more around the prior's mean.
_GRID: Final = np.arange(-3000.0, 2701.0, 5.0)


@dataclass(frozen=True)
class OwnRating:
    """A rating on the ladder of ``docs/levels.md``: mean, the ends of its 95 % interval, and how many games count."""

    elo: float
    low: float
    high: float
    games: int

    def shown(self) -> dict[str, int]:
        """Return ``elo``, ``low`` and ``high`` as a person is shown them: whole, with ``SHOWN_ELO`` added."""
        values = {"elo": self.elo, "low": self.low, "high": self.high}
        return {name: round(value + SHOWN_ELO) for name, value in values.items()}


def rate_person(games: Sequence[tuple[float, float]]) -> OwnRating:
    """Return the rating that games say, each the opponent's Elo and one's score (0, 0.5 or 1), the oldest first.

    Only the last ``RECENT_GAMES`` count; without any it is what is believed beforehand.

    >>> rating = rate_person([(0.0, 1.0), (0.0, 0.0)])
    >>> rating.low < rating.elo < rating.high, rating.games
    (True, 2)
    """
    recent = games[-RECENT_GAMES:]
    return _rating(_posterior(recent), len(recent))


def rating_course(games: Sequence[tuple[float, float]]) -> list[OwnRating]:
    """Return the rating after each of the last ``RECENT_GAMES`` games, the oldest first; games as for ``rate_person``.

    >>> [rating.games for rating in rating_course([(0.0, 1.0), (0.0, 0.0)])]
    [1, 2]
    """
    return rating_history(games)[-RECENT_GAMES:]


def rating_history(games: Sequence[tuple[float, float]]) -> list[OwnRating]:
    """Return the rating after each of all games, the oldest first; games as for ``rate_person``."""
    logs, found = _prior(), []
    for count, game in enumerate(games, 1):
        logs = logs + _log_likelihood(*game)
        if count > RECENT_GAMES:
            logs = logs - _log_likelihood(*games[count - RECENT_GAMES - 1])
        found.append(_rating(_normalised(logs), min(count, RECENT_GAMES)))
    return found


def most_telling_level(games: Sequence[tuple[float, float]]) -> int:
    """Return the level against which the next game is expected to say most about the rating, the weaker of equals.

    That is the one whose result is the least certain, over all ratings that are still likely.
    """
    weights = _posterior(games[-RECENT_GAMES:])

    def information(level: int) -> float:
        score = _expected(LADDER_ELO[level])
        return float(weights @ (score * (1 - score)))

    return max(LADDER_ELO, key=lambda level: (information(level), -level))


def _posterior(games: Iterable[tuple[float, float]]) -> npt.NDArray[np.float64]:
    """(G,) how likely each rating of the grid is, adding up to 1."""
    return _normalised(sum((_log_likelihood(*game) for game in games), _prior()))


def _prior() -> npt.NDArray[np.float64]:
    """(G,) logarithms of how likely each rating is before any game, but for a constant."""
    logs: npt.NDArray[np.float64] = -0.5 * ((_GRID - _PRIOR_MEAN) / _PRIOR_DEVIATION) ** 2
    return logs


def _log_likelihood(elo: float, score: float) -> npt.NDArray[np.float64]:
    """Return the (G,) logarithms of how likely a result is at each rating of the grid."""
    nats = _NATS * (_GRID - elo)
    logs: npt.NDArray[np.float64] = score * nats - np.logaddexp(0.0, nats)
    return logs


def _normalised(logs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the (G,) probabilities whose logarithms, up to a constant, are given."""
    weights: npt.NDArray[np.float64] = np.exp(logs - logs.max())
    weights /= weights.sum()
    return weights


def _rating(weights: npt.NDArray[np.float64], games: int) -> OwnRating:
    """Return the mean and the 95 % interval, in Elo, of the (G,) probabilities on the grid."""
    low, high = np.interp((0.025, 0.975), np.cumsum(weights), _GRID)
    return OwnRating(float(weights @ _GRID), float(low), float(high), games)


def _expected(elo: float) -> npt.NDArray[np.float64]:
    """(G,) the score expected against an opponent, for each rating of the grid."""
    expected: npt.NDArray[np.float64] = 1 / (1 + np.exp(-_NATS * (_GRID - elo)))
    return expected
