"""Handicap games: one side plays without some pieces, by custom Red; Red moves first all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.rules import RED, START_FEN


@dataclass(frozen=True)
class Handicap:
    """What is given: a name for the texts (``handicap_`` and this), and the start of the game where Red gives it."""

    name: str
    fen: str

    def given_by(self, side: int) -> str:
        """Return the start of the game where a side gives the odds."""
        if side == RED or self.fen == START_FEN:
            return self.fen
        board, rest = self.fen.split(" ", 1)
        return f"{board[::-1].swapcase()} {rest}"


def _without(red_pawns: str, red_cannons: str, red_pieces: str) -> str:
    return f"rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/{red_pawns}/{red_cannons}/9/{red_pieces} w - - 0 1"


_PAWNS, _CANNONS = "P1P1P1P1P", "1C5C1"

#: From no odds to the greatest. Giving nine leaves the rooks, horses and cannons without pawns, advisors and elephants.
HANDICAPS: Final = (
    Handicap("none", START_FEN),
    Handicap("horse", _without(_PAWNS, _CANNONS, "R1BAKABNR")),
    Handicap("cannon", _without(_PAWNS, "7C1", "RNBAKABNR")),
    Handicap("rook", _without(_PAWNS, _CANNONS, "1NBAKABNR")),
    Handicap("horses", _without(_PAWNS, _CANNONS, "R1BAKAB1R")),
    Handicap("rook_horse", _without(_PAWNS, _CANNONS, "2BAKABNR")),
    Handicap("rooks", _without(_PAWNS, _CANNONS, "1NBAKABN1")),
    Handicap("nine", _without("9", _CANNONS, "RN2K2NR")),
)
