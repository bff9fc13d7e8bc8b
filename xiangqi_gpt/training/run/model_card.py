"""What a finished run leaves for people: ``card.md`` and two plots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xiangqi_gpt.extras import how_to_add
from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.progress_bar import ProgressBar
from xiangqi_gpt.records.plural import counted

from ..data.corpus_choice import games_of_kinds
from .progress_report import read_metrics
from .trainer import Trainer


def write_model_card(trainer: Trainer, command: str, verdict: Sequence[str] = ()) -> None:
    """Write ``card.md`` beside the finished model, and plots where matplotlib is installed; ``command`` made it.

    What cannot be written is reported: the model is there already.
    """
    try:
        with atomic_write(trainer.out / "card.md") as path:
            path.write_text(format_model_card(trainer, command, verdict), encoding="utf-8")
        _plot(read_metrics(trainer.out), trainer.out)
    except OSError as error:
        ProgressBar.write(f"card or plots could not be written ({error})")


def format_model_card(trainer: Trainer, command: str, verdict: Sequence[str] = ()) -> str:
    """Return a model card: shape, command, data, split, seeds, compute, verdict and scores."""
    config, progress, shape = trainer.config, trainer.progress, trainer.model.config
    store = trainer.loader.store
    files = [Path(name).name for name in config.corpus] or ["the sample games that ship"]
    games = games_of_kinds(store, config.kinds)
    plies = int(np.diff(store.offsets)[games].sum())
    kinds = np.bincount(store.kinds[games], minlength=len(store.kind_names))
    division = trainer.division
    rates = f"matrices by {config.optimizer} at {config.matrix_rate:g}, all else by adamw at {config.table_rate:g}"
    lines = [
        f"# {trainer.out.name}",
        "",
        f"A Xiangqi GPT of {shape.layers} × {shape.width}, {trainer.model.parameter_count():,} parameters, input "
        f"features `{shape.features}`, vocabulary `{shape.vocabulary}`, body `{shape.body}`.",
        "",
        "## How it was made",
        "",
        f"    {command}",
        "",
        f"- Data: {', '.join(files)}; {counted(len(games), 'game')}, {plies:,} plies "
        f"({', '.join(f'{count:,} {name}' for name, count in zip(store.kind_names, kinds, strict=True) if count)}).",
        f"- Held out by a mirror-canonical hash of the first 30 plies: {len(division.validation):,} games to validate "
        f"and {len(division.test):,} to test with; trained on {len(division.train):,}.",
        *(f"- {line[0].upper()}{line[1:]}." for line in trainer.notes()),
        f"- Seed {config.seed}. {progress.step:,} steps of {config.batch_plies:,} plies at most; {rates}.",
        f"- Compute: {progress.plies:,} plies in {progress.seconds / 60:.1f} minutes, {config.precision}, "
        f"{trainer.processes.count} process(es) with {torch.get_num_threads()} thread(s) each, PyTorch "
        f"{torch.__version__}. Machine: {machine_line(str(trainer.device))}.",
        "",
        *(["## Verdict", "", *(f"- {line[0].upper()}{line[1:]}." for line in verdict), ""] if verdict else []),
        "## Scores",
        "",
        *_scores(trainer),
    ]
    return "\n".join(lines) + "\n"


def _scores(trainer: Trainer) -> list[str]:
    if trainer.scores is None:
        return ["No game was held out."]
    games = sum(len(group) for group in trainer.held_out)
    scores = trainer.scores.as_dict()
    rows = [f"| {name} | {'not known' if value is None else f'{value:,.4g}'} |" for name, value in scores.items()]
    return [f"On {counted(games, 'game')} of the validation split:", "", "| Score | Value |", "|---|---|", *rows]


def plotted_curves(metrics: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the plots of a run: title -> name of a measurement -> its label. What cannot be compared is kept apart."""
    scores = sorted({name for line in metrics for name in line if name.startswith("held_out_top1")})
    return {
        "nats": {"nats": "training, nats a move", "held_out_nats_per_move": "held out, nats a move"},
        "loss": {"loss": "loss"}
        | {f"{name}_loss": f"its part: {name}" for name in ("move", "value", "legal", "illegal")},
        "top1": {"top1": "training"} | {name: name.removeprefix("held_out_") for name in scores},
    }


def _plot(metrics: list[dict[str, Any]], out: Path) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        ProgressBar.write(f"no plots: matplotlib is not installed: {how_to_add('train')}")
        return
    for title, curves in plotted_curves(metrics).items():
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.subplots()
        for name, label in curves.items():
            points = [(line["step"], line[name]) for line in metrics if line.get(name) is not None]
            if points:
                dense = len(points) > 1 and not name.startswith("held_out")
                axes.plot(*zip(*points, strict=True), label=label, **({"alpha": 0.4} if dense else {"marker": "."}))
        axes.set(xlabel="step", title=title)
        axes.grid(alpha=0.3)
        axes.legend()
        with atomic_write(out / f"{title}.png") as path:
            figure.savefig(path)
