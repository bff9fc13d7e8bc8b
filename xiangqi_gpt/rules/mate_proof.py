"""Proofs of a forced mate in n moves: every move of both sides is tried, quiet ones too.

``mate`` finds mates by checks, which is what a search can afford at every turn; this is the judge of puzzles. Having
no legal move loses in Xiangqi, so stalemate counts as mate here. Repetition plays no part: a mate is shorter than any.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

import numpy as np

from .board import Board
from .errors import XiangqiError
from .kernels import MAX_MOVES
from .moves import Move
from .proof_kernels import CAPTURE_PLIES, MATE, forcing_move

#: Moves tried before a proof is given up: some ten seconds.
PROOF_BUDGET: Final = 50_000_000


class ProofError(XiangqiError):
    """A question about what is forced that takes longer to answer than was allowed."""


def mate_in(board: Board, most: int, *, budget: int = PROOF_BUDGET) -> int | None:
    """In how many moves, at most ``most``, the side to move forces mate; None when it does not.

    >>> mate_in(Board("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1"), 2)
    1

    Raises ``ProofError`` when more than ``budget`` moves had to be tried.
    """
    return next((n for n in range(1, most + 1) if prove(board, n, -1, MATE, budget)), None)


def mating_moves(board: Board, n: int, *, most: int | None = None, budget: int = PROOF_BUDGET) -> list[Move]:
    """Return every legal move that forces mate within ``n`` moves, itself included; the first ``most`` if so wished.

    Raises ``ProofError``.

    Leaving the opponent without a move wins too:

    >>> [str(move) for move in mating_moves(Board("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1"), 1)]
    ['b1b9', 'b1f1', 'a8f8']
    """
    if n < 1:
        return []
    return list(islice((move for move in board.legal_moves if prove(board, n, move.index, MATE, budget)), most))


def stubborn_reply(board: Board, most: int, *, budget: int = PROOF_BUDGET) -> tuple[Move, int | None] | None:
    """The reply after which mate takes longest, and in how many moves it then comes, at most ``most``, None for not.

    None when there is no reply: that is mate. The side to move is the one that is being mated; the first such reply
    in the order of the legal moves. Raises ``ProofError``.
    """
    longest: tuple[Move, int | None] | None = None
    for move in board.legal_moves:
        board.push(move)
        try:
            n = mate_in(board, most, budget=budget)
        finally:
            board.pop()
        if n is None:
            return move, None
        if longest is None or n > (longest[1] or 0):
            longest = move, n
    return longest


def mating_line(board: Board, most: int, *, budget: int = PROOF_BUDGET) -> list[Move]:
    """A shortest forced mate within ``most`` moves, the defence as stubborn as it can be; empty when there is none.

    Raises ``ProofError``.
    """
    played, line = board.copy(stack=False), list[Move]()
    n = mate_in(played, most, budget=budget)
    while n:
        line.append(mating_moves(played, n, most=1, budget=budget)[0])
        played.push(line[-1])
        answer = stubborn_reply(played, n - 1, budget=budget) if n > 1 else None
        if answer is None:
            break
        line.append(answer[0])
        played.push(answer[0])
        n = answer[1]
    return line


def prove(board: Board, n: int, only: int, goal: int, budget: int) -> bool:
    """Return whether the side to move forces a goal of ``forcing_move`` in ``n`` moves. Raises ``ProofError``."""
    left = np.array([budget], np.int64)
    moves, captures = np.empty((2 * n, MAX_MOVES), np.int16), np.empty((CAPTURE_PLIES + 1, MAX_MOVES), np.int16)
    found = forcing_move(board.squares.copy(), board.turn, n, only, goal, moves, captures, left)
    if left[0] < 0:
        what = "is mate" if goal == MATE else "wins material"
        raise ProofError(f"whether {board.fen()} {what} in {n} takes more than {budget:,} moves to prove")
    return bool(found >= 0)
