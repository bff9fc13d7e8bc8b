"""What commands say in the language of the system: English as it stands in the code, else looked up by that.

A language is a file of ``commands/locale``: English sentences and, for each, what is said instead. What it lacks is
said in English; ``argparse`` looks its own sentences up there too.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

LOCALE: Final = Path(__file__).with_name("locale")
_SAMPLE: Final = "象棋"


def command_language() -> str:
    """Return the language in which commands speak: that of the system, where both outputs can write it."""
    from xiangqi_gpt.gui.state.languages import FALLBACK, system_language  # nothing of pygame

    language = str(system_language())
    if language == FALLBACK or not all(map(_can_write, (sys.stdout, sys.stderr))):
        return str(FALLBACK)
    return language


def tr(text: str, **values: object) -> str:
    """Return an English sentence in the language of the system, its blanks filled."""
    found = _sentences(command_language()).get(text, text)
    return found.format(**values) if values else found


def translate_argparse() -> None:
    """Let ``argparse`` look up what it says: the functions are its own, made for ``gettext``."""
    setattr(argparse, "_", tr)  # noqa: B010  # no name that types know
    setattr(argparse, "ngettext", lambda one, many, count: tr(one if count == 1 else many))  # noqa: B010


@cache
def _sentences(language: str) -> Mapping[str, str]:
    import tomllib

    file = LOCALE / f"{language}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def _can_write(stream: object) -> bool:
    try:
        _SAMPLE.encode(getattr(stream, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True
