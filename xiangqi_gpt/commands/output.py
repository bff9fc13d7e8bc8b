"""What commands print, and where: every line that may hold words of a file goes through ``say``."""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from typing import TextIO

from xiangqi_gpt.files import is_standard_output, output_path, terminal_text


def say(text: object = "", *, file: TextIO | None = None, flush: bool = False) -> None:
    """Print text on standard output, or on ``file``, without characters that would command a terminal."""
    print(terminal_text(str(text)), file=file, flush=flush)


def warn(text: object) -> None:
    """``say`` on standard error."""
    say(text, file=sys.stderr)


def text_output(name: str) -> str:
    """Type of an option that names a text to write; ``-`` is standard output."""
    return output_path(name)


def corpus_output(name: str) -> str:
    """Type of an option that names a corpus to write, which standard output does not take."""
    return _without_dash(name, "a corpus")


def binary_output(name: str) -> str:
    """Type of an option that names a file to write that is no text."""
    return _without_dash(name, "a binary file")


def _without_dash(name: str, content: str) -> str:
    try:
        return output_path(name, content=content)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def report_stream(parser: argparse.ArgumentParser, *outputs: str | None) -> TextIO:
    """Where a command reports: standard output, or standard error when that is one of its outputs.

    Ends with one line where two outputs are standard output.
    """
    streams = sum(output is not None and is_standard_output(output) for output in outputs)
    if streams > 1:
        parser.error("only one output can be standard output (-)")
    return sys.stderr if streams else sys.stdout


def can_write_chinese(stream: TextIO) -> bool:
    """Whether a stream's encoding has the names of the pieces."""
    try:
        "帥炮・".encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def display_width(text: str) -> int:
    """Return the columns that text takes in a terminal; Chinese and full-width characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def broken_lines(text: str, width: int) -> list[str]:
    """Return a text as lines of at most so many columns, broken at blanks and between Chinese letters."""
    lines = [""]
    for part in re.findall(r"[\u2e80-\u9fff][，。；：、）！？]*|[^\s\u2e80-\u9fff]+|\s+", text):
        word = " " if part.isspace() else part
        if display_width(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return [line.rstrip() for line in lines]
