"""The moves of a game in text: variations and comments, in coordinates, Chinese, WXF or short algebraic notation.

Moves in coordinates are looked up and replayed by a kernel, many at once; the other notations need the board, so the
first of them switches a line to reading move by move. A game that does not replay as it stands is read again in the
other dialects (``dialect``), and keeps the one that replays furthest. What is no move is skipped and listed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from xiangqi_gpt.rules import MOVES, START_FEN, Board, Move, MoveError, Position, parse_move
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_TO

from ..errors import RecordError, Scope, moves_before
from ..game import Game, Variation
from ..results import UNKNOWN, result_of
from .dialect import OTHER_LETTERS, OTHER_SQUARES, STANDARD, Dialect, coordinates
from .move_legality import first_illegal, position_after
from .move_tokens import (
    UNCLOSED,
    first_number,
    is_almost_a_move,
    nag_of,
    names_squares,
    says_something,
    starts_game,
    tokens,
)
from .plain_moves import read_plain_moves
from .san import parse_san

MAX_PLIES: Final = 10_000
MAX_DEPTH: Final = 64
_LONGEST_RESULT: Final = 40
_SHOWN: Final = 5  # skipped words that a note names
_DOTS: Final = ".．、。…"
_GOES_ON_IN_RESULT: Final = ("-", "–", "—", "−", ":", "：", "5")
_IN_NUMBER: Final = f"0123456789０１２３４５６７８９{_DOTS} "
_NAMES_SQUARES: Final = ("coordinates", "san")


@dataclass(frozen=True)
class Break:
    """What was wrong: a reason, where in the text, the ply (from 1), and the error's scope and moves before it."""

    reason: str
    place: int
    ply: int | None = None
    on_main_line: bool = True
    after: str = ""

    def error(self, line: int) -> RecordError:
        """Return the error, which stands in a line of the file."""
        scope: Scope = "game" if self.on_main_line else "part"
        return RecordError(self.reason, line=line, ply=self.ply, scope=scope, after=self.after)


@dataclass
class Movetext:
    """What was read: the main line, where the game ends in the text, its result, and what was damaged or skipped."""

    line: Variation
    end: int
    result: str = UNKNOWN
    breaks: list[Break] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    dialect: Dialect = STANDARD
    ambiguous: Dialect | None = None  #: another dialect in which the game replays too
    broke_at: str = ""  #: kind of the token at which the main line broke

    def notes(self) -> list[str]:
        """Return what is to be said of how the game was read."""
        said = []
        if self.dialect != STANDARD:
            said.append(f"read with {self.dialect}")
        if self.ambiguous is not None:
            said.append(f"replays with {self.dialect} and with {self.ambiguous} too: read with the former")
        if self.skipped:
            shown = ", ".join(repr(word[:20]) for word in self.skipped[:_SHOWN])
            more = len(self.skipped) - _SHOWN
            said.append(f"skipped {shown}{f' and {more} more' if more > 0 else ''}")
        return said


class _BrokenLine(Exception):
    """The current line cannot go on after its first ``plies`` moves."""

    def __init__(self, reason: str, place: int, plies: int) -> None:
        super().__init__(reason)
        self.reason, self.place, self.plies = reason, place, plies


@dataclass
class _OpenLine:
    """A line being read; its first ``played`` moves are known to be legal and are on ``squares``."""

    line: Variation
    start: Position
    ply: int  # plies of the game before this line
    place: int  # where it was opened
    dialect: Dialect
    table: dict[str, Move]  # the moves that coordinates name in the dialect
    squares: np.ndarray[tuple[int], np.dtype[np.int8]] = field(init=False)
    places: list[int] = field(default_factory=list)
    played: int = 0
    board: Board | None = None
    suspect: tuple[str, int] | None = None  # a word that was skipped and may have been a move, and its place

    def __post_init__(self) -> None:
        self.squares = self.start.squares.copy()

    def add_plain(self, text: str) -> int:
        """Take the legal moves at the start of the line that nothing else stands between; returns where they end."""
        moves, end, self.squares = read_plain_moves(text, self.place, self.start, MAX_PLIES)
        self.line.moves.extend([MOVES[index] for index in moves.tolist()])
        self.places = [self.place] * len(moves)
        self.played = len(moves)
        return end

    def add_unchecked(self, text: str, place: int) -> bool:
        """Take a move in coordinates that is to be replayed later; False where ``add`` has to look at it."""
        move = None if self.board or self.suspect else self.table.get(text)
        if move is None or self.ply + len(self.places) >= MAX_PLIES:
            return False
        self.line.moves.append(move)
        self.places.append(place)
        return True

    def add(self, kind: str, text: str, place: int) -> None:
        """Take a move, of a notation."""
        if self.suspect and is_almost_a_move(self.suspect[0]):
            raise self.broken_at_suspect()
        if kind == "coordinates" and self.board is None:
            move = self.table.get(text)
            if move is None:
                raise self.broken(f"no piece moves like {text}", place)
            self._append(move, place)
            return
        if self.board is None:
            self.check()
            self.board = Board.from_position(self.start)
            for move in self.line.moves:
                self.board.push(move)
        try:
            move = self._parse(self.board, kind, text)
        except MoveError as error:
            raise self.broken(str(error), place) from None
        self.board.push(move)
        self._append(move, place)
        self.played += 1

    def _parse(self, board: Board, kind: str, text: str) -> Move:
        if kind == "san":
            return parse_san(board, self.dialect.squares(text))
        if kind == "coordinates":
            return parse_move(board, self.dialect.squares(text))
        return parse_move(board, self.dialect.letters(text) if kind == "wxf" else text)

    def _append(self, move: Move, place: int) -> None:
        if self.ply + len(self.line.moves) >= MAX_PLIES:
            raise self.broken(f"more than {MAX_PLIES} plies", place)
        self.line.moves.append(move)
        self.places.append(place)

    def add_number(self, text: str, place: int, number: int) -> None:
        """Compare a move number with the moves so far: where they differ, the word skipped before it was a move."""
        if not self.suspect:
            return
        first = first_number(text, self.place, place)
        if first is not None and first + (self.start.turn + len(self.line.moves)) // 2 != number:
            raise self.broken_at_suspect()
        self.suspect = None

    def broken(self, reason: str, place: int) -> _BrokenLine:
        """Return the error that ends the line at a place."""
        return _BrokenLine(reason, place, len(self.line.moves))

    def broken_at_suspect(self) -> _BrokenLine:
        """Return the error that ends the line at the word that was skipped."""
        assert self.suspect is not None
        word, place = self.suspect
        plies = sum(1 for at in self.places if at < place)
        return _BrokenLine(f"{word[:20]!r} is not a move in any notation", place, plies)

    def check(self, plies: int | None = None) -> None:
        """Replay the first ``plies`` moves (by default all); raises ``_BrokenLine`` at the first illegal one."""
        moves = self.line.moves[self.played : plies]
        if self.board is not None or not moves:
            return
        illegal = first_illegal(self.squares, (self.start.turn + self.played) % 2, moves)
        self.played += illegal[0] if illegal else len(moves)
        if illegal:
            raise _BrokenLine(illegal[1], self.places[self.played], self.played)

    def first_break(self, found: _BrokenLine) -> _BrokenLine:
        """``found``, or the illegal move before it that was not replayed yet."""
        try:
            self.check(found.plies)
        except _BrokenLine as earlier:
            return earlier
        return found

    def finish(self) -> None:
        """Check the moves that are unchecked; a mistyped last move breaks the line too."""
        self.check()
        if self.suspect and is_almost_a_move(self.suspect[0]):
            raise self.broken_at_suspect()

    def before_last(self) -> Position:
        """The position before the last move."""
        plies = len(self.line.moves) - 1
        turn = (self.start.turn + plies) % 2
        if self.board is None and self.played <= plies:
            self.check(plies)
            return Position(self.squares.copy(), turn)
        if self.board is None:
            return position_after(self.start, self.line.moves[:-1])
        last = self.board.pop()
        squares = self.board.squares.copy()
        self.board.push(last)
        return Position(squares, turn)


def read_movetext(text: str, at: int, game: Game, root: Position, *, from_one: bool = False) -> Movetext:
    """Read moves, comments, glyphs and variations from ``text[at:]`` into ``game``, which starts from ``root``.

    A line that breaks is cut before the break: a variation is skipped to its end, the main line ends the game. The
    game's dialect is the one in which its main line replays whole, or furthest. Where squares could be named in two
    ways, ranks count from 1 if ``from_one`` says that the game's source does so, else from 0, and ``ambiguous`` says
    so.
    """
    found = _Reader(text, at, root, STANDARD, game).read()
    if found.broke_at:
        others = OTHER_SQUARES if found.broke_at in _NAMES_SQUARES else OTHER_LETTERS
        if found.broke_at in (*_NAMES_SQUARES, "wxf"):
            tried = [found, *(_Reader(text, at, root, other).read() for other in others)]
            found = max(tried, key=lambda one: (not one.broke_at, len(one.line.moves)))
    elif game.root != START_FEN and not _touches_first_rank(found.line.moves):
        found = _told_apart(found, _Reader(text, at, root, OTHER_SQUARES[0]), from_one)
    if found.line is not game:
        for name in ("moves", "comments", "variations", "nags"):
            setattr(game, name, getattr(found.line, name))
    if game.comments or game.variations:
        for line in game.lines():
            line.comments = {n: comment for n, raw in line.comments.items() if (comment := raw.strip())}
    return found


def _touches_first_rank(moves: Sequence[Move]) -> bool:
    """Whether a square of rank 0 is among those of some moves, which with ranks 1-10 none is."""
    indices = [move.index for move in moves]
    return not indices or bool((MOVE_FROM[indices] < 9).any() or (MOVE_TO[indices] < 9).any())


def _told_apart(found: Movetext, other: _Reader, from_one: bool) -> Movetext:
    """Which of two readings a game has that may count ranks from 0 or from 1."""
    again = other.read()
    if again.broke_at or not names_squares(other.text, other.at, again.end):
        return found
    if from_one:
        return again
    found.ambiguous = again.dialect
    return found


class _Reader:
    """One reading of a game in one dialect."""

    def __init__(self, text: str, at: int, root: Position, dialect: Dialect, line: Variation | None = None) -> None:
        self.text, self.at = text, at
        self.found = Movetext(Variation() if line is None else line, len(text), dialect=dialect)
        self.table = coordinates(dialect)
        self.stack = [_OpenLine(self.found.line, root, 0, at, dialect, self.table)]
        self.skipping = 0  # brackets still open in a broken variation, its own included
        self.stray = 0  # brackets that are open and start no variation
        self.late_result = UNKNOWN  # a result in a variation: the game's, if that is never closed
        self.jump = 0  # places before it are read already

    def read(self) -> Movetext:
        """Read to the end of the game."""
        main, at = self.stack[0], self.at
        if main.dialect == STANDARD:
            at = main.add_plain(self.text)
            if self.text[at : at + 1] in _GOES_ON_IN_RESULT:  # what looked like a move number may begin a result
                at = max(self.at, len(self.text[:at].rstrip(_IN_NUMBER)))
        for token in tokens(self.text, at):
            kind = token.lastgroup or ""
            if self.skipping or self.jump or self.found.broke_at:
                if self._pass_over(kind, token):
                    break
            elif kind == "coordinates" and self.stack[-1].add_unchecked(token["coordinates"], token.start()):
                continue  # most of a text in coordinates
            elif kind == "number" and token[0][0] not in "1１" and not self.stack[-1].suspect:
                continue  # most numbers say nothing new
            elif self._take(kind, token):
                break
        self._finish()
        return self.found

    def _pass_over(self, kind: str, token: re.Match[str]) -> bool:
        """Read one token after something broke; whether it ends the game."""
        if token.start() < self.jump:
            return False
        self.jump = 0
        if self.found.broke_at:
            return self._ends_after_break(kind, token[0], token.start())
        if self.skipping:
            self._skip_in_variation(kind, token[0])
            return False
        return self._take(kind, token)

    def _take(self, kind: str, token: re.Match[str]) -> bool:
        """Read one token; whether it ends the game."""
        current, place = self.stack[-1], token.start()
        try:
            if kind in ("coordinates", "chinese", "wxf", "san"):
                current.add(kind, token[kind], place)
            elif kind == "number":
                return self._number(token[0], place)
            elif kind in ("comment", "rest", "words"):
                return self._comment(self.text[token.start(kind) : token.end(kind)], token)
            elif kind == "open":
                self._open(place)
            elif kind == "close":
                self._close_bracket(place)
            elif kind == "result":
                return self._result(result_of(token[0]), token.end())
            elif kind in ("nag", "glyph"):
                self._glyph(token)
            elif kind in ("word", "html"):
                return self._word(token[0], place)
        except _BrokenLine as error:
            self._break(error, kind)
        return False

    def _number(self, text: str, place: int) -> bool:
        """A move number; whether it is the first of another game, which has no tags."""
        if len(self.stack) == 1 and self._starts_game(text, place) and len(self.found.line.moves) > 1:
            self.found.end = place
            return True
        digits = text.rstrip(_DOTS)
        self.stack[-1].add_number(self.text, place, int(digits) if len(digits) <= 4 else 0)
        return False

    def _starts_game(self, number: str, place: int) -> bool:
        """Whether a number is a 1 at the start of a line."""
        return number.rstrip(_DOTS) in ("1", "１") and starts_game(self.text, place)

    def _comment(self, said: str, token: re.Match[str]) -> bool:
        """A comment; whether it is the result in brackets, which ends the game."""
        if token.lastgroup == "words" and len(self.stack) == 1 and self.stack[0].line.moves:
            result = result_of(said)
            if result != UNKNOWN:
                return self._result(result, token.end())
        _add_comment(self.stack[-1].line, said)
        return False

    def _result(self, result: str, end: int) -> bool:
        if len(self.stack) > 1:
            self.late_result = result
            return False
        self.found.result, self.found.end = result, end
        return True

    def _word(self, word: str, place: int) -> bool:
        """What is no move: a comment that is never closed, a result in words, or something to be skipped."""
        current = self.stack[-1]
        line_end = self.text.find("\n", place)
        line_end = len(self.text) if line_end < 0 else line_end
        if word[0] in ("{", UNCLOSED):
            _add_comment(current.line, self.text[place + 1 : line_end])
            self._damaged("a comment is never closed", place)
            self.jump = line_end
            return False
        for end in (line_end, place + len(word)):
            result = result_of(self.text[place:end]) if end - place <= _LONGEST_RESULT else UNKNOWN
            if result != UNKNOWN and current.line.moves:
                self.jump = end
                return self._result(result, end)
        if word == "(":
            self.stray += 1
        elif says_something(word) or word == "--":
            self.found.skipped.append(word)
            if word[0] not in "<&":
                current.suspect = current.suspect or (word, place)
        return False

    def _glyph(self, token: re.Match[str]) -> None:
        moves, nag = self.stack[-1].line.moves, nag_of(token)
        if nag and moves:
            self.stack[-1].line.nags.setdefault(len(moves) - 1, []).append(nag)

    # --- variations

    def _open(self, place: int) -> None:
        parent = self.stack[-1]
        plies = len(parent.line.moves)
        if not plies:
            raise _BrokenLine("a variation stands before the first move", place, 0)
        if len(self.stack) > MAX_DEPTH:
            raise _BrokenLine(f"variations are nested deeper than {MAX_DEPTH}", place, plies)
        start, ply = parent.before_last(), parent.ply + plies - 1
        self.stack.append(_OpenLine(Variation(), start, ply, place + 1, parent.dialect, self.table))

    def _close_bracket(self, place: int) -> None:
        if self.stray:
            self.stray -= 1
        elif len(self.stack) == 1:
            self._damaged("a variation is closed that was never opened", place)
        else:
            self.stack[-1].finish()
            self._close()

    def _close(self) -> None:
        """Hang the innermost variation into its parent, unless nothing is left of it."""
        line = self.stack.pop().line
        parent = self.stack[-1].line
        if line.moves:
            parent.variations.setdefault(len(parent.moves) - 1, []).append(line)

    def _skip_in_variation(self, kind: str, text: str) -> None:
        if kind == "result" and text != "*":
            self.late_result = result_of(text)
        self.skipping += (kind == "open" or text == "(") - (kind == "close")
        if kind == "close" and not self.skipping:
            self._close()

    # --- what is damaged

    def _moves_before(self, depth: int, plies: int) -> list[Move]:
        """The moves from the root to a place in the line at some depth."""
        moves = [move for line in self.stack[:depth] for move in line.line.moves[:-1]]
        return moves + self.stack[depth].line.moves[:plies]

    def _damaged(self, reason: str, place: int) -> None:
        """Something beside the moves is damaged."""
        current = self.stack[-1]
        ply = current.ply + len(current.line.moves) + 1
        self.found.breaks.append(Break(reason, place, ply, on_main_line=False))

    def _break(self, error: _BrokenLine, kind: str) -> None:
        """Cut the current line before what cannot be read."""
        current, depth = self.stack[-1], len(self.stack) - 1
        first = current.first_break(error)
        if kind == "open" and not depth and not current.line.moves:
            self._damaged(first.reason, first.place)  # the variation is lost, and nothing else
            lost = _OpenLine(Variation(), current.start, current.ply, first.place, current.dialect, self.table)
            self.stack.append(lost)
            self.skipping = 1
            return
        self._record(first, depth)
        if depth:
            self.skipping = 2 if kind == "open" else 1
            if kind == "close":
                self.skipping = 0
                self._close()
        else:
            self.found.broke_at = kind if current.board is not None else "coordinates"

    def _record(self, first: _BrokenLine, depth: int) -> None:
        current = self.stack[depth]
        after = moves_before(self._moves_before(depth, first.plies)) if depth else ""
        self.found.breaks.append(Break(first.reason, first.place, current.ply + first.plies + 1, not depth, after))
        current.line.cut(first.plies)
        if current.suspect and current.suspect[1] == first.place:
            self.found.skipped.remove(current.suspect[0])
        current.suspect = None

    def _ends_after_break(self, kind: str, text: str, place: int) -> bool:
        """Whether the game whose main line is broken ends with a token; its result still counts."""
        if kind == "result":
            self.found.result, self.found.end = result_of(text), place + len(text)
            return True
        if kind == "number" and self._starts_game(text, place):
            self.found.end = place
            return True
        if kind == "word" and (result := result_of(text)) != UNKNOWN:
            self.found.result, self.found.end = result, place + len(text)
            return True
        return False

    def _finish(self) -> None:
        """Check what is unchecked, innermost first, and close the variations the text left open."""
        if len(self.stack) > 1:
            self.found.result = self.late_result
        if self.skipping:
            self.stack.pop()  # broken and never closed: nobody can say what belonged to it
        while True:
            current, depth = self.stack[-1], len(self.stack) - 1
            if not self.found.broke_at:
                try:
                    current.finish()
                except _BrokenLine as error:
                    self._record(error, depth)
                    if not depth:
                        self.found.broke_at = "coordinates" if current.board is None else "word"
            if not depth:
                break
            self.found.breaks.append(
                Break("a variation is never closed", current.place - 1, current.ply + 1, on_main_line=False)
            )
            self._close()


def _add_comment(line: Variation, text: str) -> None:
    plies = len(line.moves)
    line.comments[plies] = f"{line.comments[plies]}\n{text}" if plies in line.comments else text
