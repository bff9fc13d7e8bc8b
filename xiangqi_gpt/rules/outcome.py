"""How a game ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .pieces import BLACK, COLOR_NAMES, RED
from .wdl import Wdl


class Termination(StrEnum):
    """Why a game is over. The last four are decided by players and referees, never by the board."""

    CHECKMATE = "checkmate"
    STALEMATE = "stalemate"
    PERPETUAL_CHECK = "perpetual check"
    PERPETUAL_CHASE = "perpetual chase"
    REPETITION = "repetition"
    NO_CAPTURE = "no capture"
    INSUFFICIENT_MATERIAL = "insufficient material"
    RESIGNATION = "resignation"
    TIME = "time"
    ILLEGAL_MOVE = "illegal move"
    ADJUDICATION = "adjudication"


@dataclass(frozen=True)
class Outcome:
    """The end of a game: ``winner`` (RED, BLACK or None for a draw), the reason, and a sentence for a player."""

    winner: int | None
    termination: Termination
    detail: str = ""

    @property
    def result(self) -> str:
        """``1-0`` when Red won, ``0-1`` when Black won, ``1/2-1/2``."""
        return {RED: "1-0", BLACK: "0-1", None: "1/2-1/2"}[self.winner]

    def wdl(self, side: int) -> Wdl:
        """Return win, draw and loss for a side: one of them is certain."""
        if self.winner is None:
            return Wdl(0.0, 1.0, 0.0)
        return Wdl(1.0, 0.0, 0.0) if self.winner == side else Wdl(0.0, 0.0, 1.0)

    def __str__(self) -> str:
        who = "draw" if self.winner is None else f"{COLOR_NAMES[self.winner]} wins"
        return f"{who} ({self.termination})" + (f": {self.detail}" if self.detail else "")
