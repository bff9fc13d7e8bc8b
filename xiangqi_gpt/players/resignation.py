"""When a player that knows its chances should resign, offer a draw or accept one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xiangqi_gpt.rules import Wdl

#: Resigns when the expected score was below this for so many of its own moves in a row.
RESIGN_BELOW: Final = 0.03
RESIGN_MOVES: Final = 4

#: Offers a draw after so many plies when a draw was so likely, and its chances even, for so many moves in a row.
OFFER_PLY: Final = 80
OFFER_DRAW: Final = 0.7
OFFER_MOVES: Final = 6

#: Accepts a draw unless it expects clearly more than half a point.
ACCEPT_BELOW: Final = 0.53


def resigns(past: Sequence[Wdl]) -> bool:
    """Whether a player gives up; ``past`` are the win/draw/loss of its own decisions so far, the latest last."""
    recent = past[-RESIGN_MOVES:]
    return len(recent) == RESIGN_MOVES and all(wdl.expected < RESIGN_BELOW for wdl in recent)


def offers_draw(past: Sequence[Wdl], ply: int) -> bool:
    """Whether a player offers a draw after ``ply`` plies of the game."""
    recent = past[-OFFER_MOVES:]
    even = all(wdl.draw >= OFFER_DRAW and abs(wdl.win - wdl.loss) <= 1 - OFFER_DRAW for wdl in recent)
    return ply >= OFFER_PLY and len(recent) == OFFER_MOVES and even


def accepts_draw(past: Sequence[Wdl]) -> bool:
    """Whether a player takes a draw that is offered; one that has not looked at the game yet does not."""
    return bool(past) and past[-1].expected < ACCEPT_BELOW
