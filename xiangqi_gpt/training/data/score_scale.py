"""The scale of engine scores that fits the results of games best."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules.score_scale import ScoreScale

__all__ = ["ScoreScale", "fit_scale"]


def fit_scale(cp: npt.NDArray[np.integer], outcome: npt.NDArray[np.integer]) -> ScoreScale:
    """Return the scale of greatest likelihood for positions scored ``cp`` whose mover's result was ``outcome``.

    Outcomes are 0 win, 1 draw, 2 loss. A coarse-to-fine search over both numbers.
    """
    best, width = ScoreScale(), 4.0
    for _ in range(8):
        tried = [
            ScoreScale(best.margin * margin, best.scale * scale)
            for margin in np.geomspace(1 / width, width, 7)
            for scale in np.geomspace(1 / width, width, 7)
        ]
        best = min(tried, key=lambda candidate: _nats(candidate, cp, outcome))
        width = width**0.5
    return best


def _nats(scale: ScoreScale, cp: npt.NDArray[np.integer], outcome: npt.NDArray[np.integer]) -> float:
    chosen = scale.win_draw_loss(cp)[np.arange(len(cp)), outcome]
    return float(-np.log(np.maximum(chosen, 1e-9)).mean())
