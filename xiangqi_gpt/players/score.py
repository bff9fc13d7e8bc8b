"""Centipawns and mates, as engines speak, and win/draw/loss, as models do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.rules import Wdl
from xiangqi_gpt.rules.score_scale import ScoreScale

_SCORES: Final = ScoreScale()
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
    def wdl(self) -> Wdl:
        """Win, draw and loss by the logistic; a mate is certain."""
        if self.mate is not None:
            return Wdl(1.0, 0.0, 0.0) if self.mate > 0 else Wdl(0.0, 0.0, 1.0)
        return Wdl(*_SCORES.win_draw_loss(self.cp or 0).tolist())


def centipawns(wdl: Wdl) -> int:
    """The score whose win minus loss is that of ``wdl``: the logistic solved for centipawns.

    With u = e^(cp/scale) and a = e^(margin/scale), win - loss = a(u² - 1) / ((u + a)(au + 1)), a quadratic in u.

    >>> centipawns(Wdl(0.3, 0.4, 0.3)), centipawns(Score(cp=250).wdl)
    (0, 250)
    """
    q = max(-_MOST, min(_MOST, wdl.win - wdl.loss))
    a = math.exp(_SCORES.margin / _SCORES.scale)
    b = q * (1 + a * a)
    u = (b + math.sqrt(b * b + 4 * a * a * (1 - q * q))) / (2 * a * (1 - q))
    return round(_SCORES.scale * math.log(u))


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
