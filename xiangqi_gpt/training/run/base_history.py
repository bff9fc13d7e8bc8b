"""What the model has read that a run begins with."""

from __future__ import annotations

from pathlib import Path

from xiangqi_gpt.inference.model_folder import find_model

from ..config import TrainConfig
from ..data.games_read import BASE_GAMES_READ, NOTHING_READ, UNKNOWN_HISTORY, GamesRead, load_games_read


def history_of_base(config: TrainConfig, given: GamesRead | None) -> GamesRead:
    """Return it: ``given``, or that of ``start_from``; a run that goes on kept it in its folder."""
    if not config.start_from and given is None:
        return NOTHING_READ
    if config.resume and (Path(config.out) / BASE_GAMES_READ).is_file():
        return load_games_read(Path(config.out), BASE_GAMES_READ)
    if given is not None:
        return given
    return UNKNOWN_HISTORY if config.resume else load_games_read(find_model(config.start_from))
