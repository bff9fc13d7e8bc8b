"""One page for the browser about a run, or several side by side: curves, scores, and the cards."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.files import parse_json
from xiangqi_gpt.inference.file_names import settings_in_code
from xiangqi_gpt.inference.model_folder import CONFIG

from ..errors import TrainingError
from .curves import Curve, draw_curves, smoothed
from .progress_report import METRICS, is_number, read_metrics

HELD_OUT: Final = "held_out.json"  #: all metrics of the finished model on held-out games

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
    "First choice right, by phase": (
        ("held_out_top1_opening", False, "opening"),
        ("held_out_top1_middle", False, "middle game"),
        ("held_out_top1_endgame", False, "endgame"),
    ),
    "First choice legal": (("legal_top1", True, "training"),),
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
#: Title of a plot -> keys of the metrics at the end that are level lines in it, with their names.
_BASELINES: Final = {
    "First choice right": {"floor_frequent_reply_top1": "most frequent reply", "floor_greedy_top1": "greedy"},
    "Nats of the result": {"value_base_log_loss": "mean result"},
}
#: Of the metrics at the end: key -> title in the table, and form.
_AT_THE_END: Final = {
    "floor_frequent_reply_top1": ("the most frequent reply would be right", ".1%"),
    "floor_greedy_top1": ("the most valuable capture would be right", ".1%"),
    "value_base_log_loss": ("nats of the mean result", ".3f"),
    "calibration_error": ("mean error of the expected score", ".3f"),
    "legal_top1": ("first choice of all moves legal", ".1%"),
    "legal_games": ("whole games legal", ".1%"),
}
_OF_MOVES_ONLY: Final = ("legal_top1", "legal_games")  # a model that is shown the legal moves has learned no others
_FEWEST_PLIES: Final = 20  # of a bin of the calibration that is drawn
_ELO: Final = re.compile(r"^\| ([\d,]+) \| ([+-]?\d+) \|", re.MULTILINE)
#: Plots for who looks for a fault of the training.
_DETAILS: Final = ("Loss", "Norm of the gradient", "Rate, share of its peak")
_VERDICT: Final = re.compile(r"^## Verdict\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)  # on the card
_STRENGTH: Final = "## Strength over training"  # as ``match --checkpoints`` writes it on the card
_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem;
  background: Canvas; color: CanvasText; color-scheme: light dark; }
table { border-collapse: collapse; } th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; } pre { white-space: pre-wrap; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figure svg { width: 100%; height: auto; }
figure svg text { fill: CanvasText; font-size: 11px; paint-order: stroke; stroke: Canvas; stroke-width: 3px; }
.by { display: none; } summary { cursor: pointer; margin: 1rem 0; }
"""


@dataclass(frozen=True)
class RunRecord:
    """What a run's folder says of it."""

    name: str
    metrics: list[dict[str, Any]]  #: lines with a step, plies and seconds
    about: dict[str, Any]  #: of ``config.json``; empty while there is no model
    card: str
    at_end: dict[str, Any]  #: all metrics on held-out games; empty while the run is not finished
    machine: str
    sample: str = ""  #: a game of the model against itself, as HTML

    @property
    def shows_moves(self) -> bool:
        """Whether the model has input features."""
        return bool(settings_in_code(self.about.get("model", {})).get("features", "none") != "none")


def read_run(folder: Path) -> RunRecord:
    """Return what a run has left. Raises ``TrainingError`` when it is none."""
    lines = read_metrics(folder)
    if not lines:
        raise TrainingError(f"no run in {folder}: {METRICS} is missing or empty")
    seconds = plies = 0.0
    for line in lines:  # the last evaluation has a line of its own
        seconds, plies = line.setdefault("seconds", seconds), line.setdefault("plies", plies)
    about, at_end, settings = (_object(folder / name) for name in (CONFIG, HELD_OUT, "settings.json"))
    if not isinstance(about.get("model", {}), dict):
        about = {}
    card = folder / "card.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else "The run is not finished."
    return RunRecord(folder.name or str(folder), lines, about, text, at_end, str(settings.get("machine", "not known")))


def _object(path: Path) -> dict[str, Any]:
    """What a JSON file holds; nothing where it cannot be read."""
    try:
        found = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def format_run_page(runs: Sequence[RunRecord]) -> str:
    """Return the page as HTML that needs nothing else."""
    names = ", ".join(run.name for run in runs)
    shown = "".join(f"#by-{axis}:checked ~ * .by-{axis} {{ display: block; }}\n" for axis in AXES)
    choices = " ".join(
        f'<input type="radio" name="axis" id="by-{axis}"{" checked" if axis == "minutes" else ""}>'
        f'<label for="by-{axis}">by {axis}</label>'
        for axis in AXES
    )
    shapes = [_figure(title, runs) for title in _PLOTS if title not in _DETAILS]
    plots = "\n".join([*shapes, *_calibration(runs), *_strength(runs)])
    details = "\n".join(_figure(title, runs) for title in _DETAILS)
    verdicts = "\n".join(_verdict(run) for run in runs)
    cards = "\n".join(
        f"<h2>{escape(run.name)}</h2>\n{run.sample}\n"
        f"<details><summary>How it was made: the card</summary><pre>{escape(run.card)}</pre></details>"
        for run in runs
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(names)}</title>\n'
        f"<style>{_STYLE}{shown}</style></head><body>\n<h1>{escape(names)}</h1>\n{verdicts}\n{_table(runs)}\n"
        f'<p>Curves of training are smoothed.</p>\n{choices}\n<div class="plots">\n{plots}\n</div>\n'
        f'<details><summary>The training itself</summary><div class="plots">\n{details}\n</div></details>\n{cards}\n'
        "</body></html>\n"
    )


def _verdict(run: RunRecord) -> str:
    """What came of a run, in the words of its card."""
    found = _VERDICT.search(run.card)
    lines = [line[2:] for line in found[1].splitlines() if line.startswith("- ")] if found else []
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>What came of {escape(run.name)}</h2>\n<ul>{items}</ul>"


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
    for key, (title, form) in _AT_THE_END.items():
        values = [None if key in _OF_MOVES_ONLY and run.shows_moves else run.at_end.get(key) for run in runs]
        if any(value is not None for value in values):
            rows.append(_row(title, ["" if value is None else format(value, form) for value in values]))
    games = [run.at_end.get("games") for run in runs]
    rows.append(_row("held-out games judged by", ["not known" if count is None else f"{count:,}" for count in games]))
    rows.append(_row("machine", [escape(run.machine) for run in runs]))
    other = (
        "<p>They were judged by other games each: compare no figures across runs.</p>" if len(set(games)) > 1 else ""
    )
    return f"<table><tr><th>On held-out games</th>{head}</tr>\n{''.join(rows)}</table>\n{other}"


def _last_scores(run: RunRecord) -> dict[str, Any]:
    looks = [line for line in run.metrics if "held_out_nats_per_move" in line]
    return {key: looks[-1].get(f"held_out_{key}") for key in _SCORES} if looks else {}


def _row(title: str, cells: Sequence[str]) -> str:
    return f"<tr><td>{title}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _figure(title: str, runs: Sequence[RunRecord]) -> str:
    """A plot by each axis; nothing where no run has measured it."""
    drawn = []
    for axis, place in AXES.items():
        curves: list[Curve] = []
        for number, run in enumerate(runs):
            for key, is_smoothed, what in _PLOTS[title]:
                points = [(place(line), float(line[key])) for line in run.metrics if is_number(line.get(key))]
                if points:
                    label = f"{run.name}, {what}" if len(runs) > 1 else what
                    dashed = key.startswith("held_out")
                    colour = number if len(runs) > 1 or title in _BASELINES else len(curves)
                    curves.append(Curve(label, smoothed(points) if is_smoothed else points, colour, dashed))
        if not curves:
            return ""
        curves += _levels(title, runs, curves)
        drawn.append(f'<div class="by by-{axis}">{draw_curves(curves, axis)}</div>')
    return f"<figure><figcaption><b>{title}</b></figcaption>{''.join(drawn)}</figure>"


def _levels(title: str, runs: Sequence[RunRecord], curves: Sequence[Curve]) -> list[Curve]:
    """What a baseline reaches, as level lines as long as the curves."""
    places = [x for curve in curves for x, _ in curve.points]
    found: list[Curve] = []
    for key, name in _BASELINES.get(title, {}).items():
        values = {run.at_end[key]: run.name for run in runs if run.at_end.get(key) is not None}
        for value, run in values.items():
            label = f"{run}, {name}" if len(values) > 1 else name
            found.append(Curve(label, [(min(places), value), (max(places), value)], len(runs) + len(found)))
    return found if places else []


def _calibration(runs: Sequence[RunRecord]) -> list[str]:
    """The score that was expected of positions, and the score that followed, where results are known."""
    curves: list[Curve] = []
    for number, run in enumerate(runs):
        keys = ("calibration_expected", "calibration_scored", "calibration_plies")
        bins = zip(*(run.at_end.get(key, ()) for key in keys), strict=True)
        points = [(float(x), float(y)) for x, y, plies in bins if plies >= _FEWEST_PLIES]
        curves += [Curve(run.name, points, number, is_dashed=True)] if points else []
    if not curves:
        return []
    curves.append(Curve("right", [(0.0, 0.0), (1.0, 1.0)], len(runs)))
    return [_plain_figure("Score that followed, by the score expected", draw_curves(curves, "expected score"))]


def _strength(runs: Sequence[RunRecord]) -> list[str]:
    """The Elo of checkpoints, where ``match --checkpoints`` has put it on the card."""
    curves: list[Curve] = []
    for number, run in enumerate(runs):
        rows = _ELO.findall(run.card.partition(_STRENGTH)[2])
        points = [(float(step.replace(",", "")), float(elo)) for step, elo in rows]
        curves += [Curve(run.name, points, number, is_dashed=True)] if points else []
    return [_plain_figure("Elo of the checkpoints", draw_curves(curves, "steps"))] if curves else []


def _plain_figure(title: str, picture: str) -> str:
    return f"<figure><figcaption><b>{title}</b></figcaption>{picture}</figure>"
