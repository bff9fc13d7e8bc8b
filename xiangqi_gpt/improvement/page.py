"""The story of a run as one HTML file: what each generation played, learned and proved."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.arena.elo.signed import signed, signed_interval
from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.pages import palette
from xiangqi_gpt.records.plural import counted

from .state import Generation, State

_WIDTH: Final = 860
_ROW: Final = 34
_LEFT: Final = 120
_STYLE: Final = """
body { margin: 2rem auto; max-width: 900px; padding: 0 1rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
svg { width: 100%; background: var(--card); border: 1px solid var(--edge); }
svg text { fill: var(--muted); font-size: 13px; }
.zero { stroke: var(--edge); stroke-dasharray: 5 4; } .span { stroke: var(--muted); stroke-width: 2; }
.taken { fill: var(--accent); } .left { fill: var(--card); stroke: var(--muted); stroke-width: 2; }
.wide { overflow-x: auto; } table { border-collapse: collapse; } td, th { padding: 0.1rem 0.7rem; text-align: right; }
td { white-space: nowrap; }
tr { border-bottom: 1px solid var(--edge); } pre { overflow-wrap: anywhere; white-space: pre-wrap; }
"""


def write_page(state: State, path: str | Path) -> None:
    """Write the page. Raises ``OSError``."""
    with atomic_write(path) as unfinished:
        unfinished.write_text(format_page(state), encoding="utf-8", newline="\n")


def format_page(state: State) -> str:
    """Return the page as HTML."""
    config, done = state.config, [g for g in state.generations if g.test is not None]
    taken = sum(generation.accepted for generation in done)
    parts = [
        f"<h1>{escape(config.model)} improves itself</h1>",
        f"<p>{counted(len(done), 'generation')} in {state.seconds / 3600:.1f} hours, {taken} taken on. "
        f"The best model: <code>{escape(state.best)}</code>.</p>",
    ]
    if state.final is not None:
        low, high = state.final["elo_low"], state.final["elo_high"]
        answer = "stronger than" if low > 0 else "weaker than" if high < 0 else "not proven stronger than"
        parts.append(f"<p>It is {answer} the first: {_elo(state.final)}, {state.final['games']} games.</p>")
    if done:
        parts += ["<h2>Each new model against the best before it</h2>", _plot(done), _table(done)]
    parts.append(
        f"<p>A generation is {counted(config.games, 'game')} at {config.nodes} nodes a move "
        f"({100 * config.deep_share:.0f} % of them at four times as many). "
        f"The test is {escape(config.sprt)}, {config.gate_games} games at most. "
        "Intervals are 95 %.</p>"
    )
    parts.append(f"<h2>Again</h2><pre>{escape(state.command)}</pre><p>{escape(machine_line())}</p>")
    head = f'<meta charset="utf-8"><title>Improvement</title><style>{palette()}{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _elo(test: dict[str, Any]) -> str:
    return f"{signed(test['elo'])} ({signed_interval(test['elo_low'], test['elo_high'])}) Elo"


def _plot(done: list[Generation]) -> str:
    """A row a generation: the interval of its test, filled where the model was taken on."""
    tests = [g.test for g in done if g.test is not None]
    most = max(50.0, *(min(abs(float(t[key])), 800.0) for t in tests for key in ("elo_low", "elo_high")))
    scale = (_WIDTH - _LEFT - 20) / (2 * most)

    def x(elo: float) -> float:
        return _LEFT + scale * (max(-most, min(most, elo)) + most)

    height = _ROW * len(done) + 30
    rows = [f'<path class="zero" d="M{x(0):.1f} 0V{height - 24}"/><text x="{x(0) - 4:.1f}" y="{height - 8}">0</text>']
    rows += [f'<text x="{_LEFT}" y="{height - 8}">{-most:.0f}</text>']
    rows += [f'<text x="{_WIDTH - 20}" y="{height - 8}" text-anchor="end">{most:+.0f} Elo</text>']
    for row, (generation, test) in enumerate(zip(done, tests, strict=True)):
        y = _ROW * row + _ROW / 2
        kind = "taken" if generation.accepted else "left"
        rows.append(
            f'<text x="8" y="{y + 5}">generation {generation.number}</text>'
            f'<path class="span" d="M{x(test["elo_low"]):.1f} {y}H{x(test["elo_high"]):.1f}"/>'
            f'<circle class="{kind}" cx="{x(test["elo"]):.1f}" cy="{y}" r="6">'
            f"<title>{escape(_elo(test))}</title></circle>"
        )
    label = "Elo of each generation's model against the best before it"
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">{"".join(rows)}</svg>'


def _table(done: list[Generation]) -> str:
    names = ("", "Games", "Plies", "Steps", "Held-out nats before", "after", "Test", "Games", "Taken on", "Minutes")
    rows = [f"<tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>"]
    for generation in done:
        assert generation.test is not None
        cells = (
            generation.number,
            f"{generation.games:,}",
            f"{generation.plies:,}",
            f"{generation.steps:,}",
            "" if generation.before is None else f"{generation.before:.3f}",
            "" if generation.after is None else f"{generation.after:.3f}",
            escape(_elo(generation.test)),
            generation.test["games"],
            "yes" if generation.accepted else "no",
            f"{generation.seconds / 60:.1f}",
        )
        rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return f'<div class="wide"><table>{"".join(rows)}</table></div>'
