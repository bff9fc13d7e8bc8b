"""The measures of a model on some games, one flat table: agreement, legality, value, and what they are held against."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..data.game_phases import PHASES
from .ply_predictions import Plies
from .validation import MIDGAME_PLY

Metric = float | int | str | None | list[float] | list[int] | list[str]
Metrics = dict[str, Metric]

_RESAMPLES: Final = 1000
_BINS: Final = 10
_LATE_PLY: Final = 40


def compute_metrics(plies: Plies, seen: npt.NDArray[np.bool_], known_replies: npt.NDArray[np.int64]) -> Metrics:
    """Return all metrics by name (``docs/evaluation.md`` says what each is); None where no ply counts.

    ``seen`` (N,) says which positions occur in the training split, ``known_replies`` (N,) what was played there most
    often, -1 where nothing.
    """
    has_target, everywhere = plies.has_target, np.ones(len(plies), np.bool_)
    whole_moves = not np.isnan(plies.legal_choice).any()
    hit = (plies.rank == 0).astype(np.float64)
    measures: Metrics = {
        "games": len(np.unique(plies.game)),
        "plies": int(has_target.sum()),
        **_with_interval("nats_per_move", plies.game, plies.nats, has_target),
        **_with_interval("top1", plies.game, hit, has_target),
        "top3": _mean(plies.rank < 3, has_target) if whole_moves else None,
        "top5": _mean(plies.rank < 5, has_target) if whole_moves else None,
        **_with_interval("top1_ply10", plies.game, hit, has_target & (plies.ply >= MIDGAME_PLY)),
        **{f"top1_{name}": _mean(hit, has_target & (plies.phase == phase)) for name, phase in PHASES.items()},
        "top1_unseen": _mean(hit, has_target & ~seen),
        "unseen": _mean(~seen, has_target),
        "floor_frequent_reply_top1": _mean(known_replies == plies.target, has_target),
        "floor_greedy_top1": _mean(plies.greedy, has_target),
        **_with_interval("legal_top1", plies.game, plies.legal_choice, everywhere & whole_moves),
        "legal_mass": _mean(plies.legal_mass, everywhere & whole_moves),
        **_whole_games(plies, everywhere & whole_moves),
    }
    return measures | _value_metrics(plies)


def _mean(values: npt.NDArray[Any], where: npt.NDArray[np.bool_]) -> float | None:
    return float(np.mean(values[where], dtype=np.float64)) if where.any() else None


def _with_interval(
    name: str, games: npt.NDArray[np.int64], values: npt.NDArray[Any], where: npt.NDArray[np.bool_]
) -> Metrics:
    """A mean and the ends of its 95 % interval, ``NAME_low`` and ``NAME_high``."""
    low, high = interval_by_game(games[where], values[where].astype(np.float64))
    return {name: _mean(values, where), f"{name}_low": low, f"{name}_high": high}


def _whole_games(plies: Plies, where: npt.NDArray[np.bool_]) -> Metrics:
    """Share of games at whose every ply the unmasked first choice is legal."""
    games, number = np.unique(plies.game[where], return_inverse=True)
    legal = np.bincount(number, plies.legal_choice[where] == 0) == 0
    return _with_interval("legal_games", games, legal, np.ones(len(games), np.bool_))


def interval_by_game(
    games: npt.NDArray[np.int64], hits: npt.NDArray[np.float64]
) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % interval of the mean of ``hits`` (N,), drawing whole games (N,) again with replacement.

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


def _value_metrics(plies: Plies) -> Metrics:
    parts = {"": np.ones(len(plies), np.bool_)}
    parts |= {f"_{name}": plies.phase == phase for name, phase in PHASES.items()}
    parts[f"_ply{_LATE_PLY}"] = plies.ply >= _LATE_PLY
    nats = -(plies.values * np.log(np.maximum(plies.said, 1e-9))).sum(axis=1)
    measures: Metrics = {"value_plies": int(plies.valued.sum())}
    for name, part in parts.items():
        where = plies.valued & part
        measures |= _with_interval(f"value_log_loss{name}", plies.game, nats, where)
        measures[f"value_base_log_loss{name}"] = _base_log_loss(plies.values[where])
    return measures | _calibration(plies)


def _base_log_loss(values: npt.NDArray[np.float32]) -> float | None:
    """The least log-loss of any constant guess of ``values`` (N, 3): of their own mean."""
    if not len(values):
        return None
    mean = values.mean(axis=0, dtype=np.float64)
    return float(-(mean * np.log(np.maximum(mean, 1e-12))).sum())


def _calibration(plies: Plies) -> Metrics:
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
