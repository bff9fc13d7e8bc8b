"""How a game may end for one side, as probabilities."""

from __future__ import annotations

from typing import NamedTuple


class Wdl(NamedTuple):
    """The probabilities of a win, a draw and a loss for one side; they add up to 1.

    >>> Wdl(0.5, 0.25, 0.25).flipped
    Wdl(win=0.25, draw=0.25, loss=0.5)
    >>> Wdl(0.5, 0.25, 0.25).expected
    0.625
    """

    win: float
    draw: float
    loss: float

    @property
    def flipped(self) -> Wdl:
        """Return the same for the other side."""
        return Wdl(self.loss, self.draw, self.win)

    @property
    def expected(self) -> float:
        """Return the expected score: a win counts one, a draw a half."""
        return self.win + self.draw / 2
