"""The dialects in which games name squares and pieces, and how each is turned into ours.

Squares: ranks counted from 0 (ICCS) or from 1 (sites that use Fairy-Stockfish's coordinates), from Red's side or from
Black's. Letters: WXF (``C2.5``, ``+`` forward, ``-`` back, ``.`` sideways) or Vietnamese (``P2-5``, ``.`` forward,
``/`` back, ``-`` sideways). A game has one dialect, which ``movetext`` finds by what replays the whole game.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from xiangqi_gpt.rules import MOVES, Move, MoveTextError

_SQUARE_RANK: Final = re.compile(r"(?<=[A-Ia-iNRCKPGBEMH])(?:10|\d)")
_VIETNAMESE: Final = re.compile(r"(Tg|TG|tg|[STXPMBCstxpmbc])([1-9ts])([-./])([1-9])\Z")
_VIETNAMESE_PIECES: Final = {"TG": "K", "S": "A", "T": "E", "X": "R", "P": "C", "M": "H", "B": "P", "C": "P"}
_VIETNAMESE_SIGNS: Final = {".": "+", "/": "-", "-": "."}


@dataclass(frozen=True)
class Dialect:
    """How a game names squares and pieces; by default as ICCS and WXF do."""

    first_rank: int = 0  #: number of the first rank
    from_black: bool = False  #: ranks are counted from Black's side
    vietnamese: bool = False  #: letters and signs of Vietnamese records

    def __str__(self) -> str:
        if self.vietnamese:
            return "Vietnamese letters"
        first = self.first_rank
        return f"ranks {first}-{first + 9} from {'Black' if self.from_black else 'Red'}'s side"

    @property
    def renames_squares(self) -> bool:
        """Whether squares have other names than in ICCS."""
        return self.first_rank != 0 or self.from_black

    def squares(self, text: str) -> str:
        """Return text that names squares as ICCS names them. Raises ``MoveTextError`` for a rank that is none."""
        if not self.renames_squares:
            return text

        def rename(match: re.Match[str]) -> str:
            rank = int(match[0]) - self.first_rank
            if not 0 <= rank <= 9:
                raise MoveTextError(f"{text} names no square: {self}")
            return str(9 - rank if self.from_black else rank)

        return _SQUARE_RANK.sub(rename, text)

    def letters(self, text: str) -> str:
        """Return a move by pieces and files as WXF writes it. Raises ``MoveTextError`` for other text."""
        if not self.vietnamese:
            return text
        match = _VIETNAMESE.match(text)
        if match is None:
            raise MoveTextError(f"not a move in {self}: {text!r}")
        piece, file, sign, number = match.groups()
        letter, direction = _VIETNAMESE_PIECES[piece.upper()], _VIETNAMESE_SIGNS[sign]
        if file in "ts":
            return f"{'+' if file == 't' else '-'}{letter}{direction}{number}"
        return f"{letter}{file}{direction}{number}"


#: The dialect that is tried first.
STANDARD: Final = Dialect()
#: Those that are tried where a game in squares, or in pieces and files, does not replay.
OTHER_SQUARES: Final = (Dialect(1), Dialect(0, from_black=True), Dialect(1, from_black=True))
OTHER_LETTERS: Final = (Dialect(vietnamese=True),)


@cache
def coordinates(dialect: Dialect = STANDARD) -> dict[str, Move]:
    """Every way to write each of the 2086 moves in coordinates."""
    table = {}

    def name(square: str) -> str:
        rank = int(square[1])
        return f"{square[0]}{(9 - rank if dialect.from_black else rank) + dialect.first_rank}"

    for move in MOVES:
        text = move.iccs()
        source, target = name(text[:2]), name(text[2:])
        for form in (f"{source}{target}", f"{source}-{target}"):
            table[form] = table[form.upper()] = move
    return table
