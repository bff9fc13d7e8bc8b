"""What a side wins by captures, checks and flights, against a plain minimax over boards."""

import numpy as np
import pytest
from random_games import random_game

from xiangqi_gpt.players.quiescence_kernels import forced_gain
from xiangqi_gpt.players.tactics_kernels import find_tactics
from xiangqi_gpt.rules import Board

WORTH = dict(zip(range(1, 8), (0, 200, 200, 400, 900, 450, 100), strict=True))


def kernel(board, plies, check_plies, budget=10**9):
    squares = board.squares.copy()
    stack, mark = np.empty((plies + 1, 128), np.int16), np.empty(90, np.int8)
    gain = forced_gain(squares, board.turn, plies, check_plies, stack, mark, np.array([budget]))
    assert (squares == board.squares).all()
    return gain


def minimax(board, plies, check_plies):
    """Every line, without alpha-beta: what the side to move gains of material."""
    if plies == 0:
        return 0
    is_check = board.is_check()
    moves = board.legal_moves
    if not moves:
        return -5000
    best = -(10**6) if is_check else 0
    for move in moves:
        victim = int(board.squares[move.to_square])
        won = WORTH[(victim - 1) % 7 + 1] if victim else 0
        board.push(move)
        if is_check or victim or (check_plies > 0 and board.is_check()):
            best = max(best, won - minimax(board, plies - 1, check_plies - 1))
        board.pop()
    return best


@pytest.mark.parametrize("seed", range(40))
def test_it_equals_a_plain_minimax(seed):
    board = random_game(seed, 20 + 2 * seed)
    if board.legal_moves:
        expected = minimax(board, 3, 2)
        if abs(expected) > 4000:  # a mate: a piece more or less on the way does not count
            assert abs(kernel(board, 3, 2)) == 1500
        else:
            assert kernel(board, 3, 2) == max(-1500, min(1500, expected))


def test_a_fork_by_check_wins_what_captures_do_not():
    board = Board("4k4/9/8N/7c1/9/9/9/9/9/3K5 w - - 0 1")  # the horse checks from g8 and takes the cannon on h6
    assert kernel(board, 5, 0) == 0
    assert kernel(board, 5, 1) == 450


def test_a_side_in_check_that_must_lose_a_piece_says_so():
    board = Board("4k4/9/8N/7c1/9/9/9/9/9/3K5 w - - 0 1")
    board.push_text("i7g8")
    assert kernel(board, 4, 0) == -450


def test_a_spent_budget_ends_it():
    board = random_game(7, 40)
    assert -1500 <= kernel(board, 8, 3, budget=5) <= 1500


def test_tactics_say_nothing_captures_or_checks_as_asked():
    boards = [random_game(seed, 50) for seed in range(30)]
    boards = [board for board in boards if board.legal_moves]
    squares = np.array([board.squares for board in boards])
    sides = np.array([board.turn for board in boards], np.int8)
    gains = np.zeros((3, len(boards)), np.int32)
    for quiescence in range(3):
        find_tactics(squares, sides, 0, 0, quiescence, np.zeros(len(boards), np.int16), gains[quiescence])
    assert not gains[0].any()
    assert (gains[1] >= 0).all() and gains[1].any()
    assert (gains[2] != gains[1]).any()
