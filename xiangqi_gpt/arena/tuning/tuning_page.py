"""The path of a tuning as one HTML file with a plot for each parameter, and as a table with a line an iteration."""

from __future__ import annotations

import csv
from html import escape
from pathlib import Path
from typing import Final

from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.pages import palette

from ..tournament.standings import Standings
from .spsa import Parameter
from .tuning import Tuning

_WIDTH: Final = 860
_HEIGHT: Final = 120
_LEFT: Final = 70
_ROWS: Final = 40  # of the table on the page
_STYLE: Final = """
body { margin: 2rem auto; max-width: 900px; padding: 0 1rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
svg { width: 100%; background: var(--card); border: 1px solid var(--edge); }
svg text { fill: var(--muted); font-size: 13px; }
.path { fill: none; stroke: var(--accent); stroke-width: 2; } .start { stroke: var(--edge); stroke-dasharray: 5 4; }
table { border-collapse: collapse; } td, th { padding: 0 0.8rem; text-align: right; }
code, pre { overflow-wrap: anywhere; white-space: pre-wrap; }
"""


def write_page(tuning: Tuning, path: str | Path, *, command: str, standings: Standings | None = None) -> None:
    """Write the page; ``standings`` are those of the test at the end. Raises ``OSError``."""
    with atomic_write(path) as unfinished:
        unfinished.write_text(format_page(tuning, command=command, standings=standings), encoding="utf-8", newline="\n")


def format_page(tuning: Tuning, *, command: str, standings: Standings | None = None) -> str:
    """Return the page as HTML."""
    parts = [
        f"<h1>Tuning of {escape(tuning.spec)}</h1>",
        f"<p>{len(tuning.points)} of {tuning.spsa.iterations} iterations of {2 * tuning.pairs} games, "
        f"rate {tuning.spsa.rate:g}, seed {tuning.spsa.seed}.</p>",
        f"<p>Tuned: <code>{escape(tuning.tuned)}</code></p>",
    ]
    if standings is not None:
        parts.append(f"<h2>Tested against the start</h2><pre>{escape(standings.summary())}</pre>")
    parts.append("<h2>Path</h2>")
    for number, parameter in enumerate(tuning.spsa.parameters):
        parts.append(f"<h3>{escape(parameter.name)}</h3>{_plot(parameter, [float(v[number]) for v in tuning.path])}")
    parts.append(_table(tuning))
    parts.append(f"<h2>Again</h2><pre>{escape(command)}</pre><p>{escape(machine_line())}</p>")
    head = f'<meta charset="utf-8"><title>Tuning</title><style>{palette()}{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def write_table(tuning: Tuning, path: str | Path) -> None:
    """Write the path as CSV: iteration, points of its first candidate, values after it. Raises ``OSError``."""
    with atomic_write(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["iteration", "points", *(parameter.name for parameter in tuning.spsa.parameters)])
        for number, values in enumerate(tuning.path):
            points = f"{tuning.points[number - 1]:g}" if number else ""
            table.writerow([number, points, *(f"{value:.6g}" for value in values)])


def _plot(parameter: Parameter, values: list[float]) -> str:
    """The path of a parameter within its bounds, and its start as a broken line."""

    def y(value: float) -> float:
        return 8 + (parameter.high - value) / (parameter.high - parameter.low) * (_HEIGHT - 16)

    step = (_WIDTH - _LEFT - 10) / max(len(values) - 1, 1)
    points = " ".join(f"{_LEFT + step * i:.1f},{y(value):.1f}" for i, value in enumerate(values))
    label = f"{parameter.name} from {parameter.text(values[0])} to {parameter.text(values[-1])}"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">'
        f'<text x="6" y="18">{parameter.high:g}</text><text x="6" y="{_HEIGHT - 6}">{parameter.low:g}</text>'
        f'<path class="start" d="M{_LEFT} {y(values[0]):.1f}H{_WIDTH - 10}"/>'
        f'<polyline class="path" points="{points}"><title>{escape(label)}</title></polyline></svg>'
    )


def _table(tuning: Tuning) -> str:
    every = max(1, -(-len(tuning.points) // _ROWS))
    numbers = sorted({*range(0, len(tuning.path), every), len(tuning.path) - 1})
    names = "".join(f"<th>{escape(parameter.name)}</th>" for parameter in tuning.spsa.parameters)
    rows = []
    for number in numbers:
        values = zip(tuning.spsa.parameters, tuning.path[number], strict=True)
        cells = "".join(f"<td>{value:.4g}</td>" for _, value in values)
        rows.append(f"<tr><td>{number}</td>{cells}</tr>")
    return f"<table><tr><th>Iteration</th>{names}</tr>{''.join(rows)}</table>"
