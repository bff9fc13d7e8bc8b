"""Proofs that material is won by force within n moves: every move of both sides is tried, quiet ones too.

What is won must still be there after all captures in turn that the opponent can begin after the last of the n moves.
It is a proof up to that horizon: a loss of material that takes a quiet move after it is not seen. Repetition plays no
part.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np

from .board import Board
from .kernels import MAX_MOVES
from .mate_proof import PROOF_BUDGET, prove
from .moves import Move
from .proof_kernels import CAPTURE_PLIES, material_balance
from .quiescence import capture_gain


def balance(board: Board, side: int) -> int:
    """Return the material of a side less that of the other, in centipawns.

    >>> balance(Board("3k5/9/9/9/9/9/9/9/9/R3K4 w - - 0 1"), 0)
    900
    """
    return int(material_balance(board.squares, side))


def win_in(board: Board, most: int, goal: int, *, budget: int = PROOF_BUDGET) -> int | None:
    """Return in how many moves, at most ``most``, the side to move forces a balance of ``goal``; None for not.

    The rook gives check, and takes the rook behind the king:

    >>> board = Board("4k2r1/9/9/9/9/9/9/9/R8/3K5 w - - 0 1")
    >>> win_in(board, 2, balance(board, 0) + 900)
    2

    Raises ``ProofError`` when more than ``budget`` moves had to be tried.
    """
    return next((n for n in range(1, most + 1) if prove(board, n, -1, goal, budget)), None)


def is_winning(board: Board, n: int, goal: int, *, budget: int = PROOF_BUDGET) -> bool:
    """Return whether the side to move forces a balance of ``goal`` after ``n`` moves. Raises ``ProofError``."""
    return prove(board, n, -1, goal, budget)


def winning_moves(
    board: Board,
    n: int,
    goal: int,
    *,
    most: int | None = None,
    among: Iterable[Move] | None = None,
    budget: int = PROOF_BUDGET,
) -> list[Move]:
    """Return every legal move that forces a balance of ``goal`` after ``n`` moves; the first ``most`` if so wished.

    ``among``: only these are tried. Raises ``ProofError``.
    """
    if n < 1:
        return []
    tried = board.legal_moves if among is None else among
    return list(islice((move for move in tried if prove(board, n, move.index, goal, budget)), most))


def is_won(board: Board, goal: int) -> bool:
    """Return whether the side that has just moved has a balance of ``goal``, whatever is captured in turn."""
    return not board.legal_moves or balance(board, 1 - board.turn) - _captures(board) >= goal


def stubborn_defence(board: Board, n: int, goal: int, *, budget: int = PROOF_BUDGET) -> tuple[Move, int | None] | None:
    """Return the reply after which the goal takes longest, and how many moves, at most ``n``; None moves for never.

    The side to move defends. None when it has no move. Of replies that are alike, that which leaves the opponent the
    least. Raises ``ProofError``.
    """
    found: tuple[tuple[int, int], Move, int | None] | None = None
    for move in board.legal_moves:
        board.push(move)
        try:
            needed = win_in(board, n, goal, budget=budget)
            left = balance(board, board.turn) + _captures(board)
        finally:
            board.pop()
        key = (n + 1 if needed is None else needed, -left)
        if found is None or key > found[0]:
            found = key, move, needed
    return None if found is None else found[1:]


def winning_line(board: Board, n: int, goal: int, *, budget: int = PROOF_BUDGET) -> list[Move]:
    """Return a line that wins within ``n`` moves, the defence as stubborn as it can be; empty when there is none.

    Raises ``ProofError``.
    """
    played, line = board.copy(stack=False), list[Move]()
    left = win_in(played, n, goal, budget=budget)
    while left:
        line.append(winning_moves(played, left, goal, most=1, budget=budget)[0])
        played.push(line[-1])
        if left == 1 or is_won(played, goal):
            break
        answer = stubborn_defence(played, left - 1, goal, budget=budget)
        if answer is None:
            break
        line.append(answer[0])
        played.push(answer[0])
        left = answer[1] or 0
    return line


def _captures(board: Board) -> int:
    """Return what the side to move wins by captures in turn."""
    stack, mark = np.empty((CAPTURE_PLIES + 1, MAX_MOVES), np.int16), np.empty(90, np.int8)
    return int(capture_gain(board.squares.copy(), board.turn, CAPTURE_PLIES, stack, mark, np.array([100_000])))
