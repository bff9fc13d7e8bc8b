"""Arrows and circles on the board, which comments hold as ``[%cal Gh2e2]`` and ``[%csl Rb2]``, as chess programs do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.rules.pieces import parse_square, square_name

#: Green, red, yellow and blue, by their letters.
COLORS: Final = "GRYB"
_COMMAND: Final = re.compile(r"\s*\[%(csl|cal)\s([^\]]*)\]")
_MARK: Final = re.compile(rf"([{COLORS}])([a-i]\d)([a-i]\d)?\Z")


@dataclass(frozen=True)
class BoardMark:
    """An arrow from one square to another, or a circle where they are the same; ``color`` is one of ``COLORS``."""

    source: int
    target: int
    color: str = "G"


def marks_of(comment: str) -> list[BoardMark]:
    """Return the circles and arrows of a comment; what is none is passed over.

    >>> marks_of("[%csl Gb2] [%cal Rh2e2,Yzz] attack")
    [BoardMark(source=19, target=19, color='G'), BoardMark(source=25, target=22, color='R')]
    """
    return list(_marks(comment))


def _marks(comment: str) -> Iterator[BoardMark]:
    for command in _COMMAND.finditer(comment):
        for word in command[2].split(","):
            match = _MARK.match(word.strip())
            if match and bool(match[3]) == (command[1] == "cal"):
                source, target = parse_square(match[2]), parse_square(match[3] or match[2])
                if source is not None and target is not None:
                    yield BoardMark(source, target, match[1])


def text_of(comment: str) -> str:
    """Return a comment without its circles and arrows.

    >>> text_of("attack [%cal Rh2e2]")
    'attack'
    """
    return _COMMAND.sub("", comment).strip()


def commented(text: str, marks: Iterable[BoardMark]) -> str:
    """Return a comment of a text, circles and arrows.

    >>> commented("attack", marks_of("[%cal Rh2e2][%csl Gb2]"))
    'attack [%csl Gb2] [%cal Rh2e2]'
    """
    circles, arrows = [], []
    for mark in marks:
        if mark.source == mark.target:
            circles.append(mark.color + square_name(mark.source))
        else:
            arrows.append(mark.color + square_name(mark.source) + square_name(mark.target))
    commands = [f"[%{name} {','.join(words)}]" for name, words in (("csl", circles), ("cal", arrows)) if words]
    return " ".join(filter(None, (text, *commands)))
