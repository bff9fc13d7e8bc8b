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
from typing import IO, Final, cast

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import Game
from .encodings import UTF16_MARKS, decode
from .move_tokens import next_game, says_something
from .reader_common import LONGEST_GAME, check_exists, handle_broken_game
from .spaced_moves import close_up
from .text_game import TAG_NAMES, read_text_game
from .text_header import Header, read_header

LONGEST_LINE: Final = 1 << 20
_LOOKED_AT: Final = 1 << 16  # bytes that show how lines end

_BRACKETS: Final = b"[\xef\xa3\xa1"  # first bytes of an opening bracket, also full-width in UTF-8, GB18030 or Big5
_DIGITS: Final = b"0123456789"
#: Names that begin a tag also where its value has no quotation mark; behind moves two tags must stand together then.
_BARE_TAGS: Final = ("Event", "Site", "Date", "Round", "Red", "White", "Black", "Result", "FEN")
_BEGINS_TAG: Final = (
    rb"(?:\[|\xef\xbc\xbb|\xa3\xdb|\xa1\x65)\s*(?:([A-Za-z]\w*)\s+[\"']|(%s)\s[^\n]*\][ \t\r]*$)"
    % "|".join(_BARE_TAGS).encode()
)
TAG_START: Final = re.compile(rb"\s*" + _BEGINS_TAG)
_TAG_LINE: Final = re.compile(rb"^[ \t]*" + _BEGINS_TAG, re.MULTILINE)
_TAG_LINES: Final = re.compile(rb"(?:\[[A-Za-z]\w*[ \t]+\"[^\n]*\n)*")
_FIRST_TAG: Final = 200  # letters within which the first tag begins
_FULL_WIDTH: Final = str.maketrans("［］＂", '[]"')
_TAG: Final = re.compile(r'\s*\[\s*([A-Za-z]\w*)\s+"((?:[^"\\\n]|\\.)*)"\s*\]')
_LOOSE_TAG: Final = re.compile(
    rf"\s*\[\s*((?:[A-Za-z]\w*(?=\s+[\"'])|(?:{'|'.join(_BARE_TAGS)})(?=\s+[^\n]*\][ \t\r]*$)))\s+[\"']?([^\n]*)",
    re.MULTILINE,
)


def is_pgn(text: str) -> bool:
    """Whether a text starts with a tag."""
    return bool(_LOOSE_TAG.match(text))


def has_game_text(text: str) -> bool:
    """Whether a text without tags has moves or a position among its first lines."""
    return "\0" not in text and _read_header(text[:_LOOKED_AT]) is not None


def _read_header(text: str) -> Header | None:
    """Return what stands above the moves, also where those have blanks inside, which are closed up then."""
    header = read_header(text)
    if header is None and (closed := close_up(text)) is not None:
        return read_header(closed)
    return header


def read_pgn(
    path: str | Path | IO[str] | IO[bytes], *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """Return the games of a PGN file, each move checked.

    An open file is read on from where it stands, one that was opened in binary mode in bounded memory and whatever its
    encoding, unless it is a pipe, which is read whole; it stays open.

    A game with an illegal or unreadable move raises ``RecordError``; with ``on_illegal`` ``"cut"`` the moves before it
    are kept (a variation is cut without harm to the main line), with ``"drop"`` the game is left out, and the error is
    added to ``problems``. Raises ``CorpusError`` for a file without any game.
    """
    check_on_illegal(on_illegal)
    if not isinstance(path, str | Path):
        name = getattr(path, "name", None)  # a number, or nothing, of what is no file on disk
        yield from _read(_bytes_of(path), name if isinstance(name, str) else None, on_illegal, problems)
        return
    check_exists(path)
    with (path if isinstance(path, Path) else Path(path)).open("rb") as file:
        yield from _read(file, str(path), on_illegal, problems)


def parse_pgn(
    text: str, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """``read_pgn`` of a text."""
    check_on_illegal(on_illegal)
    return _read(io.BytesIO(text.encode(errors="replace")), None, on_illegal, problems)


def _bytes_of(file: IO[str] | IO[bytes]) -> IO[bytes]:
    if isinstance(file, io.TextIOBase):
        return io.BytesIO(file.read().encode(errors="replace"))
    return cast(IO[bytes], file) if file.seekable() else io.BytesIO(cast(IO[bytes], file).read())


def _read(
    file: IO[bytes], path: str | None, on_illegal: OnIllegal, problems: list[RecordError] | None
) -> Iterator[Game]:
    number = 0
    encoding: str | None = None
    for section in _sections(file):
        text, found = decode(section.raw, encoding)
        encoding = encoding if found == "utf-8" else found  # plain ASCII is UTF-8 and says nothing about the file
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        for game, errors in _games(text, section):
            number += 1
            if section.too_long:
                errors.append(RecordError(f"the game is longer than {LONGEST_GAME >> 20} MiB", line=section.first_line))
            if handle_broken_game(game, errors, on_illegal, problems, path=path, number=number):
                yield game
    if not number:
        raise CorpusError(f"{path or 'the text'} holds no game and no position", code="record_none")


def _games(text: str, section: _Section) -> Iterator[tuple[Game, list[RecordError]]]:
    """The games of one section and what was wrong with each: the first may have tags, others have a header of words."""
    line_of = functools.partial(section.line_of, text)
    tags, at = _read_tags(text)
    must_have_moves = not tags
    if not tags:
        header = _read_header(text)
        if header is None:
            return
        tags, text, at = _tags_of(header), header.text, header.moves_at
        must_have_moves = not header.has_position
    while True:
        game, errors, end = read_text_game(text, at, tags, line_of)
        start = next_game(text, max(end, at + 1))
        is_words = must_have_moves and not game.moves and all(error.scope == "note" for error in errors)
        must_have_moves = is_words  # of games behind one, what begins like moves is one
        if is_words:
            if start is None:
                return
        elif start is None:
            if (words := text[end:].strip()) and any(map(says_something, words.split())):
                errors.append(RecordError(f"skipped after the game: {' '.join(words.split())[:60]!r}", scope="note"))
            yield game, errors
            return
        else:
            yield game, errors
        header = read_header(text, end, start)
        tags, at = (_tags_of(header) if header else {}), start


def _tags_of(header: Header) -> dict[str, str]:
    return header.tags | ({"FEN": header.fen} if header.fen else {})


# --- where a game begins


@dataclass
class _Section:
    """The bytes of a file that belong to one set of tags."""

    first_line: int
    raw: bytes
    too_long: bool

    def line_of(self, text: str, place: int) -> int:
        return self.first_line + text.count("\n", 0, max(place, 0))


def _sections(file: IO[bytes]) -> Iterator[_Section]:
    """The sections of a file; a short file that is one section is not looked at line by line."""
    begin = file.tell()
    start = file.read(_LOOKED_AT)
    if len(start) < _LOOKED_AT and start[:2] not in UTF16_MARKS and (b"\n" in start or b"\r" not in start):
        head = _TAG_LINES.match(start)
        if head and not _TAG_LINE.search(start, head.end()):
            yield _Section(1, start.removeprefix(b"\xef\xbb\xbf"), False)
            return
    file.seek(begin)
    yield from _split(lines_of(file))


def lines_of(file: IO[bytes]) -> Iterator[bytes]:
    """Lines of at most 1 MiB without a byte order mark, in an encoding that keeps ASCII."""
    begin = file.tell()
    mark = file.read(3)
    file.seek(begin)
    if mark[:2] in UTF16_MARKS:
        wide = io.TextIOWrapper(file, encoding="utf-16", errors="replace")
        while text := wide.readline(LONGEST_LINE):
            yield text.encode(errors="replace")
        return
    start = file.read(_LOOKED_AT)
    file.seek(begin + (3 if mark == b"\xef\xbb\xbf" else 0))
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
    """A section a game: it ends where a tag follows moves, or where a tag comes again after an empty line.

    Behind moves a tag without a quotation mark may be words (``[Black resigns]``): it counts only after an empty line,
    and if the next line is a tag, too.
    """
    section: list[bytes] = []
    first, size = 1, 0
    names: set[bytes] = set()
    moves_seen = blank_seen = False
    blank_line = 0  # the last empty one
    maybe_line, maybe = -1, b""  # the last that begins a section if a tag follows it
    for number, line in enumerate(lines, 1):
        if line[0] in _DIGITS:  # most lines are moves
            moves_seen = True
            size += len(line)
            if size <= LONGEST_GAME:
                section.append(line)
            continue
        said = line.strip()
        tag = TAG_START.match(line) if said and said[0] in _BRACKETS else None
        if tag and moves_seen and maybe_line == number - 1:
            if section and section[-1] is maybe:
                section.pop()
            yield _Section(first, b"".join(section), size - len(maybe) > LONGEST_GAME)
            section, first, size = [maybe], number - 1, len(maybe)
            names, moves_seen, blank_seen = _names(maybe), False, False
        elif tag and moves_seen and tag[2]:
            tag = None
            if blank_line == number - 1:
                maybe_line, maybe = number, line
        elif tag and (moves_seen or (blank_seen and (tag[1] or tag[2]) in names)):
            yield _Section(first, b"".join(section), size > LONGEST_GAME)
            section, first, size = [], number, 0
            names, moves_seen, blank_seen = set(), False, False
        if tag:
            names.add(tag[1] or tag[2])
        elif said:
            moves_seen = True
        else:
            blank_seen, blank_line = True, number
        size += len(line)
        if size <= LONGEST_GAME:
            section.append(line)
    yield _Section(first, b"".join(section), size > LONGEST_GAME)


def _names(line: bytes) -> set[bytes]:
    """Return the name of the tag that a line begins with, as a set."""
    tag = TAG_START.match(line)
    return {tag[1] or tag[2]} if tag else set()


def _read_tags(text: str) -> tuple[dict[str, str], int]:
    """The tags at the start of a text that say something, and where the moves begin."""
    tags: dict[str, str] = {}
    at = 0
    if "［" in text[:_FIRST_TAG]:
        text = text.translate(_FULL_WIDTH)
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
            name = match[1]
            tags.setdefault(TAG_NAMES.get(name) or TAG_NAMES.get(name.lower(), name), value)
