"""The measures of a model on some games, one flat table: agreement, legality, value, and what they are held against."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .evaluation import MIDGAME_PLY
from .phases import PHASES
from .plies import Plies

Measure = float | int | str | None | list[float] | list[int] | list[str]
Measures = dict[str, Measure]

_RESAMPLES: Final = 1000
_BINS: Final = 10
_LATE_PLY: Final = 40


def measure(plies: Plies, seen: npt.NDArray[np.bool_], known_replies: npt.NDArray[np.int64]) -> Measures:
    """All measures, by name (``docs/evaluation.md`` says what each is); None where no ply counts.

    ``seen`` (N,) says which positions occur in the training split, ``known_replies`` (N,) what was played there most
    often, -1 where nothing.
    """
    taught, everywhere = plies.taught, np.ones(len(plies), np.bool_)
    whole_moves = not np.isnan(plies.legal_choice).any()
    hit = (plies.rank == 0).astype(np.float64)
    low, high = interval_by_game(plies.game[taught], hit[taught])
    measures: Measures = {
        "games": len(np.unique(plies.game)),
        "plies": int(taught.sum()),
        "nats_per_move": _mean(plies.nats, taught),
        "top1": _mean(hit, taught),
        "top1_low": low,
        "top1_high": high,
        "top3": _mean(plies.rank < 3, taught) if whole_moves else None,
        "top5": _mean(plies.rank < 5, taught) if whole_moves else None,
        "top1_ply10": _mean(hit, taught & (plies.ply >= MIDGAME_PLY)),
        **{f"top1_{name}": _mean(hit, taught & (plies.phase == phase)) for name, phase in PHASES.items()},
        "top1_unseen": _mean(hit, taught & ~seen),
        "unseen": _mean(~seen, taught),
        "floor_frequent_reply_top1": _mean(known_replies == plies.target, taught),
        "floor_greedy_top1": _mean(plies.greedy, taught),
        "legal_top1": _mean(plies.legal_choice, everywhere) if whole_moves else None,
        "legal_mass": _mean(plies.legal_mass, everywhere) if whole_moves else None,
        "legal_games": _whole_games(plies) if whole_moves else None,
    }
    return measures | _value_measures(plies)


def _mean(values: npt.NDArray[Any], where: npt.NDArray[np.bool_]) -> float | None:
    return float(np.mean(values[where], dtype=np.float64)) if where.any() else None


def _whole_games(plies: Plies) -> float | None:
    """Share of games at whose every ply the unmasked first choice is legal."""
    _, number = np.unique(plies.game, return_inverse=True)
    failed = np.bincount(number, plies.legal_choice == 0) > 0
    return float(1 - failed.mean()) if len(failed) else None


def interval_by_game(
    games: npt.NDArray[np.int64], hits: npt.NDArray[np.float64]
) -> tuple[float, float] | tuple[None, None]:
    """The 95 % interval of the mean of ``hits`` (N,), by drawing whole games (N,) again with replacement.

    Plies of one game are alike, so that an interval from single plies would be too narrow.
    """
    if not len(hits):
        return None, None
    _, number = np.unique(games, return_inverse=True)
    counts, sums = np.bincount(number), np.bincount(number, hits)
    random = np.random.default_rng(0)
    means = np.empty(_RESAMPLES)
    for i in range(_RESAMPLES):
        drawn = random.integers(len(counts), size=len(counts))
        means[i] = sums[drawn].sum() / counts[drawn].sum()
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


# --- win, draw and loss


def _value_measures(plies: Plies) -> Measures:
    parts = {"": np.ones(len(plies), np.bool_)}
    parts |= {f"_{name}": plies.phase == phase for name, phase in PHASES.items()}
    parts[f"_ply{_LATE_PLY}"] = plies.ply >= _LATE_PLY
    nats = -(plies.values * np.log(np.maximum(plies.said, 1e-9))).sum(axis=1)
    measures: Measures = {"value_plies": int(plies.valued.sum())}
    for name, part in parts.items():
        where = plies.valued & part
        measures[f"value_log_loss{name}"] = _mean(nats, where)
        measures[f"value_base_log_loss{name}"] = _base_log_loss(plies.values[where])
    return measures | _calibration(plies)


def _base_log_loss(values: npt.NDArray[np.float32]) -> float | None:
    """The least log-loss of any constant guess of ``values`` (N, 3): of their own mean."""
    if not len(values):
        return None
    mean = values.mean(axis=0, dtype=np.float64)
    return float(-(mean * np.log(np.maximum(mean, 1e-12))).sum())


def _calibration(plies: Plies) -> Measures:
    """Expected against real score (win 1, draw 0.5) of the side to move, in ten equal bins of the expected score."""
    points = np.array([1.0, 0.5, 0.0])
    expected, scored = plies.said[plies.valued] @ points, plies.values[plies.valued] @ points
    place = np.minimum((expected * _BINS).astype(np.int64), _BINS - 1)
    counts = np.bincount(place, minlength=_BINS)
    sums = np.bincount(place, expected, _BINS), np.bincount(place, scored, _BINS)
    means = [s / np.maximum(counts, 1) for s in sums]
    total = int(counts.sum())
    return {
        "calibration_plies": counts.tolist(),
        "calibration_expected": means[0].round(4).tolist(),
        "calibration_scored": means[1].round(4).tolist(),
        "calibration_error": float((np.abs(means[0] - means[1]) * counts).sum() / total) if total else None,
    }
