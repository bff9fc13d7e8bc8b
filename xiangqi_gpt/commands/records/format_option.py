"""The option ``--format``: what a file is written as whose name does not say it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.files import is_standard_output

#: Formats that are texts, and those that are not.
_TEXTS: Final = ("pgn", "ubb", "txt")
_BINARIES: Final = ("xqf", "parquet")


def add_format(add: Callable[..., Any]) -> None:
    """Add the option to a parser."""
    add(
        "--format",
        choices=(*_TEXTS, *_BINARIES),
        help="what to write, whatever the name ends in (for -, standard output: pgn by default)",
    )


def chosen_ending(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Return the ending of the format to write, ``.pgn`` and so on.

    Ends with one line for a format that standard output does not take.
    """
    target = options.target if "target" in options else options.out
    if not is_standard_output(target):
        return f".{options.format}" if options.format else Path(target).suffix.lower()
    if options.format in _BINARIES:
        parser.error(f"- is standard output, which takes no {options.format}: give a name")
    return f".{options.format or 'pgn'}"
