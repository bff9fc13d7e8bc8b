"""Text and glyphs from fonts that come with the program, so that no system font is ever needed.

Interface text is Noto Sans SC, cut down to the characters of game records (``docs/make_font_subset.py``); pieces, river
and file numerals are a small calligraphic face of our own. Both lie in ``assets/`` (OFL).
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Final

import pygame

from xiangqi_gpt.rules import XiangqiError

from ..state.theme import Color

_TEXTS_KEPT: Final = 1000
_FONTS_KEPT: Final = 40
_ELLIPSIS: Final = "…"
#: A character no font has: its picture is the empty box that a missing glyph shows.
_MISSING: Final = "\U0010fffd"

_ASSETS: Final = Path(__file__).parents[1] / "assets"
PIECE_FONT: Final = _ASSETS / "XiangqiPieces-Bold.ttf"
INTERFACE_FONTS: Final = {
    "regular": _ASSETS / "NotoSansSC-Regular-subset.otf",
    "bold": _ASSETS / "NotoSansSC-Bold-subset.otf",
}


class FontError(XiangqiError):
    """A font file that should have come with the program is not there."""


class Fonts:
    """Rendered text, kept for the next frame. Sizes are pixels of the surface."""

    def __init__(self) -> None:
        """Raises ``FontError`` when a font file is missing."""
        pygame.font.init()
        self._paths = {**INTERFACE_FONTS, "piece": PIECE_FONT}
        for path in self._paths.values():
            if not path.is_file():
                raise FontError(f"font file not found: {path}")
        self._fonts: dict[tuple[str, int], pygame.Font] = {}
        self._texts: OrderedDict[tuple[str, int, str, Color], pygame.Surface] = OrderedDict()

    def font(self, face: str, size: int) -> pygame.Font:
        """Return a font: face ``regular``, ``bold`` or ``piece``."""
        key = (face, size)
        if key not in self._fonts:
            if len(self._fonts) >= _FONTS_KEPT:
                del self._fonts[next(iter(self._fonts))]
            self._fonts[key] = pygame.Font(self._paths[face], size)
        return self._fonts[key]

    def render(self, text: str, face: str, size: int, color: Color) -> pygame.Surface:
        """Return a picture of one line of text."""
        key = (face, size, text, color)
        picture = self._texts.get(key)
        if picture is None:
            picture = self.font(face, size).render(_as_set(text), True, color)
            self._texts[key] = picture
            if len(self._texts) > _TEXTS_KEPT:
                self._texts.popitem(last=False)
        else:
            self._texts.move_to_end(key)
        return picture

    def width(self, text: str, face: str, size: int) -> int:
        """Return how wide a line of text is."""
        return self.font(face, size).size(_as_set(text))[0]

    def fit(self, text: str, face: str, size: int, width: int) -> str:
        """Return the text, shortened with an ellipsis where it is wider than ``width``."""
        if self.width(text, face, size) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + _ELLIPSIS, face, size) <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + _ELLIPSIS

    def wrap(self, text: str, face: str, size: int, width: int) -> list[str]:
        """The text in lines no wider than ``width``; breaks after spaces and slashes and before Chinese characters."""
        lines, line = [], ""
        for part in _breakable(text):
            if line and self.width((line + part).rstrip(), face, size) > width:
                lines.append(line.rstrip())
                line = part.lstrip()
            else:
                line += part
        return [*lines, line.rstrip()]

    def has_glyphs(self, text: str, face: str) -> bool:
        """Return whether a face draws every character of a text (``Font.metrics`` answers for empty boxes too)."""
        font = self.font(face, 24)
        empty = pygame.image.tobytes(font.render(_MISSING, True, "white"), "RGBA")
        pictures = (font.render(character, True, "white") for character in text if not character.isspace())
        return all(pygame.image.tobytes(picture, "RGBA") != empty for picture in pictures)


def _as_set(text: str) -> str:
    """A line as it is drawn: the font's ellipsis stands at half height, as only Chinese is set."""
    return text if _ELLIPSIS not in text or _is_chinese(text) else text.replace(_ELLIPSIS, "...")


def _is_chinese(text: str) -> bool:
    return any("\u2e80" <= character <= "\u9fff" for character in text)


def _breakable(text: str) -> list[str]:
    parts = [""]
    for character in text:
        chinese = ord(character) >= 0x2E80 and character not in "，。！？；：、）”》"
        if chinese or (parts[-1].endswith((" ", "/")) and character != " "):
            parts.append(character)
        else:
            parts[-1] += character
    return [part for part in parts if part]
