"""An analysis as one HTML file that needs nothing else: boards, graphs, moves, in English and Chinese."""

from __future__ import annotations

import html
from importlib import resources
from pathlib import Path
from string import Template

from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.pages import as_json_script, board_script, font_face, palette

from .as_json import analysis_as_dict
from .move_analysis import GameAnalysis


def format_html(analysis: GameAnalysis, *, piece_font: bytes | None = None) -> str:
    """The report. ``piece_font`` is a TrueType font for the pieces, so that they look the same everywhere."""
    page = resources.files(__package__) / "page"

    def part(name: str) -> str:
        return (page / name).read_text(encoding="utf-8")

    tags = analysis.game.tags
    font = font_face(piece_font) if piece_font else ""
    return Template(part("report.html")).substitute(
        title=html.escape(f"{tags.get('Red') or 'Red'} – {tags.get('Black') or 'Black'}"),
        style=font + palette() + part("report.css"),
        data=as_json_script(analysis_as_dict(analysis)),
        script=board_script() + part("report.js"),
    )


def write_html(analysis: GameAnalysis, path: str | Path, *, piece_font: bytes | None = None) -> None:
    """Write the report into a file, which appears whole or not at all."""
    with atomic_write(path) as unfinished:
        unfinished.write_text(format_html(analysis, piece_font=piece_font), encoding="utf-8", newline="\n")
