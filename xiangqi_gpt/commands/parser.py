"""The parser of every subcommand: what is wrong with the options is said in one line."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn

from xiangqi_gpt.files import terminal_text

from .output import broken_lines, warn
from .translation import command_language, tr, translate_argparse

translate_argparse()


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` that does not print its whole usage before an error."""

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with status 2."""
        said = tr("{message} (--help lists the options)", message=" ".join(message.split()))
        self.exit(2, f"{self.prog}: {said}\n")

    def format_help(self) -> str:
        """As ``ArgumentParser.format_help``, in the language of the system as far as it is translated."""
        if command_language() != "en":
            keeps_lines = self.formatter_class is argparse.RawDescriptionHelpFormatter
            self.formatter_class = WideRawFormatter if keeps_lines else WideFormatter
            self.description = self.description and tr(self.description)
            for action in self._actions:
                if action.help != argparse.SUPPRESS:
                    action.help = action.help and tr(action.help)
        return super().format_help()

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """As ``ArgumentParser.exit``; the message may repeat what was typed."""
        super().exit(status, terminal_text(message or ""))


class WideFormatter(argparse.HelpFormatter):
    """Breaks lines of Chinese, whose letters are two columns wide and have no blanks between them."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return broken_lines(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in broken_lines(text, width - len(indent)))


class WideRawFormatter(WideFormatter):
    """As ``WideFormatter``, but texts of several lines keep them, such as examples."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text.strip():
            return "".join(indent + line for line in text.splitlines(keepends=True))
        return super()._fill_text(text, width, indent)


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
    return tr(": did you mean {close}?", close=close[0]) if close else ""


def check_command(parser: argparse.ArgumentParser, argv: Sequence[str], commands: Collection[str]) -> None:
    """End with one line that names the commands when none of them comes first."""
    known = ", ".join(commands)
    if not argv:
        parser.error(tr("which command? {known}", known=known))
    if not argv[0].startswith("-") and argv[0] not in commands:
        hint = did_you_mean(argv[0], commands) or tr("; the commands are {known}", known=known)
        parser.error(tr("unknown command {name!r}", name=argv[0]) + hint)


def check_folders(parser: argparse.ArgumentParser, *paths: str | None) -> None:
    """End with one line when a file cannot be written, for one because its folder is missing, before hours of work."""
    from xiangqi_gpt.files import final_target, is_special

    for path in paths:
        if path is None or is_special(path):
            continue
        try:
            target = final_target(path)
        except OSError as error:
            parser.error(tr("{path} cannot be written: {why}", path=path, why=error.strerror))
        if target.is_dir():
            parser.error(tr("{path} cannot be written: {why}", path=path, why=tr("it is a folder")))
        if not target.parent.is_dir():
            parser.error(tr("{path} cannot be written: {why}", path=path, why=tr("there is no such folder")))
