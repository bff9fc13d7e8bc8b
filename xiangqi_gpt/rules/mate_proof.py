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
from .geometry import RAY, RAY_LENGTH, STEP_BLOCK, STEP_COUNT, STEP_TARGET
from .jit import jit
from .kernels import MAX_MOVES, attacked, king_square, legal_moves, play, safe_after, take_back
from .moves import Move
from .pieces import BISHOP, CANNON, KNIGHT, ROOK

#: Moves tried before a proof is given up: some ten seconds.
PROOF_BUDGET: Final = 50_000_000


class ProofError(XiangqiError):
    """A question about mate that takes longer to answer than was allowed."""


@jit
def has_legal_move(board, side):
    """Whether a side has any legal move; stops at the first."""
    king = king_square(board, side)
    base = 7 * side
    for sq in range(90):
        piece = board[sq]
        kind = piece - base
        if kind < 1 or kind > 7:
            continue
        if kind in (ROOK, CANNON):
            for d in range(4):
                screens = 0
                for i in range(RAY_LENGTH[sq, d]):
                    to = RAY[sq, d, i]
                    other = board[to]
                    if other == 0:
                        if screens == 0 and safe_after(board, side, sq, to, king):
                            return True
                        continue
                    screens += 1
                    own = base < other <= base + 7
                    if not own and screens == (2 if kind == CANNON else 1) and safe_after(board, side, sq, to, king):
                        return True
                    if screens == 2 or kind == ROOK:
                        break
        else:
            for i in range(STEP_COUNT[piece, sq]):
                to = STEP_TARGET[piece, sq, i]
                other = board[to]
                if base < other <= base + 7 or (kind in (KNIGHT, BISHOP) and board[STEP_BLOCK[piece, sq, i]] != 0):
                    continue
                if safe_after(board, side, sq, to, king):
                    return True
    return False


@jit
def _list_attack(board, side, moves, mark):
    """List the legal moves, those that give check first; returns how many there are."""
    count = legal_moves(board, side, moves, mark)
    king = king_square(board, 1 - side)
    checks = 0
    for i in range(count):
        captured = play(board, moves[i])
        check = attacked(board, king, side)
        take_back(board, moves[i], captured)
        if check:
            moves[checks], moves[i] = moves[i], moves[checks]
            checks += 1
    return count


@jit
def _list_defence(board, side, moves, mark, refutation):
    """List the legal moves, ``refutation`` first if it is one; returns how many there are."""
    count = legal_moves(board, side, moves, mark)
    for i in range(1, count):
        if moves[i] == refutation:
            moves[0], moves[i] = moves[i], moves[0]
            break
    return count


@jit
def mating_move(board, side, n, only, moves, budget):
    """A move that mates within ``n`` moves whatever the answers, -1 when there is none.

    ``only`` is the one move to try, -1 for all; ``moves`` (2n, 128) int16 is scratch; ``budget`` (1,) int64 loses one a
    move tried, and below 0 the answer means nothing. Depth first over plies, the attacker's even and the defender's
    odd: what refuted the last move tried at a ply is the first answer to the next one. There is no recursion because a
    kernel that calls itself may crash when numba takes it from its cache.
    """
    mark = np.empty(90, np.int8)
    count, at = np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64)
    captured, refutation = np.zeros(2 * n, np.int8), np.full(2 * n, -1, np.int16)
    ply = 0
    count[0] = _list_attack(board, side, moves[0], mark)
    while True:
        if ply % 2 == 1:
            if at[ply] < count[ply]:
                captured[ply] = play(board, moves[ply, at[ply]])
                ply += 1
                count[ply], at[ply] = _list_attack(board, side, moves[ply], mark), 0
                continue
            ply -= 1
            take_back(board, moves[ply, at[ply]], captured[ply])
            mates = True
        elif at[ply] == count[ply] or budget[0] < 0:
            if ply == 0:
                return -1
            ply -= 1
            refutation[ply] = moves[ply, at[ply]]
            take_back(board, refutation[ply], captured[ply])
            ply -= 1
            take_back(board, moves[ply, at[ply]], captured[ply])
            mates = False
        else:
            move = moves[ply, at[ply]]
            if ply == 0 and only >= 0 and move != only:
                at[ply] += 1
                continue
            budget[0] -= 1
            captured[ply] = play(board, move)
            if ply < 2 * n - 2:
                ply += 1
                count[ply], at[ply] = _list_defence(board, 1 - side, moves[ply], mark, refutation[ply]), 0
                continue
            mates = not has_legal_move(board, 1 - side)
            take_back(board, move, captured[ply])
        if not mates:
            at[ply] += 1
        elif ply == 0:
            return moves[0, at[0]]
        else:  # this answer does not help: the next one
            ply -= 1
            take_back(board, moves[ply, at[ply]], captured[ply])
            at[ply] += 1


def mate_in(board: Board, most: int, *, budget: int = PROOF_BUDGET) -> int | None:
    """In how many moves, at most ``most``, the side to move forces mate; None when it does not.

    >>> mate_in(Board("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1"), 2)
    1

    Raises ``ProofError`` when more than ``budget`` moves had to be tried.
    """
    return next((n for n in range(1, most + 1) if _prove(board, n, -1, budget)), None)


def mating_moves(board: Board, n: int, *, most: int | None = None, budget: int = PROOF_BUDGET) -> list[Move]:
    """Every legal move that forces mate within ``n`` moves, itself included; the first ``most`` if so wished.

    Raises ``ProofError``.

    Leaving the opponent without a move wins too:

    >>> [str(move) for move in mating_moves(Board("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1"), 1)]
    ['b1b9', 'b1f1', 'a8f8']
    """
    if n < 1:
        return []
    return list(islice((move for move in board.legal_moves if _prove(board, n, move.index, budget)), most))


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


def _prove(board: Board, n: int, only: int, budget: int) -> bool:
    left = np.array([budget], np.int64)
    moves = np.empty((2 * n, MAX_MOVES), np.int16)
    found = mating_move(board.squares.copy(), board.turn, n, only, moves, left)
    if left[0] < 0:
        raise ProofError(f"whether {board.fen()} is mate in {n} takes more than {budget:,} moves to prove")
    return bool(found >= 0)
