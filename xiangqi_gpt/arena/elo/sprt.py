"""The sequential probability ratio test: play until the pairs say which of two strengths is the likelier one.

The generalised test on the pentanomial counts: the likelihood of the pair scores when they are forced to the mean that
either strength expects, each by its most likely distribution (Van den Bergh, "A practical introduction to the GSPRT").
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.rules import XiangqiError

from .statistics import score_from_elo

#: What a score that no pair has had yet counts for, so that no likelihood is zero.
_UNSEEN: Final = 1e-3

_SCORES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


class SprtError(XiangqiError):
    """A test that makes no sense or cannot be read."""


@dataclass(frozen=True)
class Sprt:
    """``elo0`` against ``elo1`` (logistic Elo of the first player), wrong with a chance of ``alpha`` and ``beta``.

    ``alpha`` is the chance to accept ``elo1`` when ``elo0`` is true, ``beta`` the other way round.
    """

    elo0: float
    elo1: float
    alpha: float = 0.05
    beta: float = 0.05

    @classmethod
    def parse(cls, text: str) -> Sprt:
        """Read ``elo0=0,elo1=20,alpha=0.05,beta=0.05``; the last two may be left out. Raises ``SprtError``.

        >>> Sprt.parse("elo0=0,elo1=20").bounds
        (-2.9444389791664403, 2.9444389791664403)
        """
        values: dict[str, float] = {}
        for part in text.split(","):
            match = re.match(r"(elo0|elo1|alpha|beta)=([+-]?\d*\.?\d+)\Z", part.strip())
            if match is None or match[1] in values:
                raise SprtError(f"{part!r}: expected elo0=A,elo1=B,alpha=P,beta=P")
            values[match[1]] = float(match[2])
        if not {"elo0", "elo1"} <= values.keys() or not -2000 <= values["elo0"] < values["elo1"] <= 2000:
            raise SprtError(f"{text!r}: elo0 and elo1 are needed, elo0 below elo1, both within 2000")
        test = cls(**values)
        if not (0 < test.alpha < 0.5 and 0 < test.beta < 0.5):
            raise SprtError(f"{text!r}: alpha and beta must lie between 0 and 0.5")
        return test

    @property
    def bounds(self) -> tuple[float, float]:
        """The log-likelihood ratios at which ``elo0`` and ``elo1`` are accepted."""
        return math.log(self.beta / (1 - self.alpha)), math.log((1 - self.beta) / self.alpha)

    def ratio(self, pairs: Sequence[int]) -> float:
        """The log-likelihood ratio of ``elo1`` over ``elo0`` given pairs counted by score 0, ½, 1, 1½, 2."""
        count = sum(pairs)
        if not count:
            return 0.0
        counts = [max(pair, _UNSEEN) for pair in pairs]
        shares = [value / sum(counts) for value in counts]
        expected0, expected1 = score_from_elo(self.elo0), score_from_elo(self.elo1)
        pulls = [(_pull(shares, expected), expected) for expected in (expected0, expected1)]
        likelihoods = [
            sum(share * -math.log1p(pull * (score - expected)) for share, score in zip(shares, _SCORES, strict=True))
            for pull, expected in pulls
        ]
        return count * (likelihoods[1] - likelihoods[0])

    def decision(self, pairs: Sequence[int]) -> str:
        """``"elo0"`` or ``"elo1"`` when one is accepted, "" while the test goes on."""
        ratio = self.ratio(pairs)
        low, high = self.bounds
        return "elo0" if ratio <= low else "elo1" if ratio >= high else ""


def _pull(shares: Sequence[float], expected: float) -> float:
    """The likeliest distribution with mean ``expected`` has shares p / (1 + pull (score - expected)): find ``pull``."""

    def mean_error(pull: float) -> float:
        return sum(
            share * (score - expected) / (1 + pull * (score - expected))
            for share, score in zip(shares, _SCORES, strict=True)
        )

    low, high = -1 / (1 - expected), 1 / expected  # beyond, a share would be negative
    for _ in range(60):  # halving a number below 1e3 until doubles end
        middle = (low + high) / 2
        if mean_error(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
