"""Engine scores as win, draw and loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class ScoreScale:
    """A logistic from centipawns to results: win = s((cp - margin) / scale), loss = s((-cp - margin) / scale).

    ``margin`` is the score at which a win and no win are equally likely. The defaults were fitted by ``fit_scale`` on
    900 thousand positions of a strong engine's games against itself, games without an end counted as draws.
    """

    margin: float = 160.0
    scale: float = 160.0

    def win_draw_loss(self, cp: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Return (N, 3) probabilities for the side that scores ``cp`` (N,) centipawns."""
        score = np.clip(cp.astype(np.float64), -3000, 3000)
        win = 1 / (1 + np.exp(-(score - self.margin) / self.scale))
        loss = 1 / (1 + np.exp((score + self.margin) / self.scale))
        return np.stack((win, 1 - win - loss, loss), axis=-1)


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
