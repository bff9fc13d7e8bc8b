"""What ``xiangqi-gpt history`` does: say which games a model has read, or find them out again from its records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from xiangqi_gpt.files import scratch_folder
from xiangqi_gpt.inference.model_folder import find_model
from xiangqi_gpt.records.store.token_store import TRAIN

from ..config import TrainConfig
from ..data.corpus_choice import games_of_kinds
from ..data.games_read import NOTHING_READ, GamesRead, load_games_read, save_games_read
from ..data.held_out import game_keys
from .train import build


def history_of(model: str) -> tuple[Path, GamesRead]:
    """Return a model's folder and what it has read. Raises ``CheckpointError`` and ``TrainingError``."""
    folder = find_model(model)
    return folder, load_games_read(folder)


def recompute_history(
    model: str, corpora: Sequence[str], kinds: Sequence[str], say: Callable[[str], object] = lambda line: None
) -> GamesRead:
    """Write down, beside a model, that it read the training split of ``corpora`` (of ``kinds`` where there are any).

    They are to be all that the model and those it began with were trained on. Raises ``CheckpointError``, and what
    building a training store raises.
    """
    folder = find_model(model)
    config = TrainConfig(corpus=tuple(corpora), kinds=tuple(kinds))
    with scratch_folder() as scratch:
        store = build(config, scratch / "tokens", say)
        games = games_of_kinds(store, config.kinds)
        games = games[np.asarray(store.splits)[games] == TRAIN]
        read = NOTHING_READ.joined(game_keys(store, games))
    save_games_read(read, folder)
    return read
