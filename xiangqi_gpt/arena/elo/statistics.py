"""What a score says about strength: Elo with a 95 % interval from pairs of games.

An opening is played twice with colours exchanged, so the two results hang together and the pair is the unit that
counts: the five possible pair scores 0, ½, 1, 1½ and 2 are the pentanomial counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

#: Two-sided 95 % of the normal distribution.
Z95: Final = 1.959964

#: Before any game is seen, a pair varies like two independent games without draws, with the weight of four even pairs.
_PRIOR_RATIO: Final = 0.5
_PRIOR_WEIGHT: Final = 1.0


@dataclass(frozen=True)
class Estimate:
    """``score`` (0..1) and ``elo`` of the first player over the second, with the ends of the 95 % interval.

    ``superiority`` is the likelihood (0..1) that the first is the stronger one.
    """

    score: float
    elo: float
    elo_low: float
    elo_high: float
    superiority: float


def elo_from_score(score: float) -> float:
    """Elo difference at which a player is expected to score ``score``, between 0 and 1, both excluded.

    >>> round(elo_from_score(0.75))
    191
    """
    return -400 * math.log10(1 / score - 1)


def score_from_elo(elo: float) -> float:
    """Expected score (0..1) of a player ``elo`` points stronger than the other."""
    return 1 / (1 + math.pow(10, -elo / 400))


def estimate(pairs: Sequence[int], unpaired: Sequence[float] = ()) -> Estimate:
    """Elo from results.

    ``pairs`` counts the pairs by score 0, ½, 1, 1½, 2 for the first player; ``unpaired`` holds the scores (0, ½, 1) of
    games whose other half was not played. At least one game is needed.

    The interval is Wilson's (1927), with as many independent games as the spread of the pair scores says. A clean
    sweep puts no bound on Elo: it counts as if one more game had been drawn.
    """
    games = 2 * sum(pairs) + len(unpaired)
    points = sum(count * score / 2 for score, count in enumerate(pairs)) + sum(unpaired)
    score = mean = points / games
    if points in (0, games):
        mean, games = (points + 0.5) / (games + 1), games + 1
    spread = sum(count * (pair_score / 4 - mean) ** 2 for pair_score, count in enumerate(pairs))
    even = mean * (1 - mean)
    # Var(pair) / Var(a single decisive game), drawn to the prior while few pairs or a lopsided score say little.
    ratio = (spread + _PRIOR_RATIO * _PRIOR_WEIGHT) / (sum(pairs) * even + _PRIOR_WEIGHT)
    independent = games / 2 / ratio
    low, high = wilson(mean, independent)
    superiority = NormalDist().cdf(2 * (mean - 0.5) * math.sqrt(independent))
    return Estimate(score, elo_from_score(mean), elo_from_score(low), elo_from_score(high), superiority)


#: Normalized Elo of one standard deviation of a game's result: 347.4.
NORMALIZED_ELO: Final = 800 / math.log(10)

_PAIR_SCORES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class NormalizedElo:
    """``elo`` of the first player in normalized Elo, and its half ``error`` of a 95 % interval."""

    elo: float
    error: float


def normalized_elo(pairs: Sequence[int]) -> NormalizedElo | None:
    """Return the difference in units of the results' own spread: it depends little on how many games are drawn.

    ``pairs`` as in ``estimate``. The formulas are those of fastchess (Van den Bergh, "Normalized Elo"): a game has half
    the variance that its pair's mean says; the error is that of the normal approximation. None where all pairs ended
    alike.
    """
    count = sum(pairs)
    if not count:
        return None
    mean = sum(number * score for number, score in zip(pairs, _PAIR_SCORES, strict=True)) / count
    variance = sum(number * (score - mean) ** 2 for number, score in zip(pairs, _PAIR_SCORES, strict=True)) / count
    if not variance:
        return None
    unit = NORMALIZED_ELO / math.sqrt(2 * variance)
    return NormalizedElo((mean - 0.5) * unit, Z95 * math.sqrt(variance / count) * unit)


def wilson(mean: float, n: float) -> tuple[float, float]:
    """Ends of the score interval for a mean of ``n`` independent results."""
    center = mean + Z95**2 / (2 * n)
    width = Z95 * math.sqrt(mean * (1 - mean) / n + Z95**2 / (4 * n**2))
    return (center - width) / (1 + Z95**2 / n), (center + width) / (1 + Z95**2 / n)
