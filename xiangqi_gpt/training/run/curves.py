"""Curves as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

Points = list[tuple[float, float]]

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 520, 260, 52, 24, 8
_COLOURS: Final = ("#d1495b", "#2e6f95", "#3c9d5d", "#b5832f", "#7d5ba6", "#5f6b73")
_LETTER: Final = 6  # about the width of one
_MOST_POINTS: Final = 600
_MEMORY: Final = 0.02  # of the points, a smoothed curve remembers


@dataclass(frozen=True)
class Curve:
    """Points (x, y) with a label; ``colour`` counts, and a dashed curve has a mark at every point."""

    label: str
    points: Points
    colour: int
    is_dashed: bool = False


def smoothed(points: Points) -> Points:
    """Return an exponential mean along the points, unbiased at its start, and at most 600 of them.

    >>> smoothed([(0.0, 1.0), (1.0, 1.0)])
    [(0.0, 1.0), (1.0, 1.0)]
    """
    keep = 1 - 1 / max(1.0, _MEMORY * len(points))
    mean, weight, found = 0.0, 0.0, []
    for x, y in points:
        mean, weight = keep * mean + (1 - keep) * y, keep * weight + (1 - keep)
        found.append((x, mean / weight))
    stride = -(-len(found) // _MOST_POINTS)
    return found[::stride] + ([found[-1]] if (len(found) - 1) % stride else [])


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return round numbers from ``low`` to ``high``, about ``count``.

    >>> ticks(0.0, 9.0)
    [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    span = high - low or abs(high) or 1.0
    raw = span / count
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= raw)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def draw_curves(curves: Sequence[Curve], axis: str) -> str:
    """Return an SVG element with the curves over the name of their axis, or a line where there is none."""
    points = [point for curve in curves for point in curve.points if math.isfinite(point[1])]
    if not points:
        return "<p>not measured</p>"
    xs, ys = [x for x, _ in points], sorted(y for _, y in points)
    x0, x1, y0, y1 = min(xs), max(xs), ys[0], ys[-1]

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - x0) / (x1 - x0 or 1) * (_WIDTH - _LEFT - 8)
        up = (y - y0) / (y1 - y0 or 1) * (_HEIGHT - _BOTTOM - _TOP)
        return round(_LEFT + across, 1), round(_HEIGHT - _BOTTOM - up, 1)

    parts = []
    for y in ticks(y0, y1):
        height = place(x0, y)[1]
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{height}" y2="{height}" stroke="#8884"/>')
        parts.append(f'<text x="{_LEFT - 4}" y="{height + 4}" text-anchor="end">{y:g}</text>')
    for x in ticks(x0, x1):
        if place(x, y0)[0] > _WIDTH - _LETTER * (len(axis) + 3):
            continue  # the name of the axis stands there
        parts.append(f'<text x="{place(x, y0)[0]}" y="{_HEIGHT - 8}" text-anchor="middle">{x:,g}</text>')
    parts.append(f'<text x="{_WIDTH}" y="{_HEIGHT - 8}" text-anchor="end">{escape(axis)}</text>')
    for number, curve in enumerate(curves):
        colour = _COLOURS[curve.colour % len(_COLOURS)]
        line = [place(x, y) for x, y in curve.points if math.isfinite(y)]
        dash = ' stroke-dasharray="5 3"' if curve.is_dashed else ""
        text = " ".join(f"{x},{y}" for x, y in line)
        parts.append(f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="1.5"{dash}/>')
        if curve.is_dashed:
            parts += [f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour}"/>' for x, y in line]
        end = f'x="{_WIDTH - 4}" y="{_TOP + 12 + 14 * number}" text-anchor="end"'
        parts.append(f'<text {end} style="fill: {colour}">{escape(curve.label)}</text>')
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">{"".join(parts)}</svg>'
