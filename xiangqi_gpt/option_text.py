"""Texts of options: ``key=value,key=value``, as specs of players, tests and rules of a match are written; one name with
a number or a range.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_NUMBER: Final = r"[+-]?(?:\d{1,15}\.?\d*|\.\d+)"
_RANGE: Final = re.compile(rf"(?P<name>[\w.]+)=(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER})")
_LAST: Final = re.compile(r",(?P<key>option\.[^=,]+|\w+)=(?P<value>[^,]*)\Z")

#: Makes a value of a text. Raises ``ValueError`` with what was expected.
Conversion = Callable[[str], Any]


class OptionTextError(ValueError):
    """A text that is no options, or an option that is unknown, given twice or wrong; one clause without the text."""


def split_options(text: str) -> tuple[str, dict[str, str]]:
    """Return what comes before the first of the ``,key=value`` at the end of a text, and the options in their order.

    What comes before may have commas, as paths do. Raises ``OptionTextError`` for an option that is given twice.

    >>> split_options("uci:my, engine,nodes=10,args=a b")
    ('uci:my, engine', {'nodes': '10', 'args': 'a b'})
    """
    found: dict[str, str] = {}
    while match := _LAST.search(text):
        if match["key"] in found:
            raise OptionTextError(f"{match['key']} is given twice")
        found[match["key"]] = match["value"].strip()
        text = text[: match.start()]
    return text, dict(reversed(found.items()))


def read_options(text: str, conversions: Mapping[str, Conversion]) -> dict[str, Any]:
    """Return the values of a text that is nothing but options. Raises ``OptionTextError``.

    >>> read_options("score=900, moves=4", {"score": int, "moves": int})
    {'score': 900, 'moves': 4}
    """
    rest, options = split_options("".join(f",{part.strip()}" for part in text.split(",")))
    if rest:
        raise OptionTextError(f"{rest[1:]!r} is no option")
    return convert_options(options, conversions)


def convert_options(
    options: Mapping[str, str], conversions: Mapping[str, Conversion], also: str = ""
) -> dict[str, Any]:
    """Return the options as values; ``also`` is what else there is, for the message. Raises ``OptionTextError``."""
    values = {}
    for key, text in options.items():
        if key not in conversions:
            known = ", ".join([*conversions, also] if also else conversions)
            raise OptionTextError(f"unknown option {key!r}; " + (f"possible are {known}" if known else "it takes none"))
        try:
            values[key] = conversions[key](text)
        except ValueError as error:
            raise OptionTextError(f"{key}={text}: {error}") from None
    return values


def read_number(text: str) -> tuple[str, float]:
    """Return the name and the number of ``NAME=NUMBER``; the name may hold ``=``. Raises ``OptionTextError``.

    >>> read_number("gpt,level=5=-254.5")
    ('gpt,level=5', -254.5)
    """
    name, _, number = text.rpartition("=")
    if not name or not re.fullmatch(_NUMBER, number.strip()):
        raise OptionTextError("expected NAME=NUMBER")
    return name, float(number)


@dataclass(frozen=True)
class NamedRange:
    """From ``low`` to ``high``, the higher; ``is_whole``: neither is written with a point."""

    name: str
    low: float
    high: float
    is_whole: bool


def read_range(text: str) -> NamedRange:
    """Return what ``NAME=LOW..HIGH`` says. Raises ``OptionTextError``.

    >>> read_range("nodes = 10..800")
    NamedRange(name='nodes', low=10.0, high=800.0, is_whole=True)
    """
    match = _RANGE.fullmatch(text.replace(" ", ""))
    if match is None:
        raise OptionTextError("expected NAME=LOW..HIGH")
    low, high = float(match["low"]), float(match["high"])
    if not low < high:
        raise OptionTextError(f"{match['low']} is not below {match['high']}")
    return NamedRange(match["name"], low, high, "." not in match["low"] + match["high"])
