"""Whether a model is better, in plain words: yes, no or undecided, with the interval that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.records.plural import counted

from .baseline_predictors import KnownReplies
from .metrics import interval_by_game
from .ply_predictions import Plies

_FEW_GAMES: Final = 20


@dataclass(frozen=True)
class Judgement:
    """A question, and by how much a measure is better; ``low`` and ``high`` its 95 % interval, None of one game."""

    question: str
    difference: float
    low: float | None
    high: float | None
    is_share: bool = True  #: a share of moves, else nats

    @property
    def answer(self) -> str:
        """``yes``, ``no`` or ``undecided``."""
        if self.low is None or self.high is None:
            return "undecided"
        return "yes" if self.low > 0 else "no" if self.high < 0 else "undecided"

    def __str__(self) -> str:
        form = "+.1%" if self.is_share else "+.3f"
        unit = "" if self.is_share else " nats"
        if self.low is None or self.high is None:
            return f"{self.question}: undecided, one game cannot tell"
        return (
            f"{self.question}: {self.answer} ({self.difference:{form}}{unit}, {self.low:{form}} … {self.high:{form}})"
        )


def beats_known_replies(plies: Plies, known: KnownReplies) -> Judgement:
    """Compare a model's first choices with the most frequent reply to the same position in the games trained on."""
    gain = _hits(plies) - (known.replies() == plies.target)[plies.has_target]
    return _judge("better than the most frequent known reply", plies.game[plies.has_target], gain)


def beats_before(before: Plies, after: Plies, question: str = "better than before") -> Judgement:
    """Compare the first choices of two models at the same plies."""
    return _judge(question, after.game[after.has_target], _hits(after) - _hits(before))


def value_beats_guessing(plies: Plies) -> Judgement | None:
    """Compare win/draw/loss with the mean result as a constant guess; None where no result is known."""
    valued = plies.valued
    if not valued.any():
        return None
    truth = plies.values[valued].astype(np.float64)
    guess = np.log(np.maximum(truth.mean(axis=0), 1e-9))
    said = np.log(np.maximum(plies.said[valued].astype(np.float64), 1e-9))
    gain = (truth * (said - guess)).sum(axis=1)
    return _judge("results guessed better than by their mean", plies.game[valued], gain, is_share=False)


def few_games(plies: Plies) -> list[str]:
    """Return a line where so few games were held out that only large differences can be seen."""
    count = len(np.unique(plies.game))
    return (
        [f"only {counted(count, 'game')} to judge by: small differences cannot be seen"] if count < _FEW_GAMES else []
    )


def _hits(plies: Plies) -> npt.NDArray[np.float64]:
    hits: npt.NDArray[np.float64] = (plies.rank[plies.has_target] == 0).astype(np.float64)
    return hits


def _judge(
    question: str, games: npt.NDArray[np.int64], gain: npt.NDArray[np.float64], *, is_share: bool = True
) -> Judgement:
    low, high = interval_by_game(games, gain) if len(gain) and len(np.unique(games)) > 1 else (None, None)
    return Judgement(question, float(gain.mean()) if len(gain) else 0.0, low, high, is_share)
