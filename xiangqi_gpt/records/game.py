"""A game record: where it started, the moves, the result, and what people wrote about it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from xiangqi_gpt.rules import START_FEN, Board, Move, parse_fen

from .results import RESULTS, UNKNOWN

_YEAR: Final = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?=\d{4}(?!\d)|\D|\Z)")


def year_in(date: str) -> int | None:
    """The year in a date however it is written (``1999.04.18``, ``1999年``, ``19990418``), None when it has none."""
    match = _YEAR.search(date)
    return int(match[0]) if match else None


def result_code(result: str | None) -> int:
    """Place of a result in ``RESULTS``; anything else counts as unknown."""
    return RESULTS.index(result) if result in RESULTS else RESULTS.index(UNKNOWN)


@dataclass
class Variation:
    """Moves played one after another, with what stands beside them.

    Keys count the plies of this line: ``comments[n]`` was written after ``n`` of its moves (0: before the first);
    ``variations[n]`` are lines that could have been played instead of ``moves[n]``; ``nags[n]`` are the numeric glyphs
    (1 good, 2 poor, ...) of ``moves[n]``.
    """

    moves: list[Move] = field(default_factory=list)
    comments: dict[int, str] = field(default_factory=dict)
    variations: dict[int, list[Variation]] = field(default_factory=dict)
    nags: dict[int, list[int]] = field(default_factory=dict)

    def cut(self, plies: int) -> None:
        """Keep the first moves only, and what belongs to them."""
        del self.moves[plies:]
        self.comments = {n: text for n, text in self.comments.items() if n <= plies}
        self.variations = {n: lines for n, lines in self.variations.items() if n < plies}
        self.nags = {n: glyphs for n, glyphs in self.nags.items() if n < plies}


@dataclass(frozen=True)
class Labels:
    """What an engine said about a game from ply ``first`` on, one entry a ply.

    ``best`` is its move (None where it gave none), ``cp`` its score in centipawns for the side to move (None for
    none), ``random_plies`` those of the game (counted from 0) that were played at random. No move before ``first``, and
    none of ``random_plies``, is to be imitated.
    """

    first: int
    best: tuple[Move | None, ...] = ()
    cp: tuple[int | None, ...] = ()
    random_plies: tuple[int, ...] = ()


@dataclass
class Game(Variation):
    """A game: a main line from ``root`` (a FEN) with result and tags.

    ``tags`` use the names of PGN (``Event``, ``Date``, ``Red``, ``Black``, ``ECCO``, ...) and hold neither result nor
    FEN. Four of them are ours: ``Kind`` (master, online, engine, ...), ``Source``, ``Year``, and ``Flags``, which is
    any of the words ``truncated``, ``prefix_of_other`` and ``result_conflict``.

    >>> game = Game(moves=[Move.from_iccs("h2e2")], tags={"Red": "A", "Black": "B"})
    >>> game.board().turn
    1
    """

    root: str = START_FEN
    result: str = UNKNOWN
    tags: dict[str, str] = field(default_factory=dict)
    labels: Labels | None = None

    @classmethod
    def from_board(cls, board: Board, *, result: str | None = None, **tags: str) -> Game:
        """The game played on a board; the result is the board's own unless given."""
        return cls(
            moves=board.move_stack,
            root=Board.from_position(board.root).fen(),
            result=board.result() if result is None else result,
            tags=tags,
        )

    def board(self, ply: int | None = None) -> Board:
        """The board after the main line's first ``ply`` moves, by default after all; moves are not checked again."""
        board = Board(self.root, lenient=True)
        for move in self.moves[:ply]:
            board.push(move)
        return board

    @property
    def headers(self) -> dict[str, str]:
        """The tags with ``Result`` and, where it is not the usual start, ``FEN``: a copy."""
        fen = {} if self.root == START_FEN else {"FEN": self.root}
        return {**self.tags, "Result": self.result, **fen}

    def mainline_moves(self) -> Iterator[Move]:
        """Return the moves of the main line."""
        return iter(self.moves)

    def __str__(self) -> str:
        """Return headers and main line for people to read; ``format_pgn`` writes all of the game."""
        first = parse_fen(self.root).turn
        words: list[str] = []
        for ply, move in enumerate(self.moves, start=first):
            if ply % 2 == 0 or not words:
                words.append(f"{ply // 2 + 1}." if ply % 2 == 0 else f"{ply // 2 + 1}...")
            words.append(str(move))
        headers = "".join(f'[{name} "{value}"]\n' for name, value in self.headers.items())
        return f"{headers}\n{textwrap.fill(' '.join([*words, self.result]), 80, break_on_hyphens=False)}"

    @property
    def year(self) -> int | None:
        """When the game was played: the tag ``Year``, else the year in ``Date``."""
        return year_in(self.tags.get("Year") or self.tags.get("Date", ""))

    @property
    def flags(self) -> frozenset[str]:
        """The words of the tag ``Flags``."""
        return frozenset(self.tags.get("Flags", "").split())

    def add_flag(self, flag: str) -> None:
        """Add a word to the tag ``Flags``."""
        self.tags["Flags"] = " ".join(sorted(self.flags | {flag}))

    def lines(self) -> Iterator[Variation]:
        """The main line and every variation, outer before inner."""
        waiting: list[Variation] = [self]
        while waiting:
            line = waiting.pop()
            yield line
            waiting.extend(inner for lines in line.variations.values() for inner in lines)
