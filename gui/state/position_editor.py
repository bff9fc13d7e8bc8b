"""A position being set up: pieces put anywhere, and what the rules have against it. Nothing here draws."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xiangqi_gpt.rules import RED, START_FEN, Board, Position, kernels, parse_fen
from xiangqi_gpt.rules.fen import format_fen
from xiangqi_gpt.rules.pieces import EMPTY, FILES, KING, LETTERS, SQUARES, START_COUNTS, can_stand, color_of, type_of


class Fault(Enum):
    """Why a position cannot be played."""

    NO_KING = auto()
    TOO_MANY = auto()
    WRONG_PLACE = auto()
    KINGS_FACE = auto()
    CAPTURABLE_KING = auto()


@dataclass(frozen=True)
class PositionFault:
    """A fault and what it is about: a side, a piece code, a square; None where it has no meaning."""

    fault: Fault
    side: int | None = None
    piece: int | None = None
    square: int | None = None


Squares = NDArray[np.int8]
#: Changes that can be undone.
_MOST_CHANGES: Final = 200


class PositionEditor:
    """Ninety squares and the side to move, legal or not."""

    def __init__(self, fen: str = START_FEN) -> None:
        """Raises ``FenError``."""
        self.revision = 0
        self._past: list[tuple[Squares, int]] = []
        self._squares, self.turn = _parsed(fen)

    def load(self, fen: str) -> None:
        """Take over the position of a FEN. Raises ``FenError`` and leaves all as it was."""
        self._change(*_parsed(fen))

    def _change(self, squares: Squares, turn: int) -> None:
        """Go over to another position; the one before can be gone back to."""
        if turn == self.turn and (squares == self._squares).all():
            return
        self._past = [*self._past[1 - _MOST_CHANGES :], (self._squares, self.turn)]
        self._squares, self.turn = squares, turn
        self.revision += 1

    def undo(self) -> None:
        """Go back to the position before the last change, if there was one."""
        if self._past:
            self._squares, self.turn = self._past.pop()
            self.revision += 1

    def forget_changes(self) -> None:
        """Let nothing be undone beyond this position."""
        self._past.clear()

    @property
    def can_undo(self) -> bool:
        """Whether something has been changed."""
        return bool(self._past)

    @property
    def squares(self) -> list[int]:
        """The piece code on each of the 90 squares, 0 where there is none."""
        codes: list[int] = self._squares.tolist()
        return codes

    def place(self, square: int, piece: int) -> None:
        """Put a piece on a square; a king that stood elsewhere leaves its square. ``EMPTY`` clears the square."""
        squares = self._squares.copy()
        if type_of(piece) == KING and piece != EMPTY:
            squares[squares == piece] = EMPTY
        squares[square] = piece
        self._change(squares, self.turn)

    def move(self, source: int, target: int) -> None:
        """Move whatever stands on a square to another."""
        if source != target:
            squares = self._squares.copy()
            squares[target], squares[source] = squares[source], EMPTY
            self._change(squares, self.turn)

    def set_turn(self, side: int) -> None:
        """Say who moves."""
        self._change(self._squares, side)

    def clear(self) -> None:
        """Take away everything but the kings, put where they do not face each other."""
        squares = np.full_like(self._squares, EMPTY)
        squares[4], squares[SQUARES - 6] = KING, KING + 7
        self._change(squares, RED)

    def start(self) -> None:
        """Set up the start of a game."""
        self.load(START_FEN)

    def mirror(self) -> None:
        """Exchange left and right."""
        self._change(self._squares.reshape(-1, FILES)[:, ::-1].reshape(-1).copy(), self.turn)

    def swap_colors(self) -> None:
        """Turn the board round and exchange the colours: the same position with the sides exchanged."""
        turned = self._squares[::-1]
        swapped = np.where(turned == EMPTY, EMPTY, np.where(turned < 8, turned + 7, turned - 7)).astype(np.int8)
        self._change(swapped, 1 - self.turn)

    def left(self, piece: int) -> int:
        """Return how many more of a piece the rules allow."""
        return START_COUNTS[type_of(piece)] - int((self._squares == piece).sum())

    def faults(self) -> list[PositionFault]:
        """Return what no game could lead to; empty for a position that can be played."""
        found: list[PositionFault] = []
        for piece in range(1, len(LETTERS)):
            count = int((self._squares == piece).sum())
            if type_of(piece) == KING and not count:
                found.append(PositionFault(Fault.NO_KING, side=color_of(piece), piece=piece))
            if count > START_COUNTS[type_of(piece)]:
                found.append(PositionFault(Fault.TOO_MANY, side=color_of(piece), piece=piece))
        for square, piece in enumerate(self.squares):
            if piece != EMPTY and not can_stand(piece, square):
                found.append(PositionFault(Fault.WRONG_PLACE, side=color_of(piece), piece=piece, square=square))
        if not any(fault.piece in (KING, KING + 7) for fault in found):
            if self._kings_face():
                found.append(PositionFault(Fault.KINGS_FACE))
            elif kernels.in_check(self._squares, 1 - self.turn):
                found.append(PositionFault(Fault.CAPTURABLE_KING, side=1 - self.turn))
        return found

    def _kings_face(self) -> bool:
        red, black = (int(np.flatnonzero(self._squares == king)[0]) for king in (KING, KING + 7))
        between = self._squares[red + FILES : black : FILES]
        return red % FILES == black % FILES and not between.any()

    def fen(self) -> str:
        """Return the position as a FEN, legal or not."""
        return format_fen(Position(self._squares, self.turn))

    def board(self) -> Board | None:
        """Return the position as a board; None while something is wrong with it."""
        return None if self.faults() else Board(self.fen(), lenient=True)


def _parsed(fen: str) -> tuple[Squares, int]:
    """Return the squares and the side to move of a FEN. Raises ``FenError``."""
    position = parse_fen(fen, lenient=True)
    return position.squares.copy(), position.turn
