"""WXF game files, as PlayOK and the programs of the World Xiangqi Federation write them.

Lines of a name and a value (``FORMAT WXF``, ``RED name ; rating ;;``, ``RESULT 0-1``), then the moves between
``START{`` and ``}END``. A file may hold several games.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import Game
from .encodings import decode
from .reader_common import check_exists, handle_broken_game, read_whole
from .text_game import read_text_game

_GAME: Final = re.compile(r"^[ \t]*FORMAT[ \t]+WXF\b", re.IGNORECASE | re.MULTILINE)
_LINE: Final = re.compile(r"^[ \t]*([A-Za-z]+)[ \t]+(.*?)[ \t]*$", re.MULTILINE)
_START: Final = re.compile(r"^[ \t]*START[ \t]*\{", re.IGNORECASE | re.MULTILINE)
_END: Final = re.compile(r"\}[ \t]*END\b", re.IGNORECASE)
_TAGS: Final = {
    "GAME": "Title",
    "EVENT": "Event",
    "DATE": "Date",
    "TIME": "Time",
    "SITE": "Site",
    "PLACE": "Site",
    "ROUND": "Round",
    "RESULT": "Result",
    "FEN": "FEN",
    "OPENING": "Opening",
    "AUTHOR": "Annotator",
    "VARIANT": "Variant",
}


def is_wxf(text: str) -> bool:
    """Whether a text starts as a WXF game file does."""
    return bool(_GAME.match(text.lstrip("\ufeff\r\n\t ")))


def read_wxf(
    path: str | Path, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """The games of a WXF game file; arguments and errors as in ``read_pgn``."""
    check_on_illegal(on_illegal)
    check_exists(path)
    text = decode(read_whole(path, "WXF"))[0].replace("\r\n", "\n").replace("\r", "\n")
    starts = [match.start() for match in _GAME.finditer(text)]
    if not starts:
        raise CorpusError(f"{path} is not WXF: it has no line FORMAT WXF", code="record_none")
    for number, (first, last) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True), 1):
        game, errors = _read_game(text, first, last)
        if handle_broken_game(game, errors, on_illegal, problems, path=str(path), number=number):
            yield game


def _read_game(text: str, first: int, last: int) -> tuple[Game, list[RecordError]]:
    start = _START.search(text, first, last)
    moves_at = start.end() if start else last
    tags: dict[str, str] = {}
    for match in _LINE.finditer(text, first, start.start() if start else last):
        name, value = match[1].upper(), match[2]
        if name in ("RED", "BLACK"):
            _add_player(tags, name.capitalize(), value)
        elif name in _TAGS and value:
            tags.setdefault(_TAGS[name], value)
    end = _END.search(text, moves_at, last)
    body = text[: end.start() if end else last]
    game, errors, _ = read_text_game(body, moves_at, tags, lambda place: text.count("\n", 0, place) + 1)
    if start and not end:
        errors.append(RecordError("the moves are not closed by }END", scope="part"))
    return game, errors


def _add_player(tags: dict[str, str], side: str, value: str) -> None:
    """Take a player: name, rating and team, separated by semicolons."""
    name, rating, *others = [part.strip() for part in f"{value};".split(";")]
    for tag, said in ((side, name), (f"{side}Elo", rating), (f"{side}Team", others[0] if others else "")):
        if said:
            tags.setdefault(tag, said)
