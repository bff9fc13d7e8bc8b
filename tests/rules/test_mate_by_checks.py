"""Mates by checks and gains by captures, against plain searches with ``Board``."""

import numpy as np
import pytest

from xiangqi_gpt.rules import Board
from xiangqi_gpt.rules.kernels import MAX_MOVES
from xiangqi_gpt.rules.mate import find_mate
from xiangqi_gpt.rules.mate_kernels import mating_move
from xiangqi_gpt.rules.quiescence import capture_gain

WORTH = [0, *(0, 200, 200, 400, 900, 450, 100) * 2]


def _mates(board: Board, plies: int) -> int:
    for move in board.legal_moves:
        board.push(move)
        found = board.is_check() and (
            not board.legal_moves or (plies > 2 and all(_answered(board, reply, plies) for reply in board.legal_moves))
        )
        board.pop()
        if found:
            return move.index
    return -1


def _answered(board: Board, reply, plies: int) -> bool:
    board.push(reply)
    found = _mates(board, plies - 2) >= 0
    board.pop()
    return found


def _gain(board: Board, plies: int) -> int:
    best = 0
    for move in board.legal_moves if plies else ():
        if victim := board.piece_at(move.to_square):
            board.push(move)
            best = max(best, WORTH[victim] - _gain(board, plies - 1))
            board.pop()
    return best


def _positions(count: int):
    """Positions of random games that like to capture and to check."""
    random = np.random.default_rng(1)
    board = Board()
    for _ in range(count):
        moves = list(board.legal_moves)
        if not moves or len(board.move_stack) > 150:
            board, moves = Board(), list(Board().legal_moves)
        sharp = [move for move in moves if board.piece_at(move.to_square) or board.gives_check(move)]
        choice = sharp if sharp and random.random() < 0.3 else moves
        board.push(choice[int(random.integers(len(choice)))])
        yield board


@pytest.mark.slow
def test_kernels_agree_with_plain_searches():
    stack, mark = np.empty((6, MAX_MOVES), np.int16), np.empty(90, np.int8)
    mates = gains = 0
    for board in _positions(1000):
        squares = board.squares.copy()
        found = mating_move(squares, board.turn, 3, stack, mark, np.array([10**6]))
        gain = capture_gain(squares, board.turn, 3, stack, mark, np.array([10**6]))
        assert (found, gain) == (_mates(board, 3), _gain(board, 3)), board.fen()
        assert np.array_equal(squares, board.squares)
        mates, gains = mates + (found >= 0), gains + (gain > 0)
    assert mates > 10
    assert gains > 200


def test_a_line_to_mate_is_legal_and_ends_in_mate():
    board = Board("4k4/9/9/9/9/9/9/R8/1R7/3K5 w - - 0 1")
    line = find_mate(board, 7)
    assert len(line) == 3
    for move in line:
        board.check_legal(move)
        board.push(move)
    assert board.is_checkmate()
    assert find_mate(Board(), 5) == []


def test_a_budget_ends_the_search():
    board = Board("4k4/9/9/9/9/9/9/R8/1R7/3K5 w - - 0 1")
    assert find_mate(board, 5, budget=1) == []
