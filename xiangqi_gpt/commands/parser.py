"""The parser of every subcommand: what is wrong with the options is said in one line."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn

from xiangqi_gpt.files import terminal_text

from .output import warn


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` that does not print its whole usage before an error."""

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with status 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())} (--help lists the options)\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """As ``ArgumentParser.exit``; the message may repeat what was typed."""
        super().exit(status, terminal_text(message or ""))


class Renamed(argparse.Action):
    """An option by the name it had in an earlier release: taken, with a line that says what it is called now."""

    def __init__(
        self, option_strings: Sequence[str], dest: str, *, new: str, values: Mapping[str, str], **_: Any
    ) -> None:
        """``values``: what this option takes, and what ``new`` calls each of them."""
        super().__init__(option_strings, dest, choices=values, help=argparse.SUPPRESS, default=argparse.SUPPRESS)
        self.new, self.values = new, values

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        warn(f"{parser.prog}: {option} {values} is {self.new} {self.values[values]} now")
        setattr(namespace, self.dest, self.values[values])


def did_you_mean(word: str, known: Collection[str]) -> str:
    """``": did you mean stats?"`` where a word is nearly a known one, else nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, 1)
    return f": did you mean {close[0]}?" if close else ""


def check_command(parser: argparse.ArgumentParser, argv: Sequence[str], commands: Collection[str]) -> None:
    """End with one line that names the commands when none of them comes first."""
    known = ", ".join(commands)
    if not argv:
        parser.error(f"which command? {known}")
    if not argv[0].startswith("-") and argv[0] not in commands:
        parser.error(f"unknown command {argv[0]!r}{did_you_mean(argv[0], commands) or f'; the commands are {known}'}")


def check_folders(parser: argparse.ArgumentParser, *paths: str | None) -> None:
    """End with one line when a file cannot be written, for one because its folder is missing, before hours of work."""
    from xiangqi_gpt.files import final_target, is_special

    for path in paths:
        if path is None or is_special(path):
            continue
        try:
            target = final_target(path)
        except OSError as error:
            parser.error(f"{path} cannot be written: {error.strerror}")
        if target.is_dir():
            parser.error(f"{path} cannot be written: it is a folder")
        if not target.parent.is_dir():
            parser.error(f"{path} cannot be written: there is no such folder")
