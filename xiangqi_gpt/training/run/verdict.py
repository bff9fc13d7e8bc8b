"""What a finished run has come to, in plain words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.inference.model_folder import CheckpointError, find_model
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt

from ..evaluation.baseline_predictors import KnownReplies
from ..evaluation.metrics import Metrics, compute_metrics
from ..evaluation.ply_predictions import Plies, predict_plies
from ..evaluation.verdict import beats_before, beats_known_replies, few_games, value_beats_guessing
from .progress_report import read_metrics
from .run_page import HELD_OUT
from .trainer import Trainer

_CLEARLY_WORSE: Final = 1.005


@dataclass(frozen=True)
class RunVerdict:
    """What is said of a run, a line each, and all metrics of its model on held-out games, None where there are none."""

    lines: list[str]
    metrics: Metrics | None


def judge_run(trainer: Trainer) -> RunVerdict:
    """Judge a run: better than a baseline and than before, overfitting, and whether results are learned."""
    if not trainer.held_out:
        return RunVerdict(["nothing can be judged: no game was held out"], None)
    after = _predictions(trainer, trainer.model)
    if not after.has_target.any():
        return RunVerdict(["nothing can be judged: no held-out game has a move to learn"], None)
    known = KnownReplies(after.boards, after.sides)
    known.learn(trainer.loader.store, trainer.division.train)
    lines = [str(beats_known_replies(after, known))]
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
    return RunVerdict(lines + few_games(after), compute_metrics(after, known.seen(), known.replies()))


def write_metrics(metrics: Metrics | None, out: Path) -> None:
    """Write the metrics of a finished run into its folder, where the page about it finds them. Raises ``OSError``."""
    if metrics is not None:
        with atomic_write(out / HELD_OUT) as path:
            path.write_text(json.dumps(metrics, indent=1), encoding="utf-8")


def _predictions(trainer: Trainer, model: Gpt) -> Plies:
    precision = trainer.config.precision
    return predict_plies(model, trainer.loader.store, trainer.loader, trainer.held_out, precision=precision)


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
