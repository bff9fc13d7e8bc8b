"""A line of moves while it is read from text: each is checked, move by move or many at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from xiangqi_gpt.rules import Board, Move, MoveError, Position, kernels, parse_move

from .dialect import STANDARD, Dialect
from .move_legality import first_illegal, position_after
from .move_tokens import (
    first_number,
    is_almost_a_move,
)
from .noted_line import NotedLine
from .plain_moves import PlainMoves, PlainText
from .san import parse_san

MAX_PLIES: Final = 10_000
_CHINESE_SIGNS: Final = str.maketrans("+-=.", "进退平平")


class BrokenLine(Exception):
    """The current line cannot go on after its first ``plies`` moves."""

    def __init__(
        self, reason: str, place: int, plies: int, *, is_pass: bool = False, names_squares: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.place, self.plies, self.is_pass = reason, place, plies, is_pass
        self.names_squares = names_squares  #: it is a move in coordinates that is illegal


@dataclass
class OpenLine(NotedLine):
    """A line being read; its first ``played`` moves are known to be legal and are on ``squares``."""

    start: Position
    ply: int  # plies of the game before this line
    place: int  # where it was opened
    dialect: Dialect
    table: dict[str, Move]  # the moves that coordinates name in the dialect
    squares: np.ndarray[tuple[int], np.dtype[np.int8]] = field(init=False)
    places: list[int] = field(default_factory=list)
    played: int = 0
    captured: int | None = None  # the piece that the last of these took (0: none), where it is known
    board: Board | None = None  # as ``squares``, where the last move needed it
    suspect: tuple[str, int] | None = None  # a word that was skipped and may have been a move, and its place

    def __post_init__(self) -> None:
        self.squares = self.start.squares.copy()

    @property
    def _turn(self) -> int:
        """Whose turn it is on ``squares``."""
        return (self.start.turn + self.played) % 2

    @property
    def is_played(self) -> bool:
        """Whether all that was read is known to be moves, which are on ``squares``."""
        return self.played == len(self.moves) and not self.suspect

    def read_plain(self, text: PlainText, at: int) -> int:
        """Take the plain moves at a place, as ICCS and WXF write them; return where the last of them ends."""
        played = self.played
        turn = (self.start.turn + played) % 2
        found = text.read(at, self.squares, turn, MAX_PLIES - self.ply - played, first=not played)
        if found.moves:
            self.take_plain(found, at)
        return found.end

    def take_plain(self, found: PlainMoves, at: int) -> None:
        """Take moves that have been played on ``squares`` already."""
        count = len(found.moves)
        self.moves += found.moves
        self.places += [at] * count
        self.played += count
        self.captured, self.board = found.captured, None

    def add(self, kind: str, text: str, place: int) -> None:
        """Take a move, of a notation."""
        if self.suspect and is_almost_a_move(self.suspect[0]):
            raise self.broken_at_suspect()
        if kind == "coordinates":
            move = self.table.get(text)
            if move is None:
                raise self.broken(f"no piece moves like {text}", place)
            self._append(move, place)
            if self.dialect is STANDARD:
                self.check()
            return
        self.check()
        if self.board is None:
            self.board = Board.from_position(Position(self.squares, self._turn))
        try:
            move = self._parse(self.board, kind, text)
        except MoveError as error:
            raise self.broken(str(error), place) from None
        self._append(move, place)
        self.captured = self.board.piece_at(move.to_square)
        self.board.push(move)
        self.squares = self.board.squares.copy()
        self.played += 1

    def _parse(self, board: Board, kind: str, text: str) -> Move:
        if self.dialect is not STANDARD and kind != "chinese":
            text = self.dialect.letters(text) if kind == "wxf" else self.dialect.squares(text)
        if kind == "chinese":
            text = text.translate(_CHINESE_SIGNS)
        return parse_san(board, text) if kind == "san" else parse_move(board, text)

    def _append(self, move: Move, place: int) -> None:
        if self.ply + len(self.moves) >= MAX_PLIES:
            raise self.broken(f"more than {MAX_PLIES} plies", place)
        self.moves.append(move)
        self.places.append(place)

    def add_number(self, text: str, place: int, number: int) -> None:
        """Compare a move number with the moves so far: where they differ, the word skipped before it was a move."""
        if not self.suspect:
            return
        first = first_number(text, self.place, place)
        if first is not None and first + (self.start.turn + len(self.moves)) // 2 != number:
            raise self.broken_at_suspect()
        self.suspect = None

    def broken(self, reason: str, place: int) -> BrokenLine:
        """Return the error that ends the line at a place."""
        return BrokenLine(reason, place, len(self.moves))

    def passed(self, word: str, place: int) -> BrokenLine:
        """Return what ends the line at a pass, which is no damage."""
        reason = f"{word!r} passes, which Xiangqi does not allow: the line ends before it"
        return BrokenLine(reason, place, len(self.moves), is_pass=True)

    def broken_at_suspect(self) -> BrokenLine:
        """Return the error that ends the line at the word that was skipped."""
        assert self.suspect is not None
        word, place = self.suspect
        plies = sum(1 for at in self.places if at < place)
        return BrokenLine(f"{word[:20]!r} is not a move in any notation", place, plies)

    def check(self, plies: int | None = None) -> None:
        """Replay the first ``plies`` moves (by default all); raises ``BrokenLine`` at the first illegal one."""
        moves = self.moves[self.played : plies]
        if not moves:
            return
        self.captured = self.board = None
        illegal = first_illegal(self.squares, self._turn, moves)
        self.played += illegal[0] if illegal else len(moves)
        if illegal:
            raise BrokenLine(illegal[1], self.places[self.played], self.played, names_squares=True)

    def _play_last(self) -> None:
        """``check`` where only the last move was not replayed yet."""
        source, target = self.moves[-1].from_square, self.moves[-1].to_square
        if not kernels.is_legal(self.squares, self._turn, source, target):
            self.check()
        self.captured, self.board = int(self.squares[target]), None
        self.squares[target], self.squares[source] = self.squares[source], 0
        self.played += 1

    def first_break(self, found: BrokenLine) -> BrokenLine:
        """``found``, or the illegal move before it that was not replayed yet."""
        try:
            self.check(found.plies)
        except BrokenLine as earlier:
            return earlier
        return found

    def finish(self) -> None:
        """Check the moves that are unchecked; a mistyped last move breaks the line too."""
        self.check()
        if self.suspect and is_almost_a_move(self.suspect[0]):
            raise self.broken_at_suspect()

    def before_last(self) -> Position:
        """The position before the last move; raises ``BrokenLine`` as ``check``."""
        plies = len(self.moves) - 1
        turn = (self.start.turn + plies) % 2
        if self.played <= plies:
            self.check(plies)
            before = Position(self.squares.copy(), turn)
            self._play_last()
            return before
        if self.captured is None:
            return position_after(self.start, self.moves[:-1])
        squares, last = self.squares.copy(), self.moves[-1]
        squares[last.from_square], squares[last.to_square] = squares[last.to_square], self.captured
        return Position(squares, turn)
