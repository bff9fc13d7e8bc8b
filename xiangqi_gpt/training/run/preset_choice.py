"""The shape that fits a time, a machine and a corpus: ``--preset auto``."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records.plural import counted
from xiangqi_gpt.records.store.token_store import TokenStore

from ..config import TrainConfig
from ..data.batches import BatchLoader, split
from ..data.corpus_choice import games_of_kinds
from ..data.score_scale import ScoreScale
from ..optim.optimizer import make_optimizers
from ..runtime.processes import find_device
from .describe import largest_group, speed, train_step
from .starting_model import resolve_defaults, shape_of

AUTO_PRESET: Final = "auto"
#: Preset -> plies that a run must read for it to be better than the one before it at equal compute. That of ``mini``
#: was measured; the others grow as the parameters of the blocks do (``docs/training.md``).
_NEEDS: Final = {"nano": 0, "mini": 300_000, "small": 1_800_000, "base": 5_400_000}
_PASSES: Final = 3  # in which the corpus must have them
_TIMED_PLIES: Final = 1024  # a part of a batch, so that little of a short run goes to timing


def choose_preset(
    config: TrainConfig, store: TokenStore, clock: Callable[[], float] = time.perf_counter
) -> tuple[str, str]:
    """Return the preset for a run with these settings on a store, and in one line why.

    It is the largest one whose needs are met, in plies of the corpus and plies that the run will read: as many as
    ``steps`` have, or as fit into ``minutes`` at the speed that the preset is timed at here. A preset is timed only
    where the needs of all smaller ones are met.
    """
    games = games_of_kinds(store, config.kinds)
    plies = int(np.diff(np.asarray(store.offsets))[games].sum())
    chosen, why = "nano", ""
    for name, needed in _NEEDS.items():
        if plies < needed / _PASSES:
            why = f"{name} would want a corpus of {needed // _PASSES:,} plies"
            break
        read = config.steps * config.batch_plies or round(
            60 * config.minutes * plies_per_second(replace(config, preset=name), store, clock)
        )
        if read < needed:
            why = f"{name} would read {read:,} plies, and pays from {needed:,} on"
            break
        chosen, why = name, f"it will read about {read:,} plies"
    return chosen, f"preset {chosen} for {counted(plies, 'ply')}: {why}"


def plies_per_second(config: TrainConfig, store: TokenStore, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the speed at which a fresh model of these settings trains on games of a store, by timing one step."""
    shape = shape_of(config)
    device = find_device(config.device)
    model = Gpt(shape).to(device)
    config = resolve_defaults(config, shape)
    loader = BatchLoader(store, shape, config, ScoreScale())
    group = largest_group(loader.epoch(np.arange(min(store.games, 2048)), 0))
    parts = split(group, -(-sum(sequence.length for sequence in group) // _TIMED_PLIES))
    batch = loader.build(next(part for part in parts if part)).to(device)
    optimizers = make_optimizers(model, config)
    return speed(lambda: train_step(model, optimizers, batch, config), batch, 1, clock)
