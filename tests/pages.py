"""The code blocks of the pages for people."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_DOORS = {"play.py": "play", "train.py": "train"}


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text(page), re.S)


def calls(page: str) -> list[tuple[str, ...]]:
    """Every call of the program in the page's shell blocks, as (subcommand, argument, ...)."""
    return calls_in("\n".join(blocks(page, "sh")))


def inline_calls(page: str) -> list[tuple[str, ...]]:
    """Every call in the page's sentences and tables that is written out from ``.venv/bin/`` on, to be typed."""
    prose = re.sub(r"```.*?```", "", text(page), flags=re.S)
    return calls_in("\n".join(" ".join(part.split()) for part in re.findall(r"`(\.venv/bin/[^`]+)`", prose)))


def calls_in(shell: str) -> list[tuple[str, ...]]:
    """Every call of the program in lines of a shell."""
    found = []
    for line in shell.replace("\\\n", " ").splitlines():
        for part in re.split(r"&&|\||;", line):
            words = shlex.split(part, comments=True)
            if words and words[0].endswith("xiangqi-gpt"):
                found.append(tuple(words[1:]) or ("play",))  # without a command the board opens
            elif len(words) > 1 and words[1] in _DOORS:
                found.append((_DOORS[words[1]], *words[2:]))
    return found
