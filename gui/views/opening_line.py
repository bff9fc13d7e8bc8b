"""A line about the opening: its name, and how many known games reached the position; less where room is short."""

from __future__ import annotations

from ..i18n.texts import Texts
from ..state.move_notes import Insight
from ..widgets.canvas import Canvas


def opening_line(texts: Texts, insight: Insight, otherwise: str = "") -> str:
    """Return all of it; ``otherwise`` stands for an opening without a name. Empty where nobody has counted games."""
    if insight.games is None:
        return otherwise
    return " · ".join(filter(None, (texts.opening(insight.opening) or otherwise, _known_games(texts, insight))))


def short_opening_line(canvas: Canvas, insight: Insight, width: int, size: float, otherwise: str = "") -> str:
    """As much of it as fits: the name goes first, and loses its end rather than be cut anywhere."""
    line = opening_line(canvas.texts, insight, otherwise)
    opening = canvas.texts.opening(insight.opening) or otherwise
    if insight.games is None or not opening:
        return line

    def fits(text: str) -> bool:
        return canvas.text_width(text, size) <= width

    says = [opening]
    for mark in (", ", " "):
        while mark in (rest := says[-1].removesuffix(" …")):
            says.append(rest.rpartition(mark)[0].rstrip(",:") + " …")
    said = next(filter(fits, says), says[-1])
    full = f"{said} · {_known_games(canvas.texts, insight)}"
    return full if fits(full) else said


def _known_games(texts: Texts, insight: Insight) -> str:
    count = sum(insight.games or ())
    return texts("known_games", count=f"{count:,}") if count else texts("known_none")
