"""Who loses when a position occurs for the third time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .outcome import Outcome, Termination
from .pieces import BLACK, RED

if TYPE_CHECKING:
    from .board import Board


def judge(board: Board) -> Outcome:
    """The verdict on a repeated position: a side that checked on every move of the cycle loses, else it is a draw.

    Perpetual chases are not judged yet: they are draws.
    """
    replayed = board.copy()
    checked = {RED: True, BLACK: True}
    while True:
        mover = 1 - replayed.turn
        checked[mover] = checked[mover] and replayed.is_check()
        replayed.pop()
        if replayed.zobrist == board.zobrist:
            break
    for side, name in ((RED, "Red"), (BLACK, "Black")):
        if checked[side] and not checked[1 - side]:
            detail = f"{name} checked on every move of the cycle"
            return Outcome(1 - side, Termination.PERPETUAL_CHECK, detail)
    return Outcome(None, Termination.REPETITION, "the same position for the third time")
