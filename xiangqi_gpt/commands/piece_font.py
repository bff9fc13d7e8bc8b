"""The font that HTML reports embed."""

from __future__ import annotations

from importlib import resources


def piece_font() -> bytes:
    """The TrueType font of the board's pieces."""
    return (resources.files("xiangqi_gpt.gui") / "assets" / "XiangqiPieces-Bold.ttf").read_bytes()
