"""One reading of a game's text in one dialect: lines of moves, and what is damaged, skipped or said beside them.

This is the one place that decides how far a word that is no move may be skipped, and what a break costs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import Move, Position

from ..errors import RecordError, Scope, moves_before
from ..results import UNKNOWN, result_of
from .dialect import STANDARD, Dialect, coordinates
from .move_tokens import (
    PASSES,
    UNCLOSED,
    Scanner,
    is_protocol,
    nag_of,
    names_squares,
    says_something,
    stands_alone,
    starts_game,
)
from .open_line import MAX_PLIES, BrokenLine, OpenLine
from .plain_moves import PlainMoves, PlainText

MAX_DEPTH: Final = 64
_LONGEST_RESULT: Final = 40
_SHOWN: Final = 5  # skipped words that a note names
_DOTS: Final = ".．、。…"
#: How the number of a first move begins.
_ONES: Final = frozenset(one + dot for one in "1１" for dot in ("", *_DOTS))
_MOVE_KINDS: Final = frozenset(("coordinates", "chinese", "wxf", "san"))
_COMMENT_NEXT: Final = (" {", "{", "\n{")
#: Tokens that say nothing of whether the moves before them can be played.
_BESIDE_MOVES: Final = frozenset(("comment", "number", "nag"))
_SHORT_RUN: Final = 16  # moves that a call of the kernel is not worth, where the others are in a table
_PLAIN_KINDS: Final = frozenset(("coordinates", "chinese", "wxf"))


@dataclass(frozen=True)
class Break:
    """What was wrong: a reason, where in the text, the ply (from 1), and the error's scope and moves before it."""

    reason: str
    place: int
    ply: int | None = None
    on_main_line: bool = True
    after: str = ""
    is_pass: bool = False  #: the line was ended by a pass, and nothing is wrong

    def error(self, line: int) -> RecordError:
        """Return the error, which stands in a line of the file."""
        scope: Scope = "note" if self.is_pass else "game" if self.on_main_line else "part"
        return RecordError(self.reason, line=line, ply=self.ply, scope=scope, after=self.after)


@dataclass
class Movetext:
    """What was read: the main line's moves, where the game ends in the text, its result, what was damaged."""

    moves: list[Move]
    end: int
    result: str = UNKNOWN
    breaks: list[Break] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    dialect: Dialect = STANDARD
    ambiguous: Dialect | None = None  #: another dialect in which the game replays too
    broke_at: str = ""  #: kind of the token at which the main line broke
    line: OpenLine | None = None  #: the main line with all that stands beside it, where it is more than ``moves``

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


class TextReader:
    """One reading of a game in one dialect."""

    def __init__(self, text: str, at: int, root: Position, dialect: Dialect) -> None:
        self.text, self.at = text, at
        self.table = coordinates(dialect)
        self.stack = [OpenLine(root, 0, at, dialect, self.table)]
        self.found = Movetext(self.stack[0].moves, len(text), dialect=dialect, line=self.stack[0])
        self.skipping = 0  # brackets still open in a broken variation, its own included
        self.stray = 0  # brackets that are open and start no variation
        self.late_result = UNKNOWN  # a result in a variation: the game's, if that is never closed
        self.jump = 0  # places before it are read already
        self.alert = False  # whether any of these, or the main line, is broken
        self.plain: PlainText | None = None
        self.piecemeal = False  # coordinates are taken one by one, and replayed all at once, later

    def read(self) -> Movetext:
        """Read to the end of the game."""
        self._scan(self.at)
        self._finish()
        return self.found

    def go_on(self, plain: PlainText, first: PlainMoves, squares: npt.NDArray[np.int8]) -> Movetext:
        """Read to the end of the game behind the moves at its beginning, which were played on ``squares``."""
        self.plain = plain
        self.stack[0].squares = squares
        if first.moves:
            self.stack[0].take_plain(first, self.at)
        self._scan(first.end)
        self._finish()
        return self.found

    def _scan(self, at: int) -> None:
        scanner = Scanner(self.text)
        while (token := self._scan_usual(scanner, at)) is not None:
            if isinstance(token, int):
                at = token
                continue
            unusual, at = scanner.unusual(token.start())
            if unusual and self._pass_over(unusual.lastgroup or "", unusual):
                return

    def _scan_usual(self, scanner: Scanner, at: int) -> re.Match[str] | int | None:
        """Read the usual tokens from a place on; the one that is not, or the place to go on at, or None at the end."""
        stack, text, table, is_standard = self.stack, scanner.text, self.table, self.found.dialect is STANDARD
        piecemeal = self.piecemeal = self.piecemeal or not is_standard
        for token in scanner.usual(at):  # the most frequent kinds first
            kind = token.lastgroup or ""
            if kind == "other":
                return token
            if self.alert:
                if self._pass_over(kind, token):
                    return None
            elif kind == "coordinates" and (piecemeal or text.startswith(_COMMENT_NEXT, token.end())):
                line, move = stack[-1], table.get(token[kind])
                if move is None or line.suspect or line.ply + len(line.places) >= MAX_PLIES:
                    self._take(kind, token)
                else:  # it is replayed later
                    line.moves.append(move)
                    line.places.append(token.start())
            elif kind == "number":
                if (stack[-1].suspect or token[kind][:2] in _ONES) and self._take(kind, token):
                    return None
            elif kind == "comment":
                stack[-1].add_comment(token[kind])
            elif is_standard and kind in _PLAIN_KINDS:
                if stack[-1].is_played and (end := self._read_plain(scanner, token.start())):
                    return end
                piecemeal = self.piecemeal
                self._take(kind, token)
            elif self._take(kind, token):
                return None
        return None

    def _read_plain(self, scanner: Scanner, place: int) -> int:
        """Take the moves from a place on as far as they are plain; where they end, 0 where the first is not."""
        if self.plain is None or self.plain.text is not scanner.text:
            self.plain = PlainText(scanner.text)
        line = self.stack[-1]
        played = line.played
        end = line.read_plain(self.plain, place)
        self.piecemeal = line.played - played < _SHORT_RUN
        return end if end > place else 0

    def _pass_over(self, kind: str, token: re.Match[str]) -> bool:
        """Read one token, of which something that is broken may be the reason to skip it; whether it ends the game."""
        if self.found.broke_at:
            return self._ends_after_break(kind, token[0].strip(), token.start())
        if token.start() < self.jump:
            return False
        if self.skipping:
            self._skip_in_variation(kind, token[0].strip())
        elif self._take(kind, token):
            return True
        self.alert = bool(self.skipping or token.end() < self.jump or self.found.broke_at)
        return False

    def _take(self, kind: str, token: re.Match[str]) -> bool:
        """Read one token; whether it ends the game."""
        current, place = self.stack[-1], token.start()
        try:
            if kind in _MOVE_KINDS:
                current.add(kind, token[kind], place)
                return False
            if kind not in _BESIDE_MOVES and kind != "open":  # which checks them itself
                current.check()  # what follows an illegal move is not looked at
            if kind == "number":
                return self._number(token["number"], place)
            if kind in ("comment", "rest", "words"):
                return self._comment(self.text[token.start(kind) : token.end(kind)], token)
            if kind == "open":
                self._open(place)
            elif kind == "close":
                self._close_bracket(place)
            elif kind == "result":
                return self._result(result_of(token[0]), token.end())
            elif kind in ("nag", "glyph"):
                self._glyph(token)
            elif kind in ("word", "html"):
                return self._word(token[0], place)
        except BrokenLine as error:
            self._break(error, kind)
            if kind not in _MOVE_KINDS:  # it stands behind the break, and counts as what does
                if self.found.broke_at:
                    return self._ends_after_break(kind, token[0].strip(), place)
                self._skip_in_variation(kind, token[0].strip())
        return False

    def _number(self, text: str, place: int) -> bool:
        """A move number; whether it is the first of another game, which has no tags."""
        if len(self.stack) == 1 and self._starts_game(text, place) and len(self.found.moves) > 1:
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
        if token.lastgroup == "words" and len(self.stack) == 1 and self.stack[0].moves:
            result = result_of(said)
            if result != UNKNOWN:
                return self._result(result, token.end())
        self.stack[-1].add_comment(said)
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
            current.add_comment(self.text[place + 1 : line_end])
            self._damaged("a comment is never closed", place)
            self.jump, self.alert = line_end, True
            return False
        for end in (line_end, place + len(word)):
            result = result_of(self.text[place:end]) if end - place <= _LONGEST_RESULT else UNKNOWN
            if result != UNKNOWN and current.moves:
                self.jump, self.alert = end, True
                return self._result(result, end)
        if current.moves and is_protocol(self.text, place):
            self.found.skipped.append(self.text[place:line_end].strip())
            self.jump, self.alert = line_end, True
        elif word == "(":
            self.stray += 1
        elif word in PASSES and not (word[0] == "-" and stands_alone(self.text, place, place + len(word))):
            raise current.passed(word, place)
        elif says_something(word):
            self.found.skipped.append(word)
            if word[0] not in "<&":
                current.suspect = current.suspect or (word, place)
        return False

    def _glyph(self, token: re.Match[str]) -> None:
        line, nag = self.stack[-1], nag_of(token)
        if nag and line.moves:
            line.add_nag(nag)

    # --- variations

    def _open(self, place: int) -> None:
        parent = self.stack[-1]
        plies = len(parent.moves)
        if not plies:
            raise BrokenLine("a variation stands before the first move", place, 0)
        if len(self.stack) > MAX_DEPTH:
            raise BrokenLine(f"variations are nested deeper than {MAX_DEPTH}", place, plies)
        start, ply = parent.before_last(), parent.ply + plies - 1
        self.stack.append(OpenLine(start, ply, place + 1, parent.dialect, self.table))

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
        line = self.stack.pop()
        if line.moves:
            parent = self.stack[-1]
            parent.others.setdefault(len(parent.moves), []).extend(line.variation())

    def _skip_in_variation(self, kind: str, text: str) -> None:
        if kind == "result" and text != "*":
            self.late_result = result_of(text)
        self.skipping += (kind == "open" or text == "(") - (kind == "close")
        if kind == "close" and not self.skipping:
            self._close()

    # --- what is damaged

    def _moves_before(self, depth: int, plies: int) -> list[Move]:
        """The moves from the root to a place in the line at some depth."""
        moves = [move for line in self.stack[:depth] for move in line.moves[:-1]]
        return moves + self.stack[depth].moves[:plies]

    def _damaged(self, reason: str, place: int) -> None:
        """Something beside the moves is damaged."""
        current = self.stack[-1]
        ply = current.ply + len(current.moves) + 1
        self.found.breaks.append(Break(reason, place, ply, on_main_line=False))

    def _break(self, error: BrokenLine, kind: str) -> None:
        """Cut the current line before what cannot be read."""
        self.alert = True
        current, depth = self.stack[-1], len(self.stack) - 1
        first = current.first_break(error)
        if kind == "open" and not depth and not current.moves:
            self._damaged(first.reason, first.place)  # the variation is lost, and nothing else
            lost = OpenLine(current.start, current.ply, first.place, current.dialect, self.table)
            self.stack.append(lost)
            return
        self._record(first, depth)
        if depth:
            self.skipping = 1
        else:
            self.found.broke_at = self._kind_of_break(kind, first)

    def _kind_of_break(self, kind: str, error: BrokenLine) -> str:
        """Which kind of move the main line broke at; any other token counts as the moves before it."""
        if error.names_squares:
            return "coordinates"
        if kind in _MOVE_KINDS:
            return kind
        return "coordinates" if names_squares(self.text, self.at, error.place) else kind

    def _record(self, first: BrokenLine, depth: int) -> None:
        current = self.stack[depth]
        after = moves_before(self._moves_before(depth, first.plies)) if depth else ""
        ply = current.ply + first.plies + 1
        self.found.breaks.append(Break(first.reason, first.place, ply, not depth, after, first.is_pass))
        current.cut(first.plies)
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
                except BrokenLine as error:
                    self._record(error, depth)
                    if depth:
                        self.stack.pop()  # as above
                        continue
                    self.found.broke_at = self._kind_of_break("word", error)
            if not depth:
                break
            self.found.breaks.append(
                Break("a variation is never closed", current.place - 1, current.ply + 1, on_main_line=False)
            )
            self._close()
