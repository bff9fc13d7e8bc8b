"""How the moves of a distribution are drawn: sharper below temperature 1, flatter above."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def apply_temperature(shares: npt.NDArray[np.float64], temperature: float) -> npt.NDArray[np.float64]:
    """(N,) shares to the power of 1 / ``temperature``, adding up to 1; at 0 the largest takes all.

    One share at least is above 0.

    >>> sharpened(np.array([0.2, 0.8, 0.0]), 0.5).round(3).tolist()
    [0.059, 0.941, 0.0]
    """
    logs = np.log(np.maximum(shares, 1e-300))
    # Below 1e-9 only the largest is left anyhow, and the quotient would leave the range of numbers.
    weights = np.where(shares > 0, np.exp((logs - logs.max()) / max(temperature, 1e-9)), 0.0)
    sharp: npt.NDArray[np.float64] = weights / weights.sum()
    return sharp
