"""The moves of a game in text: variations and comments, in coordinates, Chinese, WXF or short algebraic notation.

Moves that stand one behind the other are read and replayed by a kernel (``plain_moves``); ``text_reader`` reads what
else there is, one token at a time. A game that does not replay as it stands is read again in the
other dialects (``dialect``), and keeps the one that replays furthest. What is no move is skipped and listed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from xiangqi_gpt.rules import START_FEN, Move, Position
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_TO

from ..game import Game
from ..results import UNKNOWN
from .dialect import OTHER_LETTERS, OTHER_SQUARES, STANDARD
from .move_tokens import (
    names_squares,
)
from .open_line import MAX_PLIES
from .plain_moves import PlainText
from .text_reader import Movetext, TextReader

_PLAIN_END: Final = re.compile(r"\s*(?:(1-0|0-1|1/2-1/2|\*(?!\*))(?![\w/:：-])|\Z)")
_NAMES_SQUARES: Final = ("coordinates", "san")


def read_movetext(text: str, at: int, game: Game, root: Position, *, from_one: bool = False) -> Movetext:
    """Read moves, comments, glyphs and variations from ``text[at:]`` into ``game``, which starts from ``root``.

    A line that breaks is cut before the break: a variation is skipped to its end, the main line ends the game. The
    game's dialect is the one in which its main line replays whole, or furthest. Where squares could be named in two
    ways, ranks count from 1 if ``from_one`` says that the game's source does so, else from 0, and ``ambiguous`` says
    so.
    """
    plain, squares = PlainText(text), root.squares.copy()
    first = plain.read(at, squares, root.turn, MAX_PLIES)
    if ended := _PLAIN_END.match(text, first.end):
        found = Movetext(first.moves, ended.end(), ended[1] or UNKNOWN)
    else:
        found = TextReader(text, at, root, STANDARD).go_on(plain, first, squares)
    if found.broke_at:
        others = OTHER_SQUARES if found.broke_at in _NAMES_SQUARES else OTHER_LETTERS
        if found.broke_at in (*_NAMES_SQUARES, "wxf"):
            tried = [found, *(TextReader(text, at, root, other).read() for other in others)]
            found = max(tried, key=lambda one: (not one.broke_at, len(one.moves)))
    elif game.root != START_FEN and not _touches_first_rank(found.moves):
        found = _told_apart(found, TextReader(text, at, root, OTHER_SQUARES[0]), from_one)
    if found.line is not None:
        found.line.fill(game)
    elif found.moves:
        game.extend(found.moves)
    return found


def _touches_first_rank(moves: Sequence[Move]) -> bool:
    """Whether a square of rank 0 is among those of some moves, which with ranks 1-10 none is."""
    indices = [move.index for move in moves]
    return not indices or bool((MOVE_FROM[indices] < 9).any() or (MOVE_TO[indices] < 9).any())


def _told_apart(found: Movetext, other: TextReader, from_one: bool) -> Movetext:
    """Which of two readings a game has that may count ranks from 0 or from 1."""
    again = other.read()
    if again.broke_at or not names_squares(other.text, other.at, again.end):
        return found
    if from_one:
        return again
    found.ambiguous = again.dialect
    return found
