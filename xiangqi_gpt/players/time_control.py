"""Time controls: so many seconds for the game, and then some for every move, or counted periods (byo-yomi)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.rules import XiangqiError

_NUMBER: Final = r"\d+(?:\.\d+)?"
_TEXT: Final = re.compile(rf"({_NUMBER})(?:\+(?:(\d{{1,7}})x)?({_NUMBER}))?\Z")
_MOST: Final = 1e6
_DIGITS: Final = 6  # of a second


class TimeControlError(XiangqiError):
    """A time control that cannot be read."""


@dataclass(frozen=True)
class TimeControl:
    """``base`` seconds a side has for the game; then ``increment`` seconds are added after each of its moves, or it has
    ``periods`` times ``period`` seconds, of which one is used up only by a move that takes longer.
    """

    base: float
    increment: float = 0.0
    periods: int = 0
    period: float = 0.0

    @classmethod
    def parse(cls, text: str, *, byo_yomi: bool = True) -> TimeControl:
        """Read ``SECONDS``, ``SECONDS+INCREMENT`` or, with ``byo_yomi``, ``SECONDS+PERIODSxSECONDS``.

        Raises ``TimeControlError``.

        >>> TimeControl.parse("60+0.6")
        TimeControl(base=60.0, increment=0.6, periods=0, period=0.0)
        >>> TimeControl.parse("600+3x30")
        TimeControl(base=600.0, increment=0.0, periods=3, period=30.0)
        """
        match = _TEXT.match(text.strip())
        base = round(float(match[1]), _DIGITS) if match else 0.0
        periods, seconds = (int(match[2] or 0), round(float(match[3] or 0), _DIGITS)) if match else (0, 0.0)
        usable = periods and seconds if match and match[2] else base
        if not usable or max(base, periods, seconds) > _MOST or (periods and not byo_yomi):
            more = ", or 600+3x30 with byo-yomi" if byo_yomi else ""
            raise TimeControlError(f"time control {text!r}: expected SECONDS+INCREMENT, for example 60+0.6{more}")
        return cls(base, periods=periods, period=seconds) if periods else cls(base, seconds)

    @property
    def is_per_move(self) -> bool:
        """Whether there is time for each move alone: one period, and none before it."""
        return self.base == 0 and self.periods == 1

    def __str__(self) -> str:
        """Return the text that ``parse`` reads, as in the tag ``TimeControl`` of a PGN."""
        if self.periods:
            return f"{_digits(self.base)}+{self.periods}x{_digits(self.period)}"
        return f"{_digits(self.base)}+{_digits(self.increment)}" if self.increment else _digits(self.base)


def _digits(seconds: float) -> str:
    return f"{seconds:.{_DIGITS}f}".rstrip("0").removesuffix(".")
