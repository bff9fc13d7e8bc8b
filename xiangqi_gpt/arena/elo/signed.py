"""Differences in Elo as text."""

from __future__ import annotations


def signed(value: float, digits: int = 0) -> str:
    """Return a number with its sign, rounded to ``digits`` places; nothing is ever ``-0``.

    >>> signed(35.4), signed(-12.6), signed(-0.3), signed(0.04, 1), signed(-0.06, 1)
    ('+35', '-13', '0', '0.0', '-0.1')
    """
    text = f"{value:+.{digits}f}"
    return text if float(text) else text[1:]


def signed_interval(low: float, high: float, digits: int = 0) -> str:
    """Return the ends of an interval.

    >>> signed_interval(-12.2, 82)
    '-12 to +82'
    """
    return f"{signed(low, digits)} to {signed(high, digits)}"
