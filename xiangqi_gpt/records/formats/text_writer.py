"""Games to a text file: what the writers of PGN, DhtmlXQ and plain lists share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from xiangqi_gpt.files import atomic_write

from ..errors import CorpusError
from ..game import Game


def write_text(
    games: Iterable[Game], path: str | Path, format_game: Callable[[Game], str], *, between: str = ""
) -> int:
    """Write games into one UTF-8 file, which appears whole or not at all; returns how many there were.

    Raises ``CorpusError`` when there is no game.
    """
    count = 0
    with (
        atomic_write(path) as unfinished,
        unfinished.open("w", encoding="utf-8", errors="replace", newline="\n") as file,
    ):
        for count, game in enumerate(games, 1):
            file.write((between if count > 1 else "") + format_game(game))
        if not count:
            raise CorpusError(f"no games to write to {path}")
    return count
