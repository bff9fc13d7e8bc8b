"""PGN: read games in any of the move notations and encodings that people use.

A file is read one game at a time, so its size does not matter. A game starts at the first tag (``[Event "..."]`` at
the start of a line) after moves, or, where there are no tags, at ``1.`` after a result. Text between a result and the
next game is skipped.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from xiangqi_gpt.rules import START_FEN, FenError, Position, parse_fen
from xiangqi_gpt.rules.fen import format_fen

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import UNKNOWN, Game, result_of
from .encodings import UTF16_MARKS, decode
from .movetext import find_game, read_movetext
from .reader_common import LONGEST_GAME, check_exists, handle_broken_game

LONGEST_LINE: Final = 1 << 20
_LOOKED_AT: Final = 1 << 16  # bytes that show how lines end

TAG_START: Final = re.compile(rb"\s*\[\s*([A-Za-z]\w*)\s+[\"']")
_TAG: Final = re.compile(r'\s*\[\s*([A-Za-z]\w*)\s+"((?:[^"\\\n]|\\.)*)"\s*\]')
_LOOSE_TAG: Final = re.compile(r"\s*\[\s*([A-Za-z]\w*)\s+[\"']([^\n]*)")
_OTHER_NAMES: Final = {"White": "Red", "WhiteTeam": "RedTeam", "WhiteElo": "RedElo"}
#: Tags that say what ``Game`` holds in fields, or how the file is written.
_NOT_KEPT: Final = ("Game", "FEN", "Result", "Format")


@functools.cache
def _start() -> Position:
    """The start of the game, checked by the rules when it is first asked for: an import compiles nothing."""
    return parse_fen(START_FEN)


def is_pgn(text: str) -> bool:
    """Whether a text starts with a tag."""
    return bool(_LOOSE_TAG.match(text))


def read_pgn(
    path: str | Path, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """The games of a PGN file, each move checked.

    A game with an illegal or unreadable move raises ``RecordError``; with ``on_illegal`` ``"cut"`` the moves before it
    are kept (a variation is cut without harm to the main line), with ``"drop"`` the game is left out, and the error is
    added to ``problems``. Raises ``CorpusError`` for a file without any game.
    """
    check_on_illegal(on_illegal)
    check_exists(path)
    with Path(path).open("rb") as file:
        yield from _read(file, str(path), on_illegal, problems)


def parse_pgn(
    text: str, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """``read_pgn`` of a text."""
    check_on_illegal(on_illegal)
    return _read(io.BytesIO(text.encode(errors="replace")), None, on_illegal, problems)


def _read(
    file: IO[bytes], path: str | None, on_illegal: OnIllegal, problems: list[RecordError] | None
) -> Iterator[Game]:
    number = 0
    encoding: str | None = None
    for section in _split(lines_of(file)):
        text, found = decode(section.raw, encoding)
        encoding = encoding if found == "utf-8" else found  # plain ASCII is UTF-8 and says nothing about the file
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        tags, start = _read_tags(text)
        at = start if tags else find_game(text)
        while at is not None:
            number += 1
            game, errors, at = _read_game(text, at, tags, section)
            if handle_broken_game(game, errors, on_illegal, problems, path=path, number=number):
                yield game
            tags = {}
    if not number:
        raise CorpusError(f"{path or 'the text'} holds no game in PGN")


def _read_game(
    text: str, at: int, tags: dict[str, str], section: _Section
) -> tuple[Game, list[RecordError], int | None]:
    """One game, what had to be cut off it, and where the next one without tags begins."""
    game = Game(tags={_OTHER_NAMES.get(name, name): value for name, value in tags.items() if name not in _NOT_KEPT})
    try:
        root = parse_fen(tags["FEN"], lenient=True) if tags.get("FEN") else _start()
    except FenError as error:
        return game, [RecordError(str(error), line=section.line_of(text, text.find("[FEN")))], None
    game.root = START_FEN if root is _start() else format_fen(root)
    movetext = read_movetext(text, at, game, root)
    errors = [
        RecordError(part.reason, line=section.line_of(text, part.place), ply=part.ply) for part in movetext.breaks
    ]
    if section.too_long:
        errors.append(RecordError(f"the game is longer than {LONGEST_GAME >> 20} MiB", line=section.first_line))
    by_tag, by_text = result_of(tags.get("Result", "")), result_of(movetext.result or "")
    game.result = by_text if by_tag == UNKNOWN else by_tag
    if UNKNOWN not in (by_tag, by_text) and by_tag != by_text:
        game.add_flag("result_conflict")
    return game, errors, find_game(text, movetext.end)


# --- where a game begins


@dataclass
class _Section:
    """The bytes of a file that belong to one set of tags."""

    first_line: int
    raw: bytes
    too_long: bool

    def line_of(self, text: str, place: int) -> int:
        return self.first_line + text.count("\n", 0, max(place, 0))


def lines_of(file: IO[bytes]) -> Iterator[bytes]:
    """Lines of at most 1 MiB without a byte order mark, in an encoding that keeps ASCII."""
    mark = file.read(3)
    file.seek(0)
    if mark[:2] in UTF16_MARKS:
        wide = io.TextIOWrapper(file, encoding="utf-16", errors="replace")
        while text := wide.readline(LONGEST_LINE):
            yield text.encode(errors="replace")
        return
    start = file.read(_LOOKED_AT)
    file.seek(3 if mark == b"\xef\xbb\xbf" else 0)
    if b"\r" in start and b"\n" not in start:
        yield from _lines_of_old_macs(file)
        return
    while line := file.readline(LONGEST_LINE):
        yield line


def _lines_of_old_macs(file: IO[bytes]) -> Iterator[bytes]:
    """Lines that end in a carriage return alone."""
    rest = b""
    while block := file.read(LONGEST_LINE):
        *lines, rest = (rest + block).split(b"\r")
        yield from (line + b"\n" for line in lines)
        if len(rest) > LONGEST_LINE:
            yield rest
            rest = b""
    if rest:
        yield rest


def _split(lines: Iterator[bytes]) -> Iterator[_Section]:
    """A section a game: it ends where a tag follows moves, or where a tag comes again after an empty line."""
    section: list[bytes] = []
    first, size = 1, 0
    names: set[bytes] = set()
    moves_seen = blank_seen = False
    for number, line in enumerate(lines, 1):
        said = line.strip()
        tag = TAG_START.match(line) if said.startswith(b"[") else None
        if tag and (moves_seen or (blank_seen and tag[1] in names)):
            yield _Section(first, b"".join(section), size > LONGEST_GAME)
            section, first, size = [], number, 0
            names, moves_seen, blank_seen = set(), False, False
        if tag:
            names.add(tag[1])
        elif said:
            moves_seen = True
        else:
            blank_seen = True
        size += len(line)
        if size <= LONGEST_GAME:
            section.append(line)
    yield _Section(first, b"".join(section), size > LONGEST_GAME)


def _read_tags(text: str) -> tuple[dict[str, str], int]:
    """The tags at the start of a text that say something, and where the moves begin."""
    tags: dict[str, str] = {}
    at = 0
    while True:
        match = _TAG.match(text, at)
        if match:
            value = re.sub(r'\\(["\\])', r"\1", match[2]) if "\\" in match[2] else match[2]
        elif match := _LOOSE_TAG.match(text, at):
            value = match[2].rstrip().removesuffix("]").rstrip().rstrip("\"'")
        else:
            return tags, at
        at = match.end()
        if value.strip() not in ("", "?"):
            tags.setdefault(match[1], value)
