"""Ratings of many players from their games: maximum likelihood, with the covariance.

Ratings are on the usual scale: with a difference of d Elo, the advantage of the first move included, Red's expected
score is s = 1 / (1 + 10^(-d / 400)). How much of it comes from draws is after Davidson (1970): Red's win, a draw and
Black's win are to each other as t : nu : 1 / t, where nu is common to all games and t is what gives the score s.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import RED

from .statistics import Z95

if TYPE_CHECKING:
    from ..match.result import GameResult

_NATS: Final = math.log(10) / 400  # of an Elo point

#: Standard deviation in Elo of a weak prior belief that players are alike: it keeps the rating of a player finite that
#: won or lost every game, and moves others by a point or two.
_PRIOR_ELO: Final = 1000.0
_PRIOR_ADVANTAGE: Final = 200.0
#: The same for the logarithm of nu, around a draw in three games of equals.
_PRIOR_LOG_NU: Final = 2.0

_STEPS: Final = 200
#: Beyond this difference, 5211 Elo, the weaker side's chance has no digits left to reckon with.
_MOST_NATS: Final = 30.0


@dataclass(frozen=True)
class Ratings:
    """What the games say, players in the order of their places.

    ``elo`` (n,) with the fixed players' as given; ``covariance`` (n, n) of it, zero for the fixed unless their errors
    were given; ``advantage`` in Elo of the first move; ``draw_rate`` (0..1) between equals without that advantage.
    """

    elo: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64]
    advantage: float
    advantage_error: float
    draw_rate: float

    def interval(self, player: int) -> tuple[float, float]:
        """Return the ends of the 95 % interval of a player's rating, given the fixed ones."""
        error = Z95 * math.sqrt(self.covariance[player, player])
        return float(self.elo[player]) - error, float(self.elo[player]) + error

    def superiority(self, player: int, other: int) -> float:
        """Return the likelihood (0..1) that one player is stronger than another."""
        c = self.covariance
        deviation = math.sqrt(max(c[player, player] + c[other, other] - 2 * c[player, other], 1e-12))
        return 0.5 * (1 + math.erf(float(self.elo[player] - self.elo[other]) / deviation / math.sqrt(2)))


def fit_ratings(
    players: int,
    games: Sequence[GameResult],
    anchors: Mapping[int, float] | None = None,
    *,
    anchor_errors: Mapping[int, float] | None = None,
) -> Ratings:
    """Return the likeliest ratings of ``players`` players.

    ``anchors`` fixes the ratings of some, by default 0 for the first. The error assumes that games are independent,
    which is cautious: two games from one opening with colours exchanged say a little more. With ``anchor_errors``,
    standard deviations in Elo of fixed ratings, independent of each other, the covariance includes what they do to all
    ratings (to first order); the ratings themselves stay.
    """
    fixed = dict(anchors or {0: 0.0})
    free = [player for player in range(players) if player not in fixed]
    results = _arrays(games)
    fit = _Fit(players, fixed, free, *results)
    parameters = fit.solve()
    elo = fit.elo(parameters)
    covariance = np.zeros((players, players))
    inverse = np.linalg.inv(fit.information(parameters))
    covariance[np.ix_(free, free)] = inverse[: len(free), : len(free)]
    if anchor_errors:
        everybody = _Fit(players, fixed, list(range(players)), *results)
        shifts = np.where(
            np.isin(np.arange(players), free), elo, 0.0
        )  # the fixed as far as they are from their ratings
        information = everybody.information(np.concatenate([shifts, parameters[-2:]]))
        moved = np.array([*free, players, players + 1])
        effect = np.eye(players)  # (n, n): how each rating moves with each fixed one
        effect[np.ix_(free, free)] = 0
        held = np.array(list(fixed))
        effect[np.ix_(np.array(free), held)] = -(inverse @ information[np.ix_(moved, held)])[: len(free)]
        variance = np.array([anchor_errors.get(player, 0.0) ** 2 for player in range(players)])
        covariance += (effect * variance) @ effect.T
    nu = math.exp(parameters[-1])
    return Ratings(elo, covariance, float(parameters[-2]), math.sqrt(inverse[-2, -2]), nu / (2 + nu))


_Places = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


def _arrays(games: Sequence[GameResult]) -> tuple[_Places, _Places, _Places]:
    """(G,) place of Red, place of Black, and Red's result as 2, 1 or 0 half points."""
    red, black = np.empty(len(games), np.int64), np.empty(len(games), np.int64)
    results = np.empty(len(games), np.int64)
    for g, game in enumerate(games):
        first, second = game.fixture.players
        red[g], black[g] = (first, second) if game.fixture.first_color == RED else (second, first)
        results[g] = round(2 * game.red_score)
    return red, black, results


class _Fit:
    """Fisher's scoring on the parameters: free ratings, advantage (both in Elo) and log nu."""

    def __init__(
        self, players: int, fixed: dict[int, float], free: list[int], red: _Places, black: _Places, results: _Places
    ) -> None:
        self._free, self._results = free, results
        self._base = np.zeros(players)
        self._base[list(fixed)] = list(fixed.values())
        #: (G, P): how the difference in Elo of a game depends on each parameter
        self._design = np.zeros((len(results), len(free) + 2))
        for column, player in enumerate(free):
            self._design[:, column] = (red == player).astype(float) - (black == player)
        self._design[:, -2] = 1  # and nothing by log nu
        self._offset = self._base[red] - self._base[black]
        center = np.full(len(free) + 2, self._base[list(fixed)].mean())
        center[-2:] = 0, 0  # log nu = 0: a draw in three games
        self._center = center
        self._weight = np.array([_PRIOR_ELO**-2] * len(free) + [_PRIOR_ADVANTAGE**-2, _PRIOR_LOG_NU**-2])

    def elo(self, parameters: _Floats) -> _Floats:
        elo = self._base.copy()
        elo[self._free] = parameters[: len(self._free)]
        return elo

    def solve(self) -> _Floats:
        parameters = self._center.copy()
        value = self._value(parameters)
        for _ in range(_STEPS):
            step = np.linalg.solve(self.information(parameters), self._gradient(parameters))
            size = 1.0
            while (tried := self._value(parameters + size * step)) < value and size > 1e-6:
                size /= 2
            parameters = parameters + size * step
            value = tried
            if np.abs(step).max() < 1e-6:
                break
        return parameters

    def _state(self, parameters: _Floats) -> tuple[_Floats, _Floats]:
        """(G, 3) chances of Red's loss, a draw and Red's win; (G,) Red's expected score."""
        nats = (self._offset + self._design @ parameters) * _NATS
        nats = nats.clip(-_MOST_NATS, _MOST_NATS)  # a step may lead further, and is taken back by half
        nu = math.exp(parameters[-1])
        s = 1 / (1 + np.exp(-np.abs(nats)))  # of the stronger side: the formula for t loses digits below a half
        more = nu * (s - 0.5)
        log_t = np.sign(nats) * np.log((more + np.sqrt(more**2 + 4 * s * (1 - s))) / (2 * (1 - s)))
        logits = np.stack([-log_t, np.full_like(log_t, parameters[-1]), log_t], axis=1)
        chances: _Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        return chances, np.where(nats < 0, 1 - s, s)

    def _value(self, parameters: _Floats) -> float:
        chances = self._state(parameters)[0][np.arange(len(self._results)), self._results]
        prior = (self._weight * (parameters - self._center) ** 2).sum() / 2
        return float(np.log(chances).sum() - prior)

    def _directions(self, parameters: _Floats) -> tuple[_Floats, _Floats]:
        """(G, 3) chances, and (3, G, P) derivatives of the logit of each result.

        By the implicit function: the score's derivative by log t is twice its variance, by log nu its covariance with
        a draw, and by the difference in nats s (1 - s).
        """
        chances, score = self._state(parameters)
        variance = chances[:, 2] + chances[:, 1] / 4 - score**2
        by_elo = score * (1 - score) * _NATS / (2 * variance)
        of_log_t = by_elo[:, None] * self._design
        of_log_t[:, -1] = -chances[:, 1] * (0.5 - score) / (2 * variance)
        directions = np.stack([-of_log_t, np.zeros_like(of_log_t), of_log_t])
        directions[1, :, -1] = 1
        return chances, directions

    def _gradient(self, parameters: _Floats) -> _Floats:
        chances, directions = self._directions(parameters)
        seen = directions[self._results, np.arange(len(self._results))].sum(axis=0)
        expected = np.einsum("gr,rgp->p", chances, directions)
        gradient: _Floats = seen - expected - self._weight * (parameters - self._center)
        return gradient

    def information(self, parameters: _Floats) -> _Floats:
        """(P, P) Fisher's information with the prior: the inverse of the covariance."""
        chances, directions = self._directions(parameters)
        means = np.einsum("gr,rgp->gp", chances, directions)
        second = np.einsum("gr,rgp,rgq->pq", chances, directions, directions) - means.T @ means
        information: _Floats = second + np.diag(self._weight)
        return information
