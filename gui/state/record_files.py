"""Records in: what a text from the clipboard is, and the games of a file, read where the window does not wait."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xiangqi_gpt.records import Game

#: Endings of the files that hold records; a corpus of millions of games is no file to open in a window.
READABLE: Final = (".pgn", ".xqf", ".cbl", ".cbr", ".cbf", ".ubb", ".txt")
#: How many games of one file are listed.
MOST_GAMES: Final = 20_000
_CHUNK_SECONDS: Final = 0.15
_SLASHES: Final = 9  # between the ten ranks of a FEN; a few may be missing in a damaged one


class ClipboardKind(Enum):
    """What a text from the clipboard is."""

    FEN = auto()
    RECORD = auto()
    NOTHING = auto()


def clipboard_kind(text: str) -> ClipboardKind:
    """Whether a text is a position (sound or not), may hold a game, or is empty."""
    words = text.split()
    if not words:
        return ClipboardKind.NOTHING
    is_fen = words[0].count("/") >= _SLASHES // 2 and not Path(words[0]).suffix and len(words) <= 7
    return ClipboardKind.FEN if is_fen else ClipboardKind.RECORD


def read_chunks(path: str, text: str = "") -> Iterator[tuple[list[Game], int]]:
    """The games of a file, or of a ``text``, a handful at a time, each with how many faults were found so far.

    A broken game is cut where it breaks. Raises ``XiangqiError`` and ``OSError`` for what cannot be read at all.
    """
    if text:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "clipboard.txt")
            file.write_text(text, encoding="utf-8", errors="replace")
            yield from _read(file)
    else:
        yield from _read(Path(path))


def _read(path: Path) -> Iterator[tuple[list[Game], int]]:
    from xiangqi_gpt.records import RecordError, read_games

    problems: list[RecordError] = []
    games: list[Game] = []
    count, due = 0, time.monotonic() + _CHUNK_SECONDS
    for game in read_games(path, on_illegal="cut", problems=problems):
        games.append(game)
        count += 1
        if count == MOST_GAMES:
            break
        if time.monotonic() >= due:
            yield games, len(problems)
            games, due = [], time.monotonic() + _CHUNK_SECONDS
    if not count and problems:
        raise problems[0]
    yield games, len(problems)
