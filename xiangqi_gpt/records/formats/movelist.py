"""Plain lists of moves in coordinates: a game a line, ``h2e2 h9g7 ...``, without tags.

Another start position stands before the moves: ``fen <FEN> moves a0a1 ...`` as engines are told it. Lines of one or
two moves are the plies or rounds of one game, which an empty line ends; a longer line is a game of its own unless it
goes on where the line before it stopped. ``#`` starts a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from xiangqi_gpt.rules import START_FEN, Board, FenError, Move, parse_fen
from xiangqi_gpt.rules.fen import format_fen

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import Game
from ..results import RESULTS, UNKNOWN
from .dialect import coordinates
from .encodings import decode
from .move_legality import first_illegal
from .movetext import MAX_PLIES
from .pgn import lines_of
from .reader_common import check_exists, handle_broken_game
from .text_writer import write_text

_START: Final = re.compile(
    r"(?:position\s+)?(?:(startpos)\s*|(?:fen\s+)?((?:[^\s/]+/){9}.*?))(?:\bmoves\b|\Z)\s*", re.IGNORECASE
)
_SEPARATORS: Final = str.maketrans(",;\t", "   ")
_FEW: Final = 2  # moves of a line that holds a ply or a round


def is_move_list(text: str) -> bool:
    """Whether the first line that says something holds nothing but moves in coordinates, or a start position."""
    for line in text.splitlines():
        words = _words(line)
        if words:
            if words[-1] in RESULTS:
                words.pop()
            return bool(_START.match(line.strip())) or (bool(words) and all(word in coordinates() for word in words))
    return False


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
        raise CorpusError(f"{path} holds no moves")


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
        return not errors and game.board().is_legal(move)

    def finish(self) -> tuple[Game, list[RecordError]]:
        """The game, cut before the first word that cannot be played, and what is wrong with it."""
        game = Game()
        try:
            root = parse_fen(self.fen, lenient=True)
        except FenError as error:
            return game, [RecordError(str(error), line=self.line)]
        game.root = format_fen(root)
        words = self.words
        if words and words[-1] in RESULTS:
            game.result = words[-1]
            words = words[:-1]
        reason = None
        for word in words:
            move = coordinates().get(word)
            if move is None or len(game.moves) == MAX_PLIES:
                reason = (
                    f"{word[:20]!r} is not a move in coordinates" if move is None else f"more than {MAX_PLIES} plies"
                )
                break
            game.moves.append(move)
        if illegal := first_illegal(root.squares.copy(), root.turn, game.moves):
            game.cut(illegal[0])
            reason = illegal[1]
        if reason is None:
            return game, []
        return game, [RecordError(reason, line=self.lines[len(game.moves)], ply=len(game.moves) + 1)]


@cache
def _first_moves() -> frozenset[Move]:
    return frozenset(Board().legal_moves)


def _games(lines: Iterable[bytes]) -> Iterator[_Listed]:
    current: _Listed | None = None
    for number, raw in enumerate(lines, 1):
        text = decode(raw)[0].strip()
        words = _words(text)
        start = _START.match(text)
        if start:
            if current:
                yield current
            current = _Listed(number, START_FEN if start[1] else start[2])
            current.add(_words(text[start.end() :]), number)
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
        yield current


def _words(line: str) -> list[str]:
    return line.partition("#")[0].translate(_SEPARATORS).split()
