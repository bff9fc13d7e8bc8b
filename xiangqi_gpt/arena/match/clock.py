"""The clocks of a game of a match."""

from __future__ import annotations

import math

from xiangqi_gpt.players import Clock
from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.rules import RED


class Clocks:
    """Count the ``left`` seconds of the first and the second player; without byo-yomi, which engines do not know."""

    def __init__(self, control: TimeControl) -> None:
        self.control = control
        self.left = [control.base, control.base]

    def show(self, first_color: int) -> Clock:
        """What a player sees."""
        red, black = self.left if first_color == RED else self.left[::-1]
        return Clock(red, black, self.control.increment, self.control.increment)

    def spend(self, player: int, seconds: float) -> bool:
        """Take the time of a move off a player's clock and add the increment; False when the flag has fallen."""
        self.left[player] -= seconds
        if self.left[player] < 0 or math.isnan(seconds):
            return False
        self.left[player] += self.control.increment
        return True
