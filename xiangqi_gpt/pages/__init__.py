"""What all HTML reports share: the drawn board, the colours for light and dark, and data that a page's script reads."""

from __future__ import annotations

import base64
import json
from importlib import resources
from typing import Any


def board_script() -> str:
    """JavaScript with ``drawBoard(fen, {last, better, flipped, label})``, which gives the board as SVG text."""
    return _read("board.js")


def palette() -> str:
    """CSS variables for grounds, text, board and pieces; dark where the system or ``data-theme`` asks for it."""
    return _read("palette.css")


def font_face(font: bytes) -> str:
    """CSS that embeds a TrueType font for the pieces, so that they look the same everywhere."""
    return (
        '@font-face { font-family: "Xiangqi Pieces"; '
        f'src: url(data:font/ttf;base64,{base64.b64encode(font).decode()}) format("truetype"); }}\n'
    )


def as_json_script(data: Any) -> str:
    """Data for a ``<script type="application/json">``: no text in it can end the script element early."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _read(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")
