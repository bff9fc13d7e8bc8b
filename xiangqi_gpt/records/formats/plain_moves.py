"""The quick way through a game's text: numbers and moves in coordinates, Chinese or WXF, read and replayed by a kernel.

Whatever is not that (a comment, a variation, a rarer form, an illegal or an ambiguous move, the result) is left to
``text_reader``, which goes on from there and comes back for the moves behind it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import MOVES, Move, kernels
from xiangqi_gpt.rules.jit import INT, INT8S, LETTERS, UINT16S, jit, jit_part
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_INDEX, MOVE_TO
from xiangqi_gpt.rules.pieces import ADVISOR, BISHOP, CANNON, KING, KNIGHT, PAWN, ROOK

_FIRST_WINDOW: Final = 1 << 13  # letters looked at: most games have fewer
_WINDOW: Final = 1 << 16
_LONGEST_TOKEN: Final = 16
_SHORTEST_MOVE: Final = 4
_MOST: Final = 10_000  # moves read at once

# What a letter is: a kind, and for some a value in the lower four bits.
_OTHER, _SPACE, _DOT, _DASH = 0, 1, 2, 3
_FORWARD, _BACK, _LEVEL, _FRONT, _REAR = 4, 5, 6, 7, 8
_PLUS, _COMMA, _END = 9, 10, 11  # + and #, which say check or mate; what may stand between moves; what may end one
_DIGIT, _NUMERAL, _PIECE, _FILE = 16, 32, 48, 64

_LETTERS: Final = np.zeros(1 << 16, np.uint8)
#: The WXF letter of a piece -> the kind of letter that the Chinese name is.
_WXF_PIECES: Final = np.zeros(128, np.uint8)


def _fill_letters() -> None:
    for letters, meaning in (
        (" \t\n\r\f\v\u3000", _SPACE),
        (".．、。", _DOT),
        ("-", _DASH),
        ("+#", _PLUS),
        (",，；", _COMMA),
        ("{}();!?！？$（）", _END),
        ("进進", _FORWARD),
        ("退", _BACK),
        ("平", _LEVEL),
        ("前", _FRONT),
        ("后後", _REAR),
        ("帅帥将將", _PIECE + KING),
        ("仕士", _PIECE + ADVISOR),
        ("相象", _PIECE + BISHOP),
        ("马馬傌", _PIECE + KNIGHT),
        ("车車俥伡", _PIECE + ROOK),
        ("炮砲包", _PIECE + CANNON),
        ("兵卒", _PIECE + PAWN),
    ):
        for letter in letters:
            _LETTERS[ord(letter)] = meaning
    for first, meaning in (
        ("0123456789", _DIGIT),
        ("０１２３４５６７８９", _NUMERAL),
        ("〇一二三四五六七八九", _NUMERAL),
    ):
        for value, letter in enumerate(first):
            _LETTERS[ord(letter)] = meaning + value
    for value, letter in enumerate("abcdefghi"):
        _LETTERS[ord(letter)] = _LETTERS[ord(letter.upper())] = _FILE + value
    for letters, kind in (
        ("k", KING),
        ("a", ADVISOR),
        ("be", BISHOP),
        ("nh", KNIGHT),
        ("r", ROOK),
        ("c", CANNON),
        ("p", PAWN),
    ):
        for letter in letters:
            _WXF_PIECES[ord(letter)] = _WXF_PIECES[ord(letter.upper())] = _PIECE + kind


_fill_letters()


@jit(LETTERS, INT)
def _letter(text, at):  # type: ignore[no-untyped-def]
    """What stands at a place; a space after the end."""
    if at >= text.shape[0]:
        return _SPACE
    return _LETTERS[text[at]] if text[at] < 65536 else _OTHER


@jit_part
def _number(letter):  # type: ignore[no-untyped-def]
    """The value of a digit or numeral from 1 to 9, 0 for anything else."""
    return letter & 15 if _DIGIT <= letter < _PIECE else 0


@jit_part
def _target(source, kind, side, action, number):  # type: ignore[no-untyped-def]
    """Where a piece goes, -1 where it cannot."""
    forward = 1 if side == 0 else -1
    if action == _BACK:
        forward = -forward
    file = 9 - number if side == 0 else number - 1
    if action == _LEVEL:
        return source // 9 * 9 + file
    if kind not in (ADVISOR, BISHOP, KNIGHT):
        target = source + forward * 9 * number
    else:
        sideways = abs(file - source % 9)
        ahead = 0
        if kind == ADVISOR and sideways == 1:
            ahead = 1
        elif kind == BISHOP and sideways == 2:
            ahead = 2
        elif kind == KNIGHT and (sideways == 1 or sideways == 2):
            ahead = 3 - sideways
        if ahead == 0:
            return -1
        target = (source // 9 + forward * ahead) * 9 + file
    return target if 0 <= target < 90 else -1


@jit_part
def _chinese(board, side, first, second, action, last):  # type: ignore[no-untyped-def]
    """The one legal move that four letters mean, -1 where there is none or more than one."""
    number = _number(last)
    tandem = first in (_FRONT, _REAR)
    kind = (second if tandem else first) - _PIECE
    if not 1 <= kind <= 7 or number == 0 or not _FORWARD <= action <= _LEVEL:
        return -1
    only = -1
    if tandem:
        begin, end = 0, 9
    else:
        file = _number(second)
        if file == 0:
            return -1
        begin = 9 - file if side == 0 else file - 1
        end = begin + 1
    for column in range(begin, end):
        lowest = highest = -1
        for source in range(column, 90, 9):
            if board[source] == kind + 7 * side:
                lowest = source if lowest < 0 else lowest
                highest = source
        if highest < 0 or (tandem and lowest == highest):
            continue
        for source in range(lowest, highest + 1, 9):
            if board[source] != kind + 7 * side:
                continue
            if tandem and source != (highest if (first == _FRONT) == (side == 0) else lowest):
                continue
            target = _target(source, kind, side, action, number)
            if target >= 0 and MOVE_INDEX[source, target] >= 0 and kernels.is_legal(board, side, source, target):
                if only >= 0:
                    return -1
                only = MOVE_INDEX[source, target]
    return only


@jit_part
def _coordinates(board, side, text, at):  # type: ignore[no-untyped-def]
    """The legal move in coordinates at a place, or -1, and where it ends."""
    end = at + (5 if _letter(text, at + 2) == _DASH else 4)
    second, third, fourth = _letter(text, at + 1), _letter(text, end - 2), _letter(text, end - 1)
    is_move = _DIGIT <= second < _NUMERAL and _DIGIT <= fourth < _NUMERAL and third >= _FILE
    if not is_move or (text[at] < 97) != (text[end - 2] < 97):
        return -1, end
    source = (second & 15) * 9 + (_letter(text, at) & 15)
    target = (fourth & 15) * 9 + (third & 15)
    if MOVE_INDEX[source, target] < 0 or not kernels.is_legal(board, side, source, target):
        return -1, end
    return MOVE_INDEX[source, target], end


@jit_part
def _wxf_action(text, at):  # type: ignore[no-untyped-def]
    """The direction that a sign at a place means, 0 where there is none."""
    sign = text[at] if at < text.shape[0] else 0
    if sign == 43:  # +
        return _FORWARD
    if sign == 45:  # -
        return _BACK
    return _LEVEL if sign == 46 or sign == 61 else 0  # . or =


@jit_part
def _wxf_piece(text, at):  # type: ignore[no-untyped-def]
    """The piece that a letter at a place means, as the kind of its Chinese name; 0 for none."""
    return _WXF_PIECES[text[at]] if at < text.shape[0] and text[at] < 128 else 0


@jit(LETTERS, INT, INT, INT8S, INT, UINT16S, INT)
def _read(text, at, stop, board, side, moves, first_of_line):  # type: ignore[no-untyped-def]
    """Kernel of ``PlainText.read``: how many moves were read, where the last one ends, and the piece that it took."""
    n, captured = 0, 0
    end_of_moves = at
    while at < stop and n < moves.shape[0]:
        letter = _letter(text, at)
        if letter in (_SPACE, _COMMA):
            at += 1
            continue
        if _DIGIT < letter < _NUMERAL:  # a number begins with 1 to 9
            end = at + 1
            while _DIGIT <= _letter(text, end) < _NUMERAL and end < at + _LONGEST_TOKEN:
                end += 1
            if letter == _DIGIT + 1 and end == at + 1 and (n > 0 or not first_of_line):
                break  # another game may begin here
            if _letter(text, end) == _DOT:
                while _letter(text, end) == _DOT:
                    end += 1
            elif _letter(text, end) != _SPACE:
                break
            at = end
            continue
        # The three notations differ in what they look at first; the search by files is compiled once for two of them.
        first, second, third, last = letter, _letter(text, at + 1), _letter(text, at + 2), _letter(text, at + 3)
        end = at + 4
        needs_end = True
        if letter >= _FILE and third != _DOT and not (_DIGIT <= last < _NUMERAL and _wxf_action(text, at + 2) > 0):
            move, end = _coordinates(board, side, text, at)
        else:
            action = _wxf_action(text, at + 2)
            if action > 0 and _DIGIT <= last < _NUMERAL:
                if _wxf_piece(text, at) > 0:
                    first = _wxf_piece(text, at)
                    second = second if _DIGIT <= second < _NUMERAL else 0
                else:
                    tandem = _wxf_action(text, at)
                    first = _FRONT if tandem == _FORWARD else _REAR if tandem == _BACK else 0
                    second = _wxf_piece(text, at + 1)
                third = action
            else:
                needs_end = False
            move = _chinese(board, side, first, second, third, last)
        if move < 0:
            break
        after = _letter(text, end)
        if needs_end and after != _SPACE and not _PLUS <= after <= _END:
            break
        while _letter(text, end) == _PLUS:
            end += 1
        captured = board[MOVE_TO[move]]
        board[MOVE_TO[move]] = board[MOVE_FROM[move]]
        board[MOVE_FROM[move]] = 0
        moves[n] = move
        side = 1 - side
        n += 1
        at = end_of_moves = end
    return n, end_of_moves, captured


class PlainMoves(NamedTuple):
    """Moves that were read in one go, where the last one ends in the text, and the piece that it took (0: none)."""

    moves: list[Move]
    end: int
    captured: int


class PlainText:
    """A text whose plain moves can be read from any place.

    >>> from xiangqi_gpt.rules import START_FEN, parse_fen
    >>> text = PlainText("1. 炮二平五 H8+7 {good} 2. h0g2")
    >>> text.read(0, parse_fen(START_FEN).squares.copy(), 0, 100)[:2]
    ([Move(from_square=25, to_square=22, index=576), Move(from_square=88, to_square=69, index=2059)], 12)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._first = self._until = 0  # the window: its first letter, and where a token may be cut off
        self._most_here = 0  # moves that the window has room for
        self._next = 0  # from here on the next window is looked at
        self._letters: npt.NDArray[np.uint32] = np.zeros(0, np.uint32)
        self._moves = np.empty(_MOST, np.uint16)

    def read(self, at: int, squares: npt.NDArray[np.int8], turn: int, most: int, *, first: bool = True) -> PlainMoves:
        """Return at most ``most`` legal moves from ``text[at:]`` as long as it is plain, played on ``squares``.

        Unless they are the ``first`` of their line, a number 1 ends them, since another game may begin there.
        """
        if not self._first <= at < self._next:
            self._load(at)
        count, end, captured = _read(
            self._letters,
            at - self._first,
            self._until - self._first,
            squares,
            turn,
            self._moves if most > self._most_here else self._moves[:most],
            first,
        )
        if count == 1:
            return PlainMoves([MOVES[self._moves[0]]], self._first + end, captured)
        return PlainMoves([MOVES[index] for index in self._moves[:count].tolist()], self._first + end, captured)

    def _load(self, at: int) -> None:
        size = _WINDOW if self._until else _FIRST_WINDOW
        window = self.text[at : at + size].encode("utf-32-le", "surrogatepass")
        self._letters = np.frombuffer(window, np.uint32)
        self._first, self._until = at, at + len(self._letters)
        self._most_here = len(self._letters) // _SHORTEST_MOVE
        self._next = self._until + 1
        if self._until < len(self.text):
            self._until -= 2 * _LONGEST_TOKEN
            self._next = self._until - _LONGEST_TOKEN
