"""How the moves of a distribution are drawn: sharper below temperature 1, flatter above, among the likeliest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import Move


def apply_temperature(shares: npt.NDArray[np.float64], temperature: float) -> npt.NDArray[np.float64]:
    """(N,) shares to the power of 1 / ``temperature``, adding up to 1; at 0 the largest takes all.

    One share at least is above 0.

    >>> apply_temperature(np.array([0.2, 0.8, 0.0]), 0.5).round(3).tolist()
    [0.059, 0.941, 0.0]
    """
    logs = np.log(np.maximum(shares, 1e-300))
    # Below 1e-9 only the largest is left anyhow, and the quotient would leave the range of numbers.
    weights = np.where(shares > 0, np.exp((logs - logs.max()) / max(temperature, 1e-9)), 0.0)
    sharp: npt.NDArray[np.float64] = weights / weights.sum()
    return sharp


def draw_move(policy: Mapping[Move, float], temperature: float, top_p: float, random: np.random.Generator) -> Move:
    """Return a move drawn in proportion to p^(1/temperature) among the likeliest that together reach ``top_p``.

    ``policy`` has the likeliest move first and may add up to less than 1.
    """
    moves, weights = list(policy), np.array(list(policy.values()))
    kept = np.concatenate(([True], np.cumsum(weights)[:-1] < top_p * weights.sum()))
    chances = apply_temperature(np.where(kept, weights, 0.0), temperature)
    return moves[int(random.choice(len(moves), p=chances))]
