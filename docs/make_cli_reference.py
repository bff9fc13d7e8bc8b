"""Writes docs/cli.md from the parsers of the commands: ``python docs/make_cli_reference.py``."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from xiangqi_gpt.commands.main import COMMANDS
from xiangqi_gpt.commands.parser import Parser

PAGE = Path(__file__).with_name("cli.md")
_HEAD = """# The command line

Made from the commands themselves by `python docs/make_cli_reference.py`; a test fails when it is out of date. Each
command prints the same with `--help`. `xiangqi-gpt --version` prints the version, `xiangqi-gpt --debug COMMAND ...` the
full traceback of an error. Exit status: 0 when all went well, 2 after an error of the user's, 130 after Ctrl-C; other
values are named where they occur.
"""
#: Commands below a command that its parser does not list.
_UNLISTED = {"puzzles": ("mine",)}


class _Reached(Exception):
    """The command has made its parser and would now parse."""


def parser_of(*words: str) -> argparse.ArgumentParser:
    """The parser that a command really uses; ``words`` as typed, such as ``"records", "import"``."""
    made: list[argparse.ArgumentParser] = []

    def reached(parser: argparse.ArgumentParser, *_: Any) -> None:
        made.append(parser)
        raise _Reached

    command = importlib.import_module(f"xiangqi_gpt.commands.{words[0].replace('-', '_')}")
    with patch.object(Parser, "parse_args", reached):
        try:
            command.main([*words[1:], "--help"])
        except _Reached:
            return made[0]
    raise ValueError(f"{' '.join(words)} parses no options")


def reference() -> str:
    """The text of the page."""
    parts = [_HEAD, "| Command | What it does |\n|---|---|"]
    parts[1] += "".join(f"\n| [`{name}`](#{name}) | {text} |" for name, text in COMMANDS.items()) + "\n"
    for name in COMMANDS:
        parts.append(f"## {name}\n")
        parts += _sections(parser_of(name), (name,))
    return "\n".join(parts)


def _sections(parser: argparse.ArgumentParser, words: tuple[str, ...]) -> Iterator[str]:
    """What one parser takes, then a section for each command below it."""
    yield f"{' '.join((parser.description or '').split())}\n"
    unlisted = _UNLISTED.get(words[0], ()) if len(words) == 1 else ()
    below: dict[str, argparse.ArgumentParser | None] = dict.fromkeys(unlisted)
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below |= action.choices
        elif not isinstance(action, argparse._HelpAction) and action.help is not argparse.SUPPRESS:
            text = (action.help or "") % (vars(action) | {"prog": parser.prog})
            rows.append(f"| `{_in_cell(_written(action))}` | {_in_cell(text)} |")
    yield f"```text\n{' '.join((parser.prog, *_usage(parser)))}\n```\n"
    if rows:
        yield "| Option | Meaning |\n|---|---|\n" + "\n".join(rows) + "\n"
    if parser.epilog:
        yield f"```text\n{parser.epilog.strip()}\n```\n"
    for name, inner in below.items():
        inner_words = (*words, name)
        yield f"### {' '.join(inner_words)}\n"
        is_listed_only = inner is None or not inner._actions
        yield from _sections(parser_of(*inner_words) if is_listed_only else inner, inner_words)


def _usage(parser: argparse.ArgumentParser) -> Iterator[str]:
    """What must be typed: the required options and the arguments."""
    actions = [a for a in parser._actions if not isinstance(a, argparse._HelpAction)]
    if any(a.option_strings and not a.required for a in actions):
        yield "[OPTION ...]"
    yield from (_written(a) for a in actions if a.option_strings and a.required)
    for action in actions:
        if isinstance(action, argparse._SubParsersAction):
            yield "COMMAND ..."
        elif not action.option_strings:
            yield f"[{_written(action)}]" if action.nargs in ("?", "*") else _written(action)


def _written(action: argparse.Action) -> str:
    """How an option or an argument is typed."""
    choices = "|".join(map(str, action.choices)) if action.choices else ""
    value = str(action.metavar or choices or action.dest.upper()) if action.nargs != 0 else ""
    value += " ..." if action.nargs in ("+", "*") else ""
    return " ".join(word for word in (", ".join(action.option_strings), value) if word)


def _in_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
