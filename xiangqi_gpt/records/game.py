"""A game record: where it started, the moves, the result, and what people wrote about it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest
from types import MappingProxyType
from typing import Any, Final

from xiangqi_gpt.rules import START_FEN, Board, Move, parse_fen

from .game_node import GameNode
from .results import RESULTS, UNKNOWN

_YEAR: Final = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?=\d{4}(?!\d)|\D|\Z)")


def year_in(date: str) -> int | None:
    """The year in a date however it is written (``1999.04.18``, ``1999年``, ``19990418``), None when it has none."""
    match = _YEAR.search(date)
    return int(match[0]) if match else None


def result_code(result: str | None) -> int:
    """Place of a result in ``RESULTS``; anything else counts as unknown."""
    return RESULTS.index(result) if result in RESULTS else RESULTS.index(UNKNOWN)


@dataclass(frozen=True)
class Labels:
    """What an engine said about a game from ply ``first`` on, one entry a ply.

    ``best`` is its move (None where it gave none), ``cp`` its score in centipawns for the side to move (None for
    none), ``random_plies`` those of the game (counted from 0) that were played at random. No move before ``first``, and
    none of ``random_plies``, is to be imitated. ``policy`` are targets of several moves: at each ply some moves with
    weights, whole numbers above 0 in proportion to their shares of a search's visits; empty where there are none.
    """

    first: int
    best: tuple[Move | None, ...] = ()
    cp: tuple[int | None, ...] = ()
    random_plies: tuple[int, ...] = ()
    policy: tuple[tuple[tuple[Move, int], ...], ...] = ()


class Game(GameNode):
    """A game: the first node of its tree, with the position it starts from, the result and the tags.

    ``root`` is that position as a FEN; ``comment`` was written before the first move. ``tags`` use the names of PGN
    (``Event``, ``Date``, ``Red``, ``Black``, ``ECCO``, ...) and hold neither result nor FEN. Four of them are ours:
    ``Kind`` (master, online, engine, ...), ``Source``, ``Year``, and ``Flags``, which is any of the words
    ``truncated``, ``prefix_of_other`` and ``result_conflict``. Games are equal that hold the same.

    >>> game = Game([Move.from_uci("h2e2")], tags={"Red": "A", "Black": "B"})
    >>> game.end().turn(), len(game.moves)
    (1, 1)
    """

    __slots__ = ("labels", "result", "root", "tags")

    def __init__(
        self,
        moves: Iterable[Move] = (),
        *,
        comments: Mapping[int, str] | None = None,
        root: str = START_FEN,
        result: str = UNKNOWN,
        tags: dict[str, str] | None = None,
        labels: Labels | None = None,
    ) -> None:
        """Make a game of the moves of its main line; ``comments`` has what is written after so many of them."""
        super().__init__()
        self.root = root
        self.result = result
        self.tags: dict[str, str] = {} if tags is None else tags
        self.labels = labels
        self._plain = list(moves) or None
        if comments:
            self.add_comments(comments)

    @classmethod
    def from_board(cls, board: Board, *, result: str | None = None, **tags: str) -> Game:
        """The game played on a board; the result is the board's own unless given."""
        return cls(
            board.move_stack,
            root=Board.from_position(board.root).fen(),
            result=board.result() if result is None else result,
            tags=tags,
        )

    @property
    def moves(self) -> list[Move]:
        """The moves of the main line, a new list; ``add_variation`` and its kin change the game."""
        return list(self.mainline_moves() if self._after is not None else self._plain or ())

    @property
    def comments(self) -> Mapping[int, str]:
        """What is written after so many moves of the main line; 0: before the first."""
        notes = {0: self.comment} | {
            ply: node.comment for ply, (_, node, _) in enumerate(self.steps(), 1) if node is not None
        }
        return MappingProxyType({ply: comment for ply, comment in notes.items() if comment})

    def has_comments(self) -> bool:
        """Whether anything is written beside the main line."""
        return bool(self.comment) or any(node is not None and node.comment for _, node, _ in self.steps())

    def has_variations(self) -> bool:
        """Whether something else was played than the main line."""
        return any(others for _, _, others in self.steps())

    def node(self, ply: int) -> GameNode:
        """Return the position after so many moves of the main line. Raises ``IndexError`` where there are fewer."""
        node: GameNode = self
        left = ply
        while left:
            if 0 < left <= len(node.plain_moves):
                return node.split(left - 1)
            left -= len(node.plain_moves) + 1
            following = next(iter(node.branches), None)
            if following is None or left < 0:
                raise IndexError(f"the game has {len(self.moves)} moves, there is no position {ply}")
            node = following
        return node

    def add_comments(self, comments: Mapping[int, str]) -> None:
        """Write comments after so many moves of the main line each, in place of what stands there."""
        for ply in sorted(comments, reverse=True):  # what comes later is split off first, so that little is copied
            self.node(ply).comment = comments[ply]

    def board(self, ply: int = 0) -> Board:
        """The board after the main line's first ``ply`` moves; moves are not checked again."""
        board = self._start_board()
        for move in islice(self.mainline_moves(), ply):
            board.push(move)
        return board

    def _as_game(self) -> Game:
        return self

    def _start_board(self) -> Board:
        return Board(self.root, lenient=True)

    def copy(self) -> Game:
        """A game that holds the same and shares nothing that can be changed."""
        copy = type(self)(root=self.root, result=self.result, tags=dict(self.tags), labels=self.labels)
        copy.comment = self.comment
        copy._take_rows(self._rows())
        return copy

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Game:
        return self.copy()

    def __reduce__(self) -> tuple[object, ...]:
        """For ``pickle``: as rows, since nodes inside nodes would be too deep."""
        about = {name: getattr(self, name) for name in (*self.__slots__, "comment")}
        return _read_pickled, (about, list(self._rows()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Game):
            return NotImplemented
        if any(getattr(self, name) != getattr(other, name) for name in self.__slots__):
            return False
        return all(a == b for a, b in zip_longest(self._outline(), other._outline()))

    def __hash__(self) -> int:
        """As of the start position, which games that are equal have in common."""
        return hash(self.root)

    @property
    def headers(self) -> dict[str, str]:
        """The tags with ``Result`` and, where it is not the usual start, ``FEN``: a copy."""
        fen = {} if self.root == START_FEN else {"FEN": self.root}
        return {**self.tags, "Result": self.result, **fen}

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


def _read_pickled(about: dict[str, Any], rows: list[Any]) -> Game:
    game = Game()
    for name, value in about.items():
        setattr(game, name, value)
    game._take_rows(rows)
    return game
