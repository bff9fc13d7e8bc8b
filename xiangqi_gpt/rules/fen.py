"""FEN in and out, with an error that names what is wrong.

``rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w - - 0 1``: ranks from the top, Red in capitals,
the side to move, two fields chess uses and Xiangqi leaves empty, plies since the last capture, move number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from . import kernels
from .errors import FenError
from .pasted_fen import tidy_fen
from .pieces import (
    ADVISOR,
    BISHOP,
    BLACK,
    COLOR_NAMES,
    EMPTY,
    FILES,
    KING,
    LETTERS,
    PAWN,
    RANKS,
    RED,
    SQUARES,
    START_COUNTS,
    TYPE_NAMES,
    can_stand,
    color_of,
    square_name,
    type_of,
)

START_FEN: Final = "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w - - 0 1"

_CODES: Final = {letter: code for code, letter in enumerate(LETTERS) if code}
_CONFINED: Final = {
    KING: "kings stay in the palace",
    ADVISOR: "advisors stay on the five points of the palace",
    BISHOP: "elephants stay on seven points of their side of the river",
    PAWN: "pawns never go back and keep their file until they have crossed the river",
}
_JANGGI_BOARD: Final = "4k4/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/4K4"
_JANGGI_BACK_RANK: Final = re.compile(r"r[nb]{2}a1a[nb]{2}r\Z", re.IGNORECASE)
_OTHER_PROGRAMS: Final = {"H": "N", "E": "B", "h": "n", "e": "b", "M": "B", "m": "b"}


@dataclass(frozen=True)
class Position:
    """What a FEN says: ``squares`` (90,) int8, the side to move, plies since the last capture, move number."""

    squares: npt.NDArray[np.int8]
    turn: int
    halfmove_clock: int = 0
    fullmove_number: int = 1


def is_start_position(position: Position) -> bool:
    """Return whether these are the pieces and the side to move that a game usually starts with."""
    return position.turn == RED and position.squares.tobytes() == _start_squares()


@cache  # reading a position loads compiled kernels, which a program that only starts need not wait for
def _start_squares() -> bytes:
    return parse_fen(START_FEN).squares.tobytes()


def parse_fen(text: str, *, lenient: bool = True) -> Position:
    """Read a FEN.

    It may lack fields at its end, and may be written as other programs do and people paste it: ``r`` or ``red`` for
    Red to move, H and E for knight and elephant, pockets, the address of a site around it. With ``lenient=False`` only
    the form that ``format_fen`` writes is read. What no game could reach is refused. Raises ``FenError``.
    """
    fields = (tidy_fen(text) if lenient else text).split()
    if not fields:
        raise FenError("empty FEN", code="fen_empty")
    if not lenient and len(fields) != 6:
        raise FenError(f"a FEN has 6 fields, this one {len(fields)}: {text.strip()!r}", code="fen_fields")
    if len(fields) > 6:
        raise FenError(f"a FEN has at most 6 fields, this one {len(fields)}: {text.strip()!r}", code="fen_fields")
    if lenient and is_janggi_start(fields[0]):
        raise FenError("the start position of Janggi, not of Xiangqi", code="other_game")
    squares = _parse_board(fields[0], lenient)
    turn = _parse_turn(fields[1] if len(fields) > 1 else "w", lenient)
    halfmoves = _parse_count(fields[4] if len(fields) > 4 else "0", "plies without a capture", 0, lenient)
    fullmove = _parse_count(fields[5] if len(fields) > 5 else "1", "move number", 1, lenient)
    check_position(squares, turn)
    return Position(squares, turn, halfmoves, fullmove)


def is_janggi_start(board: str) -> bool:
    """Return whether the first field of a FEN is the start of Janggi, whose kings stand on the second rank."""
    first, _, rest = board.partition("/")
    middle, _, last = rest.rpartition("/")
    return middle == _JANGGI_BOARD and all(map(_JANGGI_BACK_RANK.match, (first, last)))


def _parse_board(text: str, lenient: bool) -> npt.NDArray[np.int8]:
    rows = text.split("/")
    if len(rows) != RANKS:
        raise FenError(f"a board has {RANKS} ranks, this one {len(rows)}: {text!r}", code="fen_ranks", count=len(rows))
    squares = np.zeros(SQUARES, dtype=np.int8)
    for i, row in enumerate(rows):
        rank, file = RANKS - 1 - i, 0
        for letter in row:
            if "1" <= letter <= "9":
                file += int(letter)
                continue
            code = _CODES.get(_OTHER_PROGRAMS.get(letter, letter) if lenient else letter)
            if code is None:
                why = f"unknown piece letter {letter!r} on rank {rank}: {row!r}"
                raise FenError(why, code="fen_letter", letter=letter, rank=rank)
            if file < FILES:
                squares[rank * FILES + file] = code
            file += 1
        if file != FILES:
            why = f"rank {rank} has {'more' if file > FILES else 'fewer'} than {FILES} squares: {row!r}"
            raise FenError(why, code="fen_squares", rank=rank)
    return squares


def _parse_turn(text: str, lenient: bool) -> int:
    if text == "w" or (lenient and text.lower() in ("r", "w", "red", "white")):
        return RED
    if text == "b" or (lenient and text.lower() in ("b", "black")):
        return BLACK
    raise FenError(f"the side to move is 'w' (Red) or 'b' (Black), not {text!r}", code="fen_side")


def _parse_count(text: str, what: str, least: int, lenient: bool) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 6:
        return max(int(text), least) if lenient else _at_least(int(text), what, least)
    if lenient:
        return least
    raise FenError(f"the {what} is not a number: {text!r}", code="fen_count")


def _at_least(value: int, what: str, least: int) -> int:
    if value < least:
        raise FenError(f"the {what} is less than {least}: {value}", code="fen_count")
    return value


def check_position(squares: npt.NDArray[np.int8], turn: int) -> None:
    """Raise ``FenError`` for a position that no game could reach: counts, squares, kings, check."""
    counts = [0] * len(LETTERS)
    for sq in range(SQUARES):
        piece = int(squares[sq])
        if piece == EMPTY:
            continue
        counts[piece] += 1
        if not can_stand(piece, sq):
            name = f"{COLOR_NAMES[color_of(piece)]} {TYPE_NAMES[type_of(piece)]}"
            why = f"a {name} cannot stand on {square_name(sq)}: {_CONFINED[type_of(piece)]}"
            raise FenError(why, code="fen_place", square=square_name(sq))
    for piece in range(1, len(LETTERS)):
        color, kind, most = COLOR_NAMES[color_of(piece)], TYPE_NAMES[type_of(piece)], START_COUNTS[type_of(piece)]
        if type_of(piece) == KING and counts[piece] != 1:
            code = "fen_many" if counts[piece] else "fen_no_king"
            raise FenError(f"{color} has {f'{counts[piece]} kings' if counts[piece] else 'no king'}", code=code)
        if counts[piece] > most:
            why = f"{color} has {counts[piece]} pieces of kind {kind}, at most {most} are possible"
            raise FenError(why, code="fen_many")
    if kernels.in_check(squares, 1 - turn):
        why = f"{COLOR_NAMES[1 - turn]} is in check although {COLOR_NAMES[turn]} is to move"
        raise FenError(why, code="fen_check")


def format_board(squares: npt.NDArray[np.int8]) -> str:
    """The first field of a FEN."""
    rows = []
    for rank in range(RANKS - 1, -1, -1):
        row, empty = "", 0
        for piece in squares[rank * FILES : (rank + 1) * FILES].tolist():
            if piece == EMPTY:
                empty += 1
                continue
            row += (str(empty) if empty else "") + LETTERS[piece]
            empty = 0
        rows.append(row + (str(empty) if empty else ""))
    return "/".join(rows)


def format_fen(position: Position) -> str:
    """All six fields of a FEN."""
    side = "w" if position.turn == RED else "b"
    return f"{format_board(position.squares)} {side} - - {position.halfmove_clock} {position.fullmove_number}"
