"""Moves with blanks or arrows inside (``炮 二 平 五``, ``C 2 = 5``, ``h2 -> e2``), closed up so that they can be read.

A text is closed up only where it does not replay as it stands: ``c3 c4`` is two moves of pawns in most texts.
"""

from __future__ import annotations

import re
from typing import Final

from .move_tokens import FOLD, NUMBERS, PIECES

_BLANKS: Final = r"[ \t\u3000\xa0]{0,3}"
_SQUARE: Final = r"(?:[a-i](?:10|\d)|[A-I](?:10|\d))"
_APART: Final = re.compile(
    rf"""\{{[^{{}}]*+\}}
    | (?<![A-Za-z0-9])(?P<source>{_SQUARE})
      {_BLANKS}(?:[-=]>|[-→⇒➔➜>–—:x]|[ \t\u3000\xa0]){_BLANKS}
      (?P<target>{_SQUARE})(?![A-Za-z0-9])
    | (?P<move>
        (?:(?<!\d)[1-9]|[{PIECES}前中后後{NUMBERS.replace("1-9", "")}]){_BLANKS}[{PIECES}{NUMBERS}]{_BLANKS}
        [进進退平]{_BLANKS}[{NUMBERS}]
      | [{PIECES}前中后後]{_BLANKS}[{PIECES}{NUMBERS}]{_BLANKS}[-+=.]{_BLANKS}[{NUMBERS}]
      | (?<![A-Za-z0-9])[KABENHRCPkabenhrcp]{_BLANKS}[1-9]{_BLANKS}[-+=.]{_BLANKS}[1-9](?![A-Za-z0-9])
      | (?<![A-Za-z0-9])[-+]{_BLANKS}[KABENHRCPkabenhrcp]{_BLANKS}[-+=.]{_BLANKS}[1-9](?![A-Za-z0-9])
      )
    """,
    re.VERBOSE,
)
#: Longest text that is looked through.
_LONGEST: Final = 1 << 20


def close_up(text: str, at: int = 0, end: int | None = None) -> str | None:
    """Return a text, as long as it was, with the blanks inside moves of ``text[at:end]`` behind them instead.

    None where no move has blanks inside, or the text is longer than those that people paste.

    >>> close_up("1. 炮 二 平 五 h9 -> g7")
    '1. 炮二平五    h9-g7   '
    """
    if len(text) > _LONGEST:
        return None
    parts, done = [], 0
    for match in _APART.finditer(text.translate(FOLD), at, len(text) if end is None else end):
        if match["move"]:
            closed = "".join(match["move"].split())
        elif match["source"]:
            closed = f"{match['source']}-{match['target']}"
        else:
            continue
        if closed != match[0] and len(closed) <= len(match[0]):
            parts += [text[done : match.start()], closed.ljust(len(match[0]))]
            done = match.end()
    return "".join([*parts, text[done:]]) if parts else None
