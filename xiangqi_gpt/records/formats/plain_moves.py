"""The quick way through a game's text: numbers and moves in coordinates or Chinese, read and replayed by a kernel.

Whatever is not that (a comment, a variation, another notation, an illegal or an ambiguous move, the result) is left to
``movetext``, which goes on from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import kernels
from xiangqi_gpt.rules.jit import INT, INT8S, LETTERS, UINT16S, jit, jit_part
from xiangqi_gpt.rules.moves import MOVE_INDEX
from xiangqi_gpt.rules.pieces import ADVISOR, BISHOP, CANNON, KING, KNIGHT, PAWN, ROOK

if TYPE_CHECKING:
    from xiangqi_gpt.rules import Position

_WINDOW: Final = 1 << 16  # letters looked at: no game of plain moves has more
_LONGEST_TOKEN: Final = 16

# What a letter is: a kind, and for some a value in the lower four bits.
_OTHER, _SPACE, _DOT, _DASH = 0, 1, 2, 3
_FORWARD, _BACK, _LEVEL, _FRONT, _REAR = 4, 5, 6, 7, 8
_DIGIT, _NUMERAL, _PIECE, _FILE = 16, 32, 48, 64

_LETTERS: Final = np.zeros(1 << 16, np.uint8)


def _fill_letters() -> None:
    for letters, meaning in (
        (" \t\n\r\f\v\u3000", _SPACE),
        (".．、。", _DOT),
        ("-", _DASH),
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
    if not is_move or _letter(text, end) != _SPACE or (text[at] < 97) != (text[end - 2] < 97):
        return -1, end
    source = (second & 15) * 9 + (_letter(text, at) & 15)
    target = (fourth & 15) * 9 + (third & 15)
    if MOVE_INDEX[source, target] < 0 or not kernels.is_legal(board, side, source, target):
        return -1, end
    return MOVE_INDEX[source, target], end


@jit(LETTERS, INT, INT8S, INT, UINT16S)
def _read(text, stop, board, side, moves):  # type: ignore[no-untyped-def]
    """Kernel of ``read_plain_moves``: how many moves were read, and where it stopped."""
    at = n = 0
    while at < stop and n < moves.shape[0]:
        letter = _letter(text, at)
        if letter == _SPACE:
            at += 1
            continue
        if _DIGIT <= letter < _NUMERAL:
            end = at + 1
            while _DIGIT <= _letter(text, end) < _NUMERAL and end < at + _LONGEST_TOKEN:
                end += 1
            if _letter(text, end) == _DOT:
                while _letter(text, end) == _DOT:
                    end += 1
            elif _letter(text, end) != _SPACE:
                break
            at = end
            continue
        if letter >= _FILE:
            move, end = _coordinates(board, side, text, at)
        else:
            move = _chinese(board, side, letter, _letter(text, at + 1), _letter(text, at + 2), _letter(text, at + 3))
            end = at + 4
        if move < 0:
            break
        moves[n] = move
        kernels.replay(board, side, moves[n : n + 1])
        side = 1 - side
        n += 1
        at = end
    return n, at


def read_plain_moves(
    text: str, at: int, root: Position, most: int
) -> tuple[npt.NDArray[np.uint16], int, npt.NDArray[np.int8]]:
    """Legal moves from ``text[at:]`` as long as it is plain, at most ``most``; where it stops; the squares after them.

    >>> from xiangqi_gpt.rules import START_FEN, parse_fen
    >>> moves, end, _ = read_plain_moves("1. 炮二平五 h9g7 {good} 2. h0g2", 0, parse_fen(START_FEN), 100)
    >>> len(moves), end
    (2, 13)
    """
    window = text[at : at + _WINDOW]
    codes = np.frombuffer(window.encode("utf-32-le", "surrogatepass"), np.uint32)
    stop = len(codes) if at + _WINDOW >= len(text) else len(codes) - 2 * _LONGEST_TOKEN
    squares, moves = root.squares.copy(), np.empty(most, np.uint16)
    count, end = _read(codes, stop, squares, root.turn, moves)
    return moves[:count], at + end, squares
