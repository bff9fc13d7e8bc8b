"""PGN: read games in any of the move notations and encodings that people use.

A file is read one game at a time, so its size does not matter. A game starts at the first tag (``[Event "..."]`` at
the start of a line) after moves, or, where there are no tags, at ``1.`` after a result. Text between a result and the
next game is skipped.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from xiangqi_gpt.rules import START_FEN, FenError, parse_fen
from xiangqi_gpt.rules.fen import format_fen

from .encodings import decode
from .errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from .game import UNKNOWN, Game, result_of
from .movetext import find_game, read_movetext

_LONGEST_LINE: Final = 1 << 20
_LONGEST_GAME: Final = 16 << 20

_TAG_START: Final = re.compile(rb"\s*\[\s*([A-Za-z]\w*)\s+[\"']")
_TAG: Final = re.compile(r'\s*\[\s*([A-Za-z]\w*)\s+"((?:[^"\\\n]|\\.)*)"\s*\]')
_LOOSE_TAG: Final = re.compile(r"\s*\[\s*([A-Za-z]\w*)\s+[\"']([^\n]*)")
_OTHER_NAMES: Final = {"White": "Red", "WhiteTeam": "RedTeam", "WhiteElo": "RedElo"}
#: Tags that say what ``Game`` holds in fields, or how the file is written.
_NOT_KEPT: Final = ("Game", "FEN", "Result", "Format")


def read_pgn(
    path: str | Path, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """The games of a PGN file, each move checked.

    A game with an illegal or unreadable move raises ``RecordError``; with ``on_illegal`` ``"cut"`` the moves before it
    are kept (a variation is cut without harm to the main line), with ``"drop"`` the game is left out, and the error is
    added to ``problems``. Raises ``CorpusError`` for a file without any game.
    """
    check_on_illegal(on_illegal)
    if not Path(path).is_file():
        raise CorpusError(f"no such file: {path}")
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
    for section in _split(_lines(file)):
        text, found = decode(section.raw, encoding)
        encoding = encoding if found == "utf-8" else found  # plain ASCII is UTF-8 and says nothing about the file
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        tags, start = _read_tags(text)
        at = start if tags else find_game(text)
        while at is not None:
            number += 1
            game, errors, at = _read_game(text, at, tags, section)
            for error in errors:
                error = RecordError(error.reason, path=path, game=number, line=error.line, ply=error.ply)
                if on_illegal == "fail":
                    raise error
                if problems is not None:
                    problems.append(error)
            if not errors or (on_illegal == "cut" and game.moves):
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
        root = parse_fen(tags.get("FEN") or START_FEN, lenient=True)
    except FenError as error:
        return game, [RecordError(str(error), line=section.line_of(text, text.find("[FEN")))], None
    game.root = format_fen(root)
    movetext = read_movetext(text, at, game, root)
    errors = [
        RecordError(part.reason, line=section.line_of(text, part.place), ply=part.ply) for part in movetext.breaks
    ]
    if section.too_long:
        errors.append(RecordError(f"the game is longer than {_LONGEST_GAME >> 20} MiB", line=section.first_line))
    by_tag, by_text = result_of(tags.get("Result", "")), result_of(movetext.result or "")
    game.result = by_text if by_tag == UNKNOWN else by_tag
    if UNKNOWN not in (by_tag, by_text) and by_tag != by_text:
        game.add_flag("result_conflict")
    if errors:
        game.add_flag("truncated")
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


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines without a byte order mark, in an encoding that keeps ASCII."""
    mark = file.read(3)
    file.seek(0)
    if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        wide = io.TextIOWrapper(file, encoding="utf-16", errors="replace", newline="\n")
        while text := wide.readline(_LONGEST_LINE):
            yield text.encode(errors="replace")
        return
    if mark == b"\xef\xbb\xbf":
        file.seek(3)
    while line := file.readline(_LONGEST_LINE):
        yield line


def _split(lines: Iterator[bytes]) -> Iterator[_Section]:
    """A section a game: it ends where a tag follows moves, or where a tag comes again after an empty line."""
    section: list[bytes] = []
    first, size = 1, 0
    names: set[bytes] = set()
    moves_seen = blank_seen = False
    for number, line in enumerate(lines, 1):
        tag = _TAG_START.match(line)
        if tag and (moves_seen or (blank_seen and tag[1] in names)):
            yield _Section(first, b"".join(section), size > _LONGEST_GAME)
            section, first, size = [], number, 0
            names, moves_seen, blank_seen = set(), False, False
        if tag:
            names.add(tag[1])
        elif line.strip():
            moves_seen = True
        else:
            blank_seen = True
        size += len(line)
        if size <= _LONGEST_GAME:
            section.append(line)
    yield _Section(first, b"".join(section), size > _LONGEST_GAME)


def _read_tags(text: str) -> tuple[dict[str, str], int]:
    """The tags at the start of a text that say something, and where the moves begin."""
    tags: dict[str, str] = {}
    at = 0
    while True:
        match = _TAG.match(text, at)
        if match:
            value = re.sub(r'\\(["\\])', r"\1", match[2])
        elif match := _LOOSE_TAG.match(text, at):
            value = match[2].rstrip().removesuffix("]").rstrip().rstrip("\"'")
        else:
            return tags, at
        at = match.end()
        if value.strip() not in ("", "?"):
            tags.setdefault(match[1], value)
