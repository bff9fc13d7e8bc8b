"""Time controls: so many seconds for the game, and some back for every move."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.players import Clock
from xiangqi_gpt.rules import RED, XiangqiError

_TEXT: Final = re.compile(r"(\d+(?:\.\d+)?)(?:\+(\d+(?:\.\d+)?))?\Z")


class TimeControlError(XiangqiError):
    """A time control that cannot be read."""


@dataclass(frozen=True)
class TimeControl:
    """``base`` seconds a player has for the game, ``increment`` seconds are added after each of its moves."""

    base: float
    increment: float = 0.0

    @classmethod
    def parse(cls, text: str) -> TimeControl:
        """Read ``SECONDS`` or ``SECONDS+INCREMENT``. Raises ``TimeControlError``.

        >>> TimeControl.parse("60+0.6")
        TimeControl(base=60.0, increment=0.6)
        """
        match = _TEXT.match(text.strip())
        control = cls(float(match[1]), float(match[2] or 0)) if match else None
        if control is None or not 0 < control.base <= 1e6 or control.increment > 1e6:
            raise TimeControlError(f"time control {text!r}: expected SECONDS+INCREMENT, for example 60+0.6")
        return control

    def __str__(self) -> str:
        """As in the tag ``TimeControl`` of a PGN."""
        return f"{self.base:g}+{self.increment:g}" if self.increment else f"{self.base:g}"


class Clocks:
    """The clocks of one game: ``left`` seconds of the first and the second player."""

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
