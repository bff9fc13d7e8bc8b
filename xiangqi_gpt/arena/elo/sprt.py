"""The sequential probability ratio test: play until the pairs say which of two strengths is the likelier one.

The generalised test on the pentanomial counts: the likelihood of the pair scores when they are forced to the mean (or,
in normalized Elo, to the mean in units of the spread) that either strength expects, each by its most likely
distribution (Van den Bergh, "A practical introduction to the GSPRT", "Normalized Elo"). fastchess prints the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.option_text import OptionTextError, read_options
from xiangqi_gpt.rules import XiangqiError

from .statistics import NORMALIZED_ELO, score_from_elo

#: What a score that no pair has had yet counts for, so that no likelihood is zero.
_UNSEEN: Final = 1e-3

#: What Elo may mean.
MODELS: Final = ("logistic", "normalized")

_MOST_ROUNDS: Final = 100
_SETTLED: Final = 1e-9  # of a share

_SCORES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


_NUMBER: Final = re.compile(r"[+-]?\d*\.?\d+")


class SprtError(XiangqiError):
    """A test that makes no sense or cannot be read."""


@dataclass(frozen=True)
class Sprt:
    """``elo0`` against ``elo1`` (Elo of the first player), wrong with a chance of ``alpha`` and ``beta``.

    ``model`` says which Elo: ``logistic`` or ``normalized``. ``alpha`` is the chance to accept ``elo1`` when ``elo0``
    is true, ``beta`` the other way round.
    """

    elo0: float
    elo1: float
    alpha: float = 0.05
    beta: float = 0.05
    model: str = "logistic"

    @classmethod
    def parse(cls, text: str) -> Sprt:
        """Read ``elo0=0,elo1=20,alpha=0.05,beta=0.05,model=logistic``; the last three may be left out.

        Raises ``SprtError``.

        >>> Sprt.parse("elo0=0,elo1=20").bounds
        (-2.9444389791664403, 2.9444389791664403)
        """
        try:
            values = read_options(text, {**dict.fromkeys(("elo0", "elo1", "alpha", "beta"), _number), "model": str})
        except OptionTextError as error:
            raise SprtError(f"{text!r}: expected elo0=A,elo1=B,alpha=P,beta=P,model=M; {error}") from None
        if not {"elo0", "elo1"} <= values.keys() or not -2000 <= values["elo0"] < values["elo1"] <= 2000:
            raise SprtError(f"{text!r}: elo0 and elo1 are needed, elo0 below elo1, both within 2000")
        test = cls(**values)
        if test.model not in MODELS:
            raise SprtError(f"{text!r}: model is one of {', '.join(MODELS)}")
        if not (0 < test.alpha < 0.5 and 0 < test.beta < 0.5):
            raise SprtError(f"{text!r}: alpha and beta must lie between 0 and 0.5")
        return test

    @property
    def bounds(self) -> tuple[float, float]:
        """The log-likelihood ratios at which ``elo0`` and ``elo1`` are accepted."""
        return math.log(self.beta / (1 - self.alpha)), math.log((1 - self.beta) / self.alpha)

    def ratio(self, pairs: Sequence[int]) -> float:
        """The log-likelihood ratio of ``elo1`` over ``elo0`` given pairs counted by score 0, ½, 1, 1½, 2."""
        if not sum(pairs):
            return 0.0
        counts = [pair or _UNSEEN for pair in pairs]
        shares = [value / sum(counts) for value in counts]
        likeliest = _with_mean if self.model == "logistic" else _with_t_value
        first, second = (likeliest(shares, elo) for elo in (self.elo0, self.elo1))
        return sum(count * math.log(b / a) for count, a, b in zip(counts, first, second, strict=True))

    def decision(self, pairs: Sequence[int]) -> str:
        """``"elo0"`` or ``"elo1"`` when one is accepted, "" while the test goes on."""
        ratio = self.ratio(pairs)
        low, high = self.bounds
        return "elo0" if ratio <= low else "elo1" if ratio >= high else ""


def _with_mean(shares: Sequence[float], elo: float) -> list[float]:
    """The likeliest shares of the pair scores whose mean is what ``elo`` (logistic) expects."""
    expected = score_from_elo(elo)
    return _likeliest(shares, [score - expected for score in _SCORES])


def _with_t_value(shares: Sequence[float], elo: float) -> list[float]:
    """The likeliest shares of the pair scores whose mean is ``elo`` (normalized) in units of their spread above ½.

    A pair's mean has half the variance of a game. The constraint is not linear in the shares: it is made so at the last
    estimate, again and again.
    """
    wanted = math.sqrt(2) * elo / NORMALIZED_ELO
    found = [1 / len(_SCORES)] * len(_SCORES)
    for _ in range(_MOST_ROUNDS):
        mean = sum(share * score for share, score in zip(found, _SCORES, strict=True))
        spread = math.sqrt(sum(share * (score - mean) ** 2 for share, score in zip(found, _SCORES, strict=True)))
        forces = [score - 0.5 - 0.5 * wanted * spread * (1 + ((score - mean) / spread) ** 2) for score in _SCORES]
        before, found = found, _likeliest(shares, forces)
        if max(abs(a - b) for a, b in zip(before, found, strict=True)) < _SETTLED:
            break
    return found


def _likeliest(shares: Sequence[float], forces: Sequence[float]) -> list[float]:
    """The likeliest distribution under which ``forces`` have mean 0: shares p / (1 + pull force), by their ``pull``."""

    def mean_error(pull: float) -> float:
        return sum(share * force / (1 + pull * force) for share, force in zip(shares, forces, strict=True))

    low, high = -1 / max(forces), -1 / min(forces)  # beyond, a share would be negative
    for _ in range(60):  # halving a number below 1e3 until doubles end
        middle = (low + high) / 2
        if mean_error(middle) > 0:
            low = middle
        else:
            high = middle
    pull = (low + high) / 2
    return [share / (1 + pull * force) for share, force in zip(shares, forces, strict=True)]


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError("expected a number")
    return float(text)
