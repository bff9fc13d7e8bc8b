"""Piece codes, squares and their names.

A square is ``rank * 9 + file`` (0..89, ``a0`` = 0 in Red's left corner as Red sees the board).
A piece is an ``int8``: 0 for an empty square, 1..7 for Red's K A B N R C P, 8..14 for Black's.
"""

from __future__ import annotations

from typing import Final

RED: Final = 0
BLACK: Final = 1
COLOR_NAMES: Final = ("red", "black")

FILES: Final = 9
RANKS: Final = 10
SQUARES: Final = FILES * RANKS

EMPTY: Final = 0
KING: Final = 1
ADVISOR: Final = 2
BISHOP: Final = 3
KNIGHT: Final = 4
ROOK: Final = 5
CANNON: Final = 6
PAWN: Final = 7
PIECE_TYPES: Final = 7

#: FEN letters by piece code; ``.`` is an empty square.
LETTERS: Final = ".KABNRCPkabnrcp"

#: English names by piece type.
TYPE_NAMES: Final = ("", "king", "advisor", "elephant", "horse", "rook", "cannon", "pawn")

#: How many pieces of each type a side starts with, by piece type.
START_COUNTS: Final = (0, 1, 2, 2, 2, 2, 2, 5)

#: What a piece is worth, in hundredths of a pawn, by piece type: for counting captures.
PIECE_VALUES: Final = {KING: 10_000, ADVISOR: 200, BISHOP: 200, KNIGHT: 400, ROOK: 900, CANNON: 450, PAWN: 100}

#: Characters by piece code, as printed on the pieces.
TRADITIONAL: Final = "．帥仕相傌俥炮兵將士象馬車砲卒"
SIMPLIFIED: Final = "．帅仕相马车炮兵将士象马车炮卒"


class Piece(int):
    """A piece code with the names of a piece: an ``int``, 0 (false) for an empty square.

    >>> rook = Piece.from_symbol("R")
    >>> rook == ROOK, rook.symbol(), rook.unicode_symbol(), rook.color == RED, rook.piece_type == ROOK
    (True, 'R', '俥', True, True)
    """

    __slots__ = ()

    @classmethod
    def of(cls, piece_type: int, color: int) -> Piece:
        """Return the piece of a type (``KING`` .. ``PAWN``) and a side."""
        return PIECES[piece_type + PIECE_TYPES * color]

    @classmethod
    def from_symbol(cls, symbol: str) -> Piece:
        """Return the piece of a FEN letter; ``ValueError`` for any other text."""
        code = LETTERS.find(symbol) if len(symbol) == 1 else -1
        if code < 1:
            raise ValueError(f"not the letter of a piece: {symbol!r}")
        return PIECES[code]

    @property
    def piece_type(self) -> int:
        """``KING`` .. ``PAWN``; 0 for an empty square."""
        return type_of(self)

    @property
    def color(self) -> int:
        """``RED`` or ``BLACK``; meaningless for an empty square."""
        return color_of(self)

    def symbol(self) -> str:
        """Return the FEN letter, Red's in capitals; ``.`` for an empty square."""
        return LETTERS[self]

    def unicode_symbol(self) -> str:
        """Return the character printed on the piece."""
        return TRADITIONAL[self]

    def __repr__(self) -> str:
        return f"Piece.from_symbol({self.symbol()!r})" if self else "Piece(0)"


#: Every piece by its code.
PIECES: Final = tuple(Piece(code) for code in range(len(LETTERS)))


def color_of(piece: int) -> int:
    """RED or BLACK for a piece code 1..14."""
    return RED if piece < 8 else BLACK


def type_of(piece: int) -> int:
    """Piece type 1..7 (KING..PAWN) for a piece code 1..14."""
    return piece if piece < 8 else piece - 7


def square(file: int, rank: int) -> int:
    """Square number of a file (0..8, a..i) and a rank (0..9)."""
    return rank * FILES + file


def square_name(sq: int) -> str:
    """ICCS name of a square, ``a0`` .. ``i9``."""
    return "abcdefghi"[sq % FILES] + str(sq // FILES)


def parse_square(text: str) -> int | None:
    """Square of an ICCS name in either case, or None when it names no square."""
    if len(text) != 2:
        return None
    file, rank = "abcdefghi".find(text[0].lower()), "0123456789".find(text[1])
    return None if file < 0 or rank < 0 else rank * FILES + file


def can_stand(piece: int, sq: int) -> bool:
    """Whether the rules let a piece stand on a square at all (palace, river, pawns behind their line)."""
    kind, color = type_of(piece), color_of(piece)
    file, rank = sq % FILES, sq // FILES
    if color == BLACK:
        rank = RANKS - 1 - rank
    if kind == KING:
        return rank <= 2 and 3 <= file <= 5
    if kind == ADVISOR:
        return (rank, file) in ((0, 3), (0, 5), (1, 4), (2, 3), (2, 5))
    if kind == BISHOP:
        return (rank, file) in ((0, 2), (0, 6), (2, 0), (2, 4), (2, 8), (4, 2), (4, 6))
    if kind == PAWN:
        return rank >= 5 or (rank >= 3 and file % 2 == 0)
    return True
