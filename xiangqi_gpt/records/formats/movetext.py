"""The moves of a PGN game: tokens, variations and comments, in coordinates, Chinese, WXF or short algebraic text.

Moves in coordinates are looked up and replayed by a kernel, many at once; the other notations need the board, so the
first of them switches a line to reading move by move.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np

from xiangqi_gpt.rules import MOVES, Board, Move, MoveError, Position, parse_move

from ..game import Game, Variation
from .move_legality import first_illegal, position_after
from .plain_moves import read_plain_moves
from .san import parse_san

MAX_PLIES: Final = 10_000
MAX_DEPTH: Final = 64

_PIECE: Final = "帅帥将將仕士相象马馬傌车車俥伡炮砲包兵卒"
_NUMBER: Final = "1-9１-９一二三四五六七八九"
_CHINESE: Final = f"[{_PIECE}前中后後{_NUMBER}][{_PIECE}{_NUMBER}][进進退平][{_NUMBER}]"
_COORDINATES: Final = r"(?:[a-i]\d-?[a-i]\d|[A-I]\d-?[A-I]\d)(?!\w)"
_WXF: Final = (
    r"(?:[KABENHRCPkabenhrcp][1-9+\-.][-+.=][1-9]|[-+1-5][KABENHRCPkabenhrcp][-+.=][1-9]|[-+1-5][1-9][-+=][1-9])(?!\w)"
)
_SAN: Final = r"[KAGBEMNHRCP]?[a-i]?[0-9]?[x-]?[a-i][0-9](?![0-9A-Za-z])"
_TOKEN: Final = re.compile(
    rf"""(?P<coordinates>{_COORDINATES})[+\#]*
    | (?P<result>(?:1-0|0-1|1/2-1/2|1/2|½-½|0\.5-0\.5)(?![\w/-])|\*)
    | (?P<number>\d+(?:[.．、。]+|(?=[\s{{(;]|\Z)))
    | (?P<chinese>{_CHINESE})[+\#]*
    | (?P<wxf>{_WXF})[+\#]*
    | (?P<san>{_SAN})[+\#]*
    | \{{(?P<comment>[^}}]*)\}}
    | ;(?P<rest>[^\n]*)
    | (?P<open>\()
    | (?P<close>\))
    | \$(?P<nag>\d{{1,3}})
    | (?P<glyph>[!?！？]{{1,2}})
    | (?P<skip>[.…．]+)
    | (?P<bad>[^\s{{}}();]+|\S)
    """,
    re.VERBOSE,
)
_MOVE: Final = rf"(?:{_COORDINATES}|{_CHINESE}|{_WXF}|{_SAN})"
_NEXT_GAME: Final = re.compile(rf"^[ \t]*1[ \t]*[.．、](?=\s*{_MOVE})", re.MULTILINE)
_FIRST_GAME: Final = re.compile(rf"\s*(?:[{{(;]|\d+[.．、\s]|{_MOVE})")
_GLYPHS: Final = {"!": 1, "?": 2, "!!": 3, "??": 4, "!?": 5, "?!": 6}


@dataclass(frozen=True)
class Break:
    """Why the moves of a game, or of one of its variations, stop: a reason, where in the text, and the ply (from 1)."""

    reason: str
    place: int
    ply: int


@dataclass(frozen=True)
class Movetext:
    """What was read besides the moves: where the game ends in the text, its result word, and what was cut off."""

    end: int
    result: str | None
    breaks: list[Break]


class _BrokenLine(Exception):
    """The current line cannot go on after its first ``plies`` moves."""

    def __init__(self, reason: str, place: int, plies: int) -> None:
        super().__init__(reason)
        self.reason, self.place, self.plies = reason, place, plies


def find_game(text: str, after: int = 0) -> int | None:
    """Where moves without tags begin: at the start of the text, or at a ``1.`` some way after a result."""
    match = _NEXT_GAME.search(text, after) if after else _FIRST_GAME.match(text)
    return match.start() if match else None


@cache
def coordinates() -> dict[str, Move]:
    """Every way to write each of the 2086 moves in coordinates."""
    table = {}
    for move in MOVES:
        text = move.iccs()
        for form in (text, f"{text[:2]}-{text[2:]}"):
            table[form] = table[form.upper()] = move
    return table


@dataclass
class _OpenLine:
    """A line being read; its first ``played`` moves are known to be legal and are on ``squares``."""

    line: Variation
    start: Position
    ply: int  # plies of the game before this line
    place: int  # where it was opened
    squares: np.ndarray[tuple[int], np.dtype[np.int8]] = field(init=False)
    places: list[int] = field(default_factory=list)
    played: int = 0
    board: Board | None = None

    def __post_init__(self) -> None:
        self.squares = self.start.squares.copy()

    def add_plain(self, text: str) -> int:
        """Take the legal moves at the start of the line that nothing else stands between; returns where they end."""
        moves, end, self.squares = read_plain_moves(text, self.place, self.start, MAX_PLIES)
        self.line.moves.extend([MOVES[index] for index in moves.tolist()])
        self.places = [self.place] * len(moves)
        self.played = len(moves)
        return end

    def add_coordinates(self, text: str, place: int) -> None:
        move = coordinates().get(text)
        if move is None:
            raise self._broken(f"no piece moves like {text}", place)
        if self.board is not None:
            self._play_text(text, place, san=False)
        else:
            self._append(move, place)

    def add_text(self, text: str, place: int, *, san: bool) -> None:
        if self.board is None:
            self.check()
            self.board = Board.from_position(self.start)
            for move in self.line.moves:
                self.board.push(move)
        self._play_text(text, place, san=san)

    def _play_text(self, text: str, place: int, *, san: bool) -> None:
        assert self.board is not None
        try:
            move = parse_san(self.board, text) if san else parse_move(self.board, text)
        except MoveError as error:
            raise self._broken(str(error), place) from None
        self.board.push(move)
        self._append(move, place)
        self.played += 1

    def _append(self, move: Move, place: int) -> None:
        if self.ply + len(self.line.moves) >= MAX_PLIES:
            raise self._broken(f"more than {MAX_PLIES} plies", place)
        self.line.moves.append(move)
        self.places.append(place)

    def _broken(self, reason: str, place: int) -> _BrokenLine:
        return _BrokenLine(reason, place, len(self.line.moves))

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


def read_movetext(text: str, at: int, game: Game, root: Position) -> Movetext:
    """Read moves, comments, glyphs and variations from ``text[at:]`` into ``game``, which starts from ``root``.

    A line that breaks is cut before the break: a variation is skipped to its end, the main line ends the game.
    """
    stack = [_OpenLine(game, root, 0, at)]
    breaks: list[Break] = []
    end, result = len(text), None
    skipped = 0  # brackets still open in a broken variation, its own included
    for token in _TOKEN.finditer(text, stack[0].add_plain(text)):
        kind, place = token.lastgroup, token.start()
        unclosed = kind == "bad" and token[0] == "{"
        if skipped and not unclosed:
            skipped += (kind == "open") - (kind == "close")
            if kind == "close" and not skipped:
                _close(stack)
            continue
        current = stack[-1]
        try:
            if kind == "coordinates":
                current.add_coordinates(token["coordinates"], place)
            elif kind in ("chinese", "wxf", "san"):
                current.add_text(token[kind], place, san=kind == "san")
            elif kind == "comment" or kind == "rest":
                _add_comment(current.line, token[kind])
            elif kind == "open":
                _open(stack, place)
            elif kind == "close":
                current.check()
                _close(stack, place)
            elif kind == "result" and len(stack) == 1:
                end, result = token.end(), token[0]
                break
            elif kind == "nag" or kind == "glyph":
                _add_nag(current.line, token)
            elif kind == "bad":
                what = "a comment is never closed" if unclosed else f"{token[0][:20]!r} is not a move in any notation"
                raise _BrokenLine(what, place, len(current.line.moves))
        except _BrokenLine as error:
            first = current.first_break(error)
            breaks.append(Break(first.reason, first.place, current.ply + first.plies + 1))
            current.line.cut(first.plies)
            if len(stack) == 1 or unclosed:
                break
            skipped = 2 if kind == "open" else 1
            if kind == "close":
                skipped = 0
                _close(stack)
    _finish(stack, breaks)
    for line in game.lines():
        line.comments = {n: comment for n, raw in line.comments.items() if (comment := raw.strip())}
    return Movetext(end, result, breaks)


def _open(stack: list[_OpenLine], place: int) -> None:
    parent = stack[-1]
    plies = len(parent.line.moves)
    if not plies:
        raise _BrokenLine("a variation stands before the first move", place, 0)
    if len(stack) > MAX_DEPTH:
        raise _BrokenLine(f"variations are nested deeper than {MAX_DEPTH}", place, plies)
    stack.append(_OpenLine(Variation(), parent.before_last(), parent.ply + plies - 1, place))


def _close(stack: list[_OpenLine], place: int = 0) -> None:
    """Hang the innermost variation into its parent, unless nothing is left of it."""
    if len(stack) == 1:
        raise _BrokenLine("a variation is closed that was never opened", place, len(stack[0].line.moves))
    line = stack.pop().line
    parent = stack[-1].line
    if line.moves:
        parent.variations.setdefault(len(parent.moves) - 1, []).append(line)


def _finish(stack: list[_OpenLine], breaks: list[Break]) -> None:
    """Check what is unchecked, innermost first, and close the variations the text left open."""
    while stack:
        current = stack[-1]
        try:
            current.check()
        except _BrokenLine as error:
            breaks.append(Break(error.reason, error.place, current.ply + error.plies + 1))
            current.line.cut(error.plies)
        if len(stack) == 1:
            break
        breaks.append(Break("a variation is never closed", current.place, current.ply + 1))
        _close(stack)


def _add_comment(line: Variation, text: str) -> None:
    plies = len(line.moves)
    line.comments[plies] = f"{line.comments[plies]}\n{text}" if plies in line.comments else text


def _add_nag(line: Variation, token: re.Match[str]) -> None:
    nag = int(token["nag"]) if token["nag"] else _GLYPHS.get(token[0].replace("！", "!").replace("？", "?"))
    if nag and line.moves:
        line.nags.setdefault(len(line.moves) - 1, []).append(nag)
