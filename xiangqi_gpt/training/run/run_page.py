"""One page for the browser about a run, or several side by side: curves, scores, and the cards."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.inference.model_folder import CONFIG

from ..errors import TrainingError
from .curves import Curve, draw_curves, smoothed
from .progress_report import METRICS, read_metrics

#: Name of an axis -> where a line of the metrics stands on it.
AXES: Final[dict[str, Callable[[dict[str, Any]], float]]] = {
    "minutes": lambda line: float(line["seconds"]) / 60,
    "steps": lambda line: float(line["step"]),
    "plies": lambda line: float(line["plies"]),
}
#: Title of a plot -> key of the metrics, whether it is smoothed, and how curves are told apart.
_PLOTS: Final = {
    "Nats a move": (("nats", True, "training"), ("held_out_nats_per_move", False, "held out")),
    "First choice right": (("top1", True, "training"), ("held_out_top1", False, "held out")),
    "Nats of the result": (("value_loss", True, "training"), ("held_out_value_log_loss", False, "held out")),
    "Loss": (("loss", True, "loss"),),
    "Norm of the gradient": (("norm", True, "norm"),),
    "Rate, share of its peak": (("rate", False, "rate"),),
}
_SCORES: Final = {
    "nats_per_move": ("nats a move", ".3f"),
    "top1": ("top-1", ".1%"),
    "top1_ply10": ("top-1 from ply 10", ".1%"),
    "top1_opening": ("opening", ".1%"),
    "top1_middle": ("middle game", ".1%"),
    "top1_endgame": ("endgame", ".1%"),
    "value_log_loss": ("nats of the result", ".3f"),
}
_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem;
  background: Canvas; color: CanvasText; color-scheme: light dark; }
table { border-collapse: collapse; } th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; } pre { white-space: pre-wrap; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1rem; }
figure { margin: 0; } svg { width: 100%; height: auto; } svg text { fill: CanvasText; font-size: 11px; }
.by { display: none; }
"""


@dataclass(frozen=True)
class RunRecord:
    """What a run's folder says of it."""

    name: str
    metrics: list[dict[str, Any]]  #: lines with a step, plies and seconds
    about: dict[str, Any]  #: of ``config.json``; empty while there is no model
    card: str


def read_run(folder: Path) -> RunRecord:
    """Return what a run has left. Raises ``TrainingError`` when it is none."""
    lines = read_metrics(folder)
    if not lines:
        raise TrainingError(f"no run in {folder}: {METRICS} is missing or empty")
    seconds = plies = 0.0
    for line in lines:  # the last evaluation has a line of its own
        seconds, plies = line.setdefault("seconds", seconds), line.setdefault("plies", plies)
    try:
        about = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        about = {}
    card = folder / "card.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else "The run is not finished."
    return RunRecord(folder.name or str(folder), lines, about if isinstance(about, dict) else {}, text)


def format_run_page(runs: Sequence[RunRecord]) -> str:
    """Return the page as HTML that needs nothing else."""
    names = ", ".join(run.name for run in runs)
    shown = "".join(f"#by-{axis}:checked ~ .plots .by-{axis} {{ display: block; }}\n" for axis in AXES)
    choices = " ".join(
        f'<input type="radio" name="axis" id="by-{axis}"{" checked" if axis == "minutes" else ""}>'
        f'<label for="by-{axis}">by {axis}</label>'
        for axis in AXES
    )
    plots = "\n".join(_figure(title, runs) for title in _PLOTS)
    cards = "\n".join(f"<h2>{escape(run.name)}</h2>\n<pre>{escape(run.card)}</pre>" for run in runs)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(names)}</title>\n'
        f"<style>{_STYLE}{shown}</style></head><body>\n<h1>{escape(names)}</h1>\n{_table(runs)}\n"
        f'<p>Curves of training are smoothed.</p>\n{choices}\n<div class="plots">\n{plots}\n</div>\n{cards}\n'
        "</body></html>\n"
    )


def _table(runs: Sequence[RunRecord]) -> str:
    head = "".join(f"<th>{escape(run.name)}</th>" for run in runs)
    rows = [
        _row("steps", [f"{int(run.metrics[-1]['step']):,}" for run in runs]),
        _row("plies", [f"{int(run.metrics[-1]['plies']):,}" for run in runs]),
        _row("minutes", [f"{run.metrics[-1]['seconds'] / 60:.1f}" for run in runs]),
    ]
    scores = [run.about.get("held_out") or _last_scores(run) for run in runs]
    for key, (title, form) in _SCORES.items():
        values = [found.get(key) for found in scores]
        rows.append(_row(title, ["not known" if value is None else format(value, form) for value in values]))
    return f"<table><tr><th>On held-out games</th>{head}</tr>\n{''.join(rows)}</table>"


def _last_scores(run: RunRecord) -> dict[str, Any]:
    looks = [line for line in run.metrics if "held_out_nats_per_move" in line]
    return {key: looks[-1].get(f"held_out_{key}") for key in _SCORES} if looks else {}


def _row(title: str, cells: Sequence[str]) -> str:
    return f"<tr><td>{title}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _figure(title: str, runs: Sequence[RunRecord]) -> str:
    drawn = []
    for axis, place in AXES.items():
        curves = []
        for number, run in enumerate(runs):
            for key, is_smoothed, what in _PLOTS[title]:
                points = [(place(line), float(line[key])) for line in run.metrics if line.get(key) is not None]
                if points:
                    label = f"{run.name}, {what}" if len(runs) > 1 else what
                    dashed = key.startswith("held_out")
                    curves.append(Curve(label, smoothed(points) if is_smoothed else points, number, dashed))
        drawn.append(f'<div class="by by-{axis}">{draw_curves(curves, axis)}</div>')
    return f"<figure><figcaption><b>{title}</b></figcaption>{''.join(drawn)}</figure>"
