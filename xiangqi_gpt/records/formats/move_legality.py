"""Moves replayed by the rules' kernel, for readers that take many at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import Board, IllegalMoveError, Move, Position, kernels


def first_illegal(squares: npt.NDArray[np.int8], turn: int, moves: Sequence[Move]) -> tuple[int, str] | None:
    """The place of the first illegal move, and why it is; None where all are legal.

    The legal ones before it are played on ``squares`` (90,), with ``turn`` to move first.
    """
    legal = _play(squares, turn, moves)
    if legal == len(moves):
        return None
    try:
        Board.from_position(Position(squares, (turn + legal) % 2)).check_legal(moves[legal])
    except IllegalMoveError as error:
        return legal, str(error)
    return legal, f"{moves[legal]} is not legal"


def position_after(start: Position, moves: Sequence[Move]) -> Position:
    """The position after moves that are legal."""
    squares = start.squares.copy()
    _play(squares, start.turn, moves)
    return Position(squares, (start.turn + len(moves)) % 2)


def _play(squares: npt.NDArray[np.int8], turn: int, moves: Sequence[Move]) -> int:
    return int(kernels.replay(squares, turn, np.array([move.index for move in moves], np.uint16)))
