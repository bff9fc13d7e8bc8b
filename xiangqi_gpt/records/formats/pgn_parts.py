"""A large PGN file cut between games, so that several processes can read it at once."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final

from .encodings import UTF16_MARKS
from .pgn import LONGEST_LINE, TAG_START

_PART: Final = 8 << 20
_CHUNK: Final = 1 << 20


def pgn_parts(path: Path, part: int = _PART) -> list[tuple[int, int, int]]:
    """Parts of a file of about ``part`` bytes: first byte, end, number of lines before; each starts with a game's tags.

    A file without tags, or in UTF-16, is one part.
    """
    size = path.stat().st_size
    parts: list[tuple[int, int, int]] = []
    with path.open("rb") as file:
        if file.read(2) in UTF16_MARKS:
            return [(0, size, 0)]
        first = lines = 0
        while first < size:
            last = _next_game(file, first + part) if first + part < size else size
            parts.append((first, last, lines))
            lines += _count_lines(file, first, last)
            first = last
    return parts


def copy_part(path: str | Path, first: int, last: int, target: Path) -> None:
    """Write some bytes of a file into another."""
    with Path(path).open("rb") as file, target.open("wb") as out:
        file.seek(first)
        while first < last and (chunk := file.read(min(_CHUNK, last - first))):
            out.write(chunk)
            first += len(chunk)


def _next_game(file: IO[bytes], at: int) -> int:
    """Where the first game starts whose tags follow moves after ``at``, the file's end where there is none."""
    file.seek(at)
    at += len(file.readline(LONGEST_LINE))  # most likely the rest of a line
    moves_seen = False
    while line := file.readline(LONGEST_LINE):
        if tag := TAG_START.match(line):
            if not tag[1]:
                moves_seen = False  # no quotation mark: words, or the first tag of a game that is cut elsewhere
            elif moves_seen:
                return at
        elif line.strip():
            moves_seen = True
        at += len(line)
    return at


def _count_lines(file: IO[bytes], first: int, last: int) -> int:
    file.seek(first)
    lines = 0
    while first < last and (chunk := file.read(min(_CHUNK, last - first))):
        lines += chunk.count(b"\n")
        first += len(chunk)
    return lines
