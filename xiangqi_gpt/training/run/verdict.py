"""What a finished run has come to, in plain words."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.inference.model_folder import CheckpointError, find_model
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt

from ..evaluation.ply_predictions import Plies, predict_plies
from ..evaluation.verdict import beats_before, beats_known_replies, few_games, value_beats_guessing
from .progress_report import read_metrics
from .trainer import Trainer

_CLEARLY_WORSE: Final = 1.005


def verdict(trainer: Trainer) -> list[str]:
    """Return, a line each: better than a baseline and than before, overfitting, and whether results are learned."""
    if not trainer.held_out:
        return ["nothing can be judged: no game was held out"]
    after = _predictions(trainer, trainer.model)
    if not after.has_target.any():
        return ["nothing can be judged: no held-out game has a move to learn"]
    lines = [str(beats_known_replies(after, trainer.maker.store, trainer.division.train))]
    if trainer.config.start_from:
        try:
            first = load_model(find_model(trainer.config.start_from)).to(trainer.device)
        except CheckpointError:
            lines.append(f"better than before: not known, {trainer.config.start_from} is not there any more")
        else:
            lines.append(str(beats_before(_predictions(trainer, first), after)))
    lines += _overfitting(trainer)
    value = value_beats_guessing(after) if trainer.config.value_weight else None
    if value:
        lines.append(str(value))
        if value.answer == "no":
            lines.append("its win/draw/loss is worse than guessing: do not rely on it")
    elif trainer.config.value_weight:
        lines.append("results guessed better than by their mean: not known, no held-out game has a result")
    return lines + few_games(after)


def _predictions(trainer: Trainer, model: Gpt) -> Plies:
    precision = trainer.config.precision
    return predict_plies(model, trainer.maker.store, trainer.maker, trainer.held_out, precision=precision)


def _overfitting(trainer: Trainer) -> list[str]:
    """Since when the held-out score has become worse, where it has."""
    progress = trainer.progress
    looks = [line for line in read_metrics(trainer.out) if "held_out_nats_per_move" in line]
    if not progress.evaluations_since_best or not looks or progress.best_nats is None:
        return []
    last, best = looks[-1]["held_out_nats_per_move"], progress.best_nats
    if last < _CLEARLY_WORSE * best:
        return []
    step = progress.best_step
    return [
        f"overfits since step {step} of {progress.step}: held-out nats rose from {best:.3f} to {last:.3f}; "
        f"the model of step {step} is the one that is kept"
    ]
