"""The board as text for a terminal: Chinese pieces two columns wide, or letters, with or without colour."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.rules import Board, Move
from xiangqi_gpt.rules.pieces import FILES, LETTERS, RANKS, SIMPLIFIED, TRADITIONAL, color_of

from .output import display_width

#: English initials of the pieces, as in the window: H is the horse, E the elephant; Black's are small.
_WESTERN: Final = LETTERS.translate(str.maketrans("NBnb", "HEhe"))

#: Ways to write the pieces.
PIECE_STYLES: Final = {"traditional": TRADITIONAL, "simplified": SIMPLIFIED, "letters": _WESTERN}

_RED_FILES: Final = "九八七六五四三二一"
_BLACK_FILES: Final = "１２３４５６７８９"
_RIVER: Final = "楚河　　漢界"

_RESET: Final = "\x1b[0m"
_WOOD: Final = "\x1b[48;5;180m"
_LAST_MOVE: Final = "\x1b[48;5;222m"
_INKS: Final = ("\x1b[1;38;5;124m", "\x1b[1;38;5;16m")  # by colour
_FAINT: Final = "\x1b[38;5;137m"


def draw_board(board: Board, *, style: str = "traditional", flipped: bool = False, color: bool = False) -> str:
    """The board, Red below unless ``flipped``, with the last move lit when in colour.

    ``style`` is one of ``PIECE_STYLES``. The files are named a-i, and in Chinese styles also by each side's numbers.
    """
    wide = style != "letters"
    last = board.peek() if board.move_stack else None
    files = range(FILES)[::-1] if flipped else range(FILES)
    ranks = range(RANKS) if flipped else range(RANKS)[::-1]
    lines = []
    for rank in ranks:
        cells = "".join(_cell(board, rank * FILES + file, style, last, color) for file in files)
        lines.append(f" {rank} {_paint(' ', _WOOD, color)}{cells}")
        if wide and rank == (4 if flipped else 5):
            lines.append("   " + _paint(_centered(_RIVER, 3 * FILES + 1), _WOOD + _FAINT, color))
    letters = ["abcdefghi"[file] for file in files]
    if not wide:
        return "\n".join([*lines, "    " + " ".join(letters)])
    top, bottom = (_RED_FILES, _BLACK_FILES) if flipped else (_BLACK_FILES, _RED_FILES)
    numbers = ["    " + " ".join(row[file] for file in files) for row in (top, bottom)]
    return "\n".join([numbers[0], *lines, numbers[1], "    " + "  ".join(letters)])


def _cell(board: Board, square: int, style: str, last: Move | None, color: bool) -> str:
    piece = board.piece_at(square)
    wide = style != "letters"
    empty = ("＋" if color else "・") if wide else "."  # a grid where it can be faint, else a dot
    text = PIECE_STYLES[style][piece] if piece else empty
    lit = last is not None and square in (last.from_square, last.to_square)
    ink = _INKS[color_of(piece)] if piece else _FAINT
    return _paint(text, (_LAST_MOVE if lit else _WOOD) + ink, color) + _paint(" ", _WOOD, color)


def _paint(text: str, paint: str, color: bool) -> str:
    return f"{paint}{text}{_RESET}" if color else text


def _centered(text: str, width: int) -> str:
    space = width - display_width(text)
    return " " * (space // 2) + text + " " * (space - space // 2)
