"""Small charts as inline SVG; their colours are the page's CSS variables, so they follow light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from ..elo.signed import signed

_WIDTH: Final = 860
_ROW: Final = 30
_LABELS: Final = 290  # width left of the plot, for names
_LONGEST_NAME: Final = 40  # letters
_VALUES: Final = 60  # width right of the plot


def rating_plot(rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Ratings with their 95 % intervals, a row a player: (name, Elo, low, high)."""
    low, high = _range([0.0, *(value for _, *values in rows for value in values)])
    height = _ROW * len(rows) + 34
    scale = (_WIDTH - _LABELS - _VALUES) / (high - low)

    def x(elo: float) -> float:
        return _LABELS + (elo - low) * scale

    parts = []
    for tick in _ticks(low, high):
        kind = "zero" if tick == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="4" y2="{height - 24}"/>')
        parts.append(f'<text class="tick" x="{x(tick):.1f}" y="{height - 6}">{_signed(tick)}</text>')
    for number, (name, elo, left, right) in enumerate(rows):
        y = 4 + _ROW * (number + 0.5)
        short = name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"
        parts.append(
            f"<g><title>{escape(name)}: {_signed(elo)} ({_signed(left)} to {_signed(right)})</title>"
            f'<text class="name" x="{_LABELS - 14}" y="{y + 5:.1f}">{escape(short)}</text>'
            f'<path class="whisker" d="M{x(left):.1f} {y:.1f}H{x(right):.1f}M{x(left):.1f} {y - 6:.1f}v12'
            f'M{x(right):.1f} {y - 6:.1f}v12"/><circle class="dot" cx="{x(elo):.1f}" cy="{y:.1f}" r="5.5"/>'
            f'<text class="value" x="{_WIDTH - 2}" y="{y + 5:.1f}">{_signed(elo)}</text></g>'
        )
    return _svg(height, parts, "Elo with 95 % intervals")


def curve(points: Sequence[tuple[int, float, float, float]]) -> str:
    """Elo by training step with its band: (step, Elo, low, high)."""
    height, left, bottom = 300, 56, 32
    low, high = _range([value for point in points for value in point[2:]])
    first, last = points[0][0], points[-1][0]

    def at(step: int, elo: float) -> str:
        x = left + (step - first) / max(last - first, 1) * (_WIDTH - left - 20)
        return f"{x:.1f} {8 + (high - elo) / (high - low) * (height - bottom - 8):.1f}"

    parts = []
    for tick in _ticks(low, high):
        y = at(first, tick).split()[1]
        kind = "zero" if tick == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{left}" x2="{_WIDTH - 20}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="name" x="{left - 8}" y="{float(y) + 4:.1f}">{_signed(tick)}</text>')
    for step in sorted({points[round(i * (len(points) - 1) / 5)][0] for i in range(6)}):
        parts.append(f'<text class="tick" x="{at(step, low).split()[0]}" y="{height - 8}">{step:,}</text>')
    band = [at(step, bound) for step, _, bound, _ in points] + [at(step, bound) for step, _, _, bound in points[::-1]]
    parts.append(f'<path class="band" d="M{"L".join(band)}Z"/>')
    parts.append(f'<path class="line" d="M{"L".join(at(step, elo) for step, elo, _, _ in points)}"/>')
    for step, elo, bottom_end, top_end in points:
        x, y = at(step, elo).split()
        words = f"step {step:,}: {_signed(elo)} ({_signed(bottom_end)} to {_signed(top_end)})"
        parts.append(f'<circle class="dot" cx="{x}" cy="{y}" r="4.5"><title>{words}</title></circle>')
    return _svg(height, parts, "Elo by training step")


def columns(values: Sequence[tuple[str, int]], label: str) -> str:
    """Counts as columns with their names below."""
    width, height, most = 420, 190, max(1, *(value for _, value in values))
    step = width / len(values)
    parts = []
    for number, (name, value) in enumerate(values):
        tall = value / most * (height - 60)
        x = step * (number + 0.5)
        parts.append(
            f'<rect class="column" x="{x - step * 0.32:.1f}" y="{height - 30 - tall:.1f}" width="{step * 0.64:.1f}" '
            f'height="{max(tall, 1):.1f}" rx="3"/><text class="tick strong" x="{x:.1f}" '
            f'y="{height - 36 - tall:.1f}">{value}</text><text class="tick" x="{x:.1f}" y="{height - 10}">{name}</text>'
        )
    return _svg(height, parts, label, width)


def _svg(height: float, parts: list[str], label: str, width: int = _WIDTH) -> str:
    return f'<svg viewBox="0 0 {width} {height:g}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = max((high - low) * 0.06, 10.0)
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between, eight or so."""
    rough = (high - low) / 9
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _signed(elo: float) -> str:
    return signed(elo).replace("-", "\u2212")
