"""What a person types in a terminal: lines that can be edited, in any encoding and width of letters."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import unicodedata

from .output import can_write_chinese, say
from .terminal_words import TerminalWords


def prepare_terminal(language: str) -> tuple[bool, TerminalWords]:
    """Return whether this terminal has colour, and its words; its lines can be edited from now on.

    The words are in Chinese only where the terminal can write it.
    """
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")
    if sys.stdin.isatty():
        with contextlib.suppress(ImportError):  # Windows edits lines by itself
            import readline  # noqa: F401  # makes input() edit lines and remember them
    letters = not can_write_chinese(sys.stdout)
    return color, TerminalWords("en" if letters else language, letters=letters)


def read_line(prompt: str) -> str | None:
    """Return a typed line, None at the end of the input. One from a pipe is shown, so that a transcript reads well."""
    try:
        line = input(prompt)
    except EOFError:
        say()
        return None
    if not sys.stdin.isatty():
        say(line)
    return line


def split_command(line: str) -> tuple[str, str]:
    """Return the first word of a line, as commands are written, and what follows it; "" for what is not there.

    >>> split_command("ＮＥＷ　红")
    ('new', '红')
    """
    word, _, argument = " ".join(line.split(None, 1)).partition(" ")
    return unicodedata.normalize("NFKC", word).lower(), argument.strip()


def typed_move(text: str) -> str:
    """Return a typed move without the number before it and the full stop after it, in letters of usual width.

    >>> typed_move("1. ｈ２→ｅ２。")
    'h2-e2'
    """
    folded = re.sub("->|→|－>|–|—", "-", unicodedata.normalize("NFKC", text))
    return re.sub(r"^\d+\s*(\.{1,3}|、)\s*(?=\D)|[。.,;!?！？，；\s]+$", "", folded)
