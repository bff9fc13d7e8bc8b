"""Engine scores as win, draw and loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class ScoreScale:
    """A logistic from centipawns to results: win = s((cp - margin) / scale), loss = s((-cp - margin) / scale).

    ``margin`` is the score at which a win and no win are equally likely. The defaults were fitted by
    ``training.data.score_scale.fit_scale`` on 900 thousand positions of a strong engine's games against itself, games
    without an end counted as draws.
    """

    margin: float = 160.0
    scale: float = 160.0

    def win_draw_loss(self, cp: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return (N, 3) probabilities for the side that scores ``cp`` (N,) centipawns."""
        score = np.clip(np.asarray(cp, np.float64), -3000, 3000)
        win = 1 / (1 + np.exp(-(score - self.margin) / self.scale))
        loss = 1 / (1 + np.exp((score + self.margin) / self.scale))
        return np.stack((win, 1 - win - loss, loss), axis=-1)
