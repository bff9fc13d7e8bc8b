"""Plain lists of moves in coordinates: a game a line, ``h2e2 h9g7 ...``, without tags.

Another start position stands before the moves: ``fen <FEN> moves a0a1 ...`` as engines are told it. Lines of one or
two moves are the plies or rounds of one game, which an empty line ends; a longer line is a game of its own unless it
goes on where the line before it stopped. ``#`` starts a remark.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Final

from xiangqi_gpt.rules import START_FEN, Board, Move, XiangqiError
from xiangqi_gpt.rules.fen import format_fen
from xiangqi_gpt.rules.pasted_fen import find_fen

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import Game
from ..results import RESULTS, UNKNOWN
from .dialect import coordinates
from .encodings import decode
from .move_tokens import first_move, is_protocol
from .movetext import read_movetext
from .open_line import MAX_PLIES
from .pgn import lines_of
from .reader_common import check_exists, handle_broken_game
from .text_writer import write_text
from .variants import read_root

_START: Final = re.compile(
    r"(?:position\s+)?(?:(startpos)\s*|(?:fen\s+)?((?:[!-.0-~]+/){9}.*?))(?:\bmoves\b|(?=\s[a-i]\d0?-?[a-i]\d0?\b)|\Z)\s*",
    re.IGNORECASE,
)
_MOVE: Final = re.compile(r"[A-Ia-i]\d0?-?[A-Ia-i]\d0?\Z")
_SEPARATORS: Final = str.maketrans(",;\t", "   ")
_BEHIND_FEN: Final = " \t\"'`)]）］,;，；"
_FEW: Final = 2  # moves of a line that holds a ply or a round


def is_move_list(text: str) -> bool:
    """Whether the first lines that say something hold nothing but moves in coordinates, or a start position."""
    has_start = False
    for line in text.splitlines():
        line = line.strip()
        start = _START.match(line)
        if (
            start
            and (found := find_fen(start[0]))
            and first_move(start[0][found.end :].lstrip(_BEHIND_FEN)) is not None
        ):
            return False  # moves in another notation behind the position
        has_start |= start is not None
        words = _words(line[start.end() :] if start else line)
        if words and words[-1] in RESULTS:
            words.pop()
        if words:
            return all(map(_MOVE.match, words))
    return has_start


def read_move_list(
    path: str | Path, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """The games of a plain list, a line at a time; arguments and errors as in ``read_pgn``."""
    check_on_illegal(on_illegal)
    check_exists(path)
    number = 0
    with Path(path).open("rb") as file:
        for number, found in enumerate(_games(lines_of(file)), 1):
            game, errors = found.finish()
            if handle_broken_game(game, errors, on_illegal, problems, path=str(path), number=number):
                yield game
    if not number:
        raise CorpusError(f"{path} holds no moves", code="record_none")


def write_move_list(games: Iterable[Game], path: str | Path) -> int:
    """Write main lines, a game a line; the file appears whole or not at all. Returns how many games there were."""
    return write_text(games, path, _format)


def _format(game: Game) -> str:
    moves = " ".join(map(str, game.moves))
    if game.root != START_FEN:
        moves = f"fen {game.root} moves {moves}".rstrip()
    result = "" if game.result == UNKNOWN else f" {game.result}"
    end = "\n\n" if len(game.moves) <= _FEW else "\n"
    return f"{moves or 'startpos moves'}{result}{end}"


@dataclass
class _Listed:
    """A game being read: what its lines say, and which are known to be playable."""

    line: int
    fen: str = START_FEN
    words: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # of each word
    last: int = 0  # words of the last line
    skipped: list[str] = field(default_factory=list)  # lines that hold no move

    def add(self, words: list[str], line: int) -> None:
        self.last = len(words)
        if len(self.words) <= MAX_PLIES:
            self.words += words
            self.lines += [line] * len(words)

    def goes_on_with(self, words: list[str]) -> bool:
        """Whether a line belongs to this game."""
        if not self.words:
            return True
        if self.words[-1] in RESULTS:
            return False
        if self.last <= _FEW and len(words) <= _FEW:
            return True
        move = coordinates().get(words[0])
        if move is None or move in _first_moves():
            return False
        game, errors = self.finish()
        return not any(error.scope == "game" for error in errors) and game.board(len(game.moves)).is_legal(move)

    def finish(self) -> tuple[Game, list[RecordError]]:
        """The game, cut before the first word that cannot be played, and what is wrong with it."""
        game = Game()
        try:
            root = read_root(self.fen)
        except XiangqiError as error:
            return game, [RecordError(error, line=self.line)]
        if self.fen != START_FEN:
            game.root = format_fen(root)
        found = read_movetext(" ".join(self.words), 0, game, root)
        game.result = found.result
        errors = [part.error(self._line_of(part.place)) for part in found.breaks]
        notes = found.notes()
        if self.skipped:
            notes.append(f"skipped {len(self.skipped)} lines without moves, first {self.skipped[0][:40]!r}")
        return game, errors + [RecordError(note, line=self.line, scope="note") for note in notes]

    def _line_of(self, place: int) -> int:
        """The line of the file whose word is at a place of the joined words."""
        ends = list(accumulate(len(word) + 1 for word in self.words))
        return self.lines[bisect_right(ends, place)]


@cache
def _first_moves() -> frozenset[Move]:
    return frozenset(Board().legal_moves)


def _games(lines: Iterable[bytes]) -> Iterator[_Listed]:
    current: _Listed | None = None
    skipped: list[str] = []
    for number, raw in enumerate(lines, 1):
        text = decode(raw)[0].strip()
        words = _words(text)
        start = _START.match(text)
        if start:
            if current:
                yield current
            current = _Listed(number, START_FEN if start[1] else start[2])
            current.add(_words(text[start.end() :]), number)
        elif words and not _has_moves(text, words):
            skipped.append(text)
            if current:
                current.skipped, skipped = current.skipped + skipped, []
        elif not words:
            if current and not text:
                yield current
                current = None
        elif current and current.goes_on_with(words):
            current.add(words, number)
        else:
            if current:
                yield current
            current = _Listed(number)
            current.add(words, number)
    if current:
        current.skipped += skipped
        yield current


def _has_moves(line: str, words: list[str]) -> bool:
    """Whether a line has a move or a result among its words, and is not what an engine says or is told."""
    return not is_protocol(line, 0) and any(word in RESULTS or _MOVE.match(word) for word in words)


def _words(line: str) -> list[str]:
    return line.partition("#")[0].translate(_SEPARATORS).split()
