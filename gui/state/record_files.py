"""Records in: what a text from the clipboard is, and the games of a file, read where the window does not wait."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xiangqi_gpt.rules import XiangqiError
from xiangqi_gpt.rules.pasted_fen import find_fen

from .error_report import ErrorReport
from .intents import OpenPuzzles, OpenRecord

if TYPE_CHECKING:
    from xiangqi_gpt.records import Game, RecordError

#: The ending of a corpus, which DuckDB reads.
CORPUS: Final = ".parquet"
#: Endings of the files that hold records.
READABLE: Final = (".pgn", ".wxf", ".xqf", ".cbl", ".cbr", ".cbf", ".ubb", ".txt", CORPUS)
#: Endings of the files that hold puzzles.
PUZZLES: Final = (".jsonl",)
#: How many games of one file are listed.
MOST_GAMES: Final = 20_000
#: What an error calls a text that came from the clipboard.
CLIPBOARD: Final = "the clipboard"
_AROUND: Final = " \t\r\n\"'“”‘’`;,.)>"
#: What follows a position in an address, unless it is the moves from there.
_ADDRESS_REST: Final = re.compile(r"[&?#](?!\S*\bmoves?[=:_])\S*\Z", re.IGNORECASE)
_CHUNK_SECONDS: Final = 0.15
_SLASHES: Final = 9  # between the ten ranks of a FEN; a few may be missing in a damaged one


class ClipboardKind(Enum):
    """What a text from the clipboard is."""

    FEN = auto()
    RECORD = auto()
    NOTHING = auto()


def opened_by(path: str) -> OpenRecord | OpenPuzzles:
    """Return what opens a file: puzzles by their ending, anything else as a record."""
    return OpenPuzzles(path) if Path(path).suffix.lower() in PUZZLES else OpenRecord(path)


def clipboard_kind(text: str) -> ClipboardKind:
    """Return whether a text is a position (sound or not) and no more, may hold a game, or is empty.

    A position may stand in the address of a site, or among a few words.
    """
    words = text.split()
    if not words:
        return ClipboardKind.NOTHING
    if text.lstrip()[0] in "[［":
        return ClipboardKind.RECORD
    if found := find_fen(text):
        rest = text[found.end :].strip(_AROUND)
        return ClipboardKind.RECORD if rest and not _ADDRESS_REST.match(rest) else ClipboardKind.FEN
    has_ranks = words[0].count("/") >= _SLASHES // 2 and words[0].isascii() and "<" not in words[0]
    is_fen = has_ranks and not Path(words[0]).suffix and len(words) <= 7
    return ClipboardKind.FEN if is_fen else ClipboardKind.RECORD


def pasted_fen(text: str) -> str:
    """Return the FEN in a text from the clipboard, or the text where there is none that could be read."""
    found = find_fen(text)
    return found.fen if found else text.strip()


@dataclass(frozen=True)
class RecordFault:
    """What is wrong with a game of a file: which game and ply (from 1), which line of the file, and why."""

    game: int | None
    ply: int | None
    line: int | None
    error: ErrorReport


def read_chunks(
    path: str, text: str = "", words: str = "", others: str = ""
) -> Iterator[tuple[list[Game], list[RecordFault]]]:
    """Read the games of a file, or of a ``text``, a handful at a time, each with the faults found since the last.

    Of a corpus only the games are read in which all of ``words`` stand, or all of the ``others``. A broken game is cut
    where it breaks.
    Raises ``XiangqiError`` and ``OSError`` for what cannot be read at all.
    """
    if text:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "clipboard.txt")
            file.write_text(text, encoding="utf-8", errors="replace")
            try:
                yield from _read(file)
            except XiangqiError as error:  # nobody has heard of the file
                error.args = (str(error).replace(str(file), CLIPBOARD),)
                error.values = {**error.values, "name": CLIPBOARD}
                raise
    else:
        yield from _read(Path(path), words, others)


def _reason(problem: RecordError) -> ErrorReport:
    """Return why a game is faulty, without its place."""
    return ErrorReport(problem.code, problem.reason, dict(problem.values))


def _read(path: Path, words: str = "", others: str = "") -> Iterator[tuple[list[Game], list[RecordFault]]]:
    from xiangqi_gpt.records import read_games

    problems: list[RecordError] = []
    games: list[Game] = []
    count, told, due = 0, 0, time.monotonic() + _CHUNK_SECONDS

    def faults() -> list[RecordFault]:
        new = [problem for problem in problems[told:] if problem.scope != "note"]
        return [RecordFault(problem.game, problem.ply, problem.line, _reason(problem)) for problem in new]

    found = _search(path, (words, others), problems) if words else read_games(path, on_illegal="cut", problems=problems)
    for game in found:
        if game is not None:
            games.append(game)
            count += 1
        if count == MOST_GAMES:
            break
        if time.monotonic() >= due:
            yield games, faults()
            told = len(problems)
            games, due = [], time.monotonic() + _CHUNK_SECONDS
    if not count and problems:
        raise next((problem for problem in problems if problem.scope == "game"), problems[0])
    yield games, faults()


def _search(path: Path, texts: tuple[str, ...], problems: list[RecordError]) -> Iterator[Game | None]:
    """Yield the games of a corpus that have the words of one text or the other, None now and then while none has."""
    from xiangqi_gpt.records.search_games import search_games

    first: set[object] = set()  # what the first text has found already
    for number, text in enumerate(filter(None, texts)):
        for games in search_games(path, text, problems=problems):
            for game in games:
                name = (game.root, game.result, tuple(game.moves), tuple(game.tags.items()))
                if number == 0 and texts[-1]:
                    first.add(name)
                if number == 0 or name not in first:
                    yield game
            if not games:
                yield None
