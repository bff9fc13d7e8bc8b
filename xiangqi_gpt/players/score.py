"""Centipawns and mates, as engines speak, and win/draw/loss, as models do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: The logistic from centipawns to results that training uses too (``training/data/score_scale.py``):
#: win = s((cp - margin) / scale), loss = s((-cp - margin) / scale).
MARGIN: Final = 160.0
SCALE: Final = 160.0

_MOST: Final = 1 - 1e-6


@dataclass(frozen=True)
class Score:
    """An engine's opinion for the side to move: ``cp`` in centipawns or ``mate`` in moves (negative: it is mated).

    >>> str(Score(cp=35)), str(Score(cp=-120)), str(Score(mate=3)), str(Score(mate=-2))
    ('+0.35', '-1.20', '+M3', '-M2')
    """

    cp: int | None = None
    mate: int | None = None

    def __str__(self) -> str:
        """As PGN comments have it: pawns with a sign, or ``+M3``."""
        if self.mate is not None:
            return f"{'+' if self.mate > 0 else '-'}M{abs(self.mate)}"
        return f"{(self.cp or 0) / 100:+.2f}"

    @property
    def wdl(self) -> tuple[float, float, float]:
        """Win, draw and loss by the logistic; a mate is certain."""
        if self.mate is not None:
            return (1.0, 0.0, 0.0) if self.mate > 0 else (0.0, 0.0, 1.0)
        cp = max(-3000, min(3000, self.cp or 0))
        win, loss = _logistic((cp - MARGIN) / SCALE), _logistic((-cp - MARGIN) / SCALE)
        return win, 1 - win - loss, loss


def centipawns(wdl: tuple[float, float, float]) -> int:
    """The score whose win minus loss is that of ``wdl``: the logistic solved for centipawns.

    With u = e^(cp/scale) and a = e^(margin/scale), win - loss = a(u² - 1) / ((u + a)(au + 1)), a quadratic in u.

    >>> centipawns((0.3, 0.4, 0.3)), centipawns(Score(cp=250).wdl)
    (0, 250)
    """
    q = max(-_MOST, min(_MOST, wdl[0] - wdl[2]))
    a = math.exp(MARGIN / SCALE)
    b = q * (1 + a * a)
    u = (b + math.sqrt(b * b + 4 * a * a * (1 - q * q))) / (2 * a * (1 - q))
    return round(SCALE * math.log(u))


def whole_percents(shares: Sequence[float]) -> tuple[int, ...]:
    """Shares of one whole as whole per cents that add up to 100: those that lose most by rounding down are rounded up.

    >>> whole_percents((0.336, 0.336, 0.328)), whole_percents((0.125, 0.125, 0.75))
    ((34, 33, 33), (13, 12, 75))
    """
    total = sum(shares) or 1.0
    exact = [100 * share / total for share in shares]
    percents = [math.floor(value) for value in exact]
    by_loss = sorted(range(len(shares)), key=lambda i: percents[i] - exact[i])
    for i in by_loss[: 100 - sum(percents)]:
        percents[i] += 1
    return tuple(percents)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))
