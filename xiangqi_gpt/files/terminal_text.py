"""Text of unknown origin as a terminal may show it."""

from __future__ import annotations

import re
from typing import Final

#: Control characters but tab and line feed; letters that turn the direction of writing; halves of surrogate pairs.
_UNSAFE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def terminal_text(text: str) -> str:
    r"""Return text without what would command a terminal: such characters are written as JSON writes them.

    Names and tags come from files of strangers. JSON stays JSON.

    >>> terminal_text("\x1b[2Jnone")
    '\\u001b[2Jnone'
    """
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
