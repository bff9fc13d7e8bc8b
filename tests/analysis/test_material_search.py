"""What material search sees: hanging pieces, mates, and nothing where there is nothing."""

import numpy as np
import pytest

from xiangqi_gpt.analysis import material_kernels as kernels
from xiangqi_gpt.analysis.material_search import MATE_SCORE, MaterialSearch
from xiangqi_gpt.rules import Board

NODES = 20_000


def after(*moves: str) -> Board:
    board = Board()
    for move in moves:
        board.push_uci(move)
    return board


def test_the_start_is_even():
    assert abs(MaterialSearch().search(Board(), NODES).cp) <= 100


def test_a_hanging_rook_is_seen():
    found = MaterialSearch().search(after("h2e2", "h7h3", "h0g2", "b7h7", "i0h0"), NODES)
    assert found.move.iccs() == "h7h0"
    assert 300 < found.cp < 700, "a rook, less the cannon that takes it"


@pytest.mark.parametrize(
    ("fen", "mate"),
    [
        ("3k5/R8/9/9/9/9/9/9/1R7/4K4 w - - 0 1", 1),
        ("4k4/R8/9/9/9/9/9/1R7/9/3K5 b - - 0 1", -1),
    ],
)
def test_mates_are_counted_in_moves(fen, mate):
    found = MaterialSearch().search(Board(fen), NODES)
    assert abs(found.cp) > MATE_SCORE
    assert found.mate == mate


def test_more_nodes_look_further_and_the_same_nodes_see_the_same():
    board = after("h2e2", "h9g7")
    few, many = (MaterialSearch().search(board, nodes) for nodes in (2_000, 60_000))
    assert few.depth < many.depth
    assert MaterialSearch().search(board, 60_000) == many


@pytest.mark.parametrize(
    ("fen", "won"),
    [
        ("3k5/9/9/r8/9/9/9/9/9/R3K4 w - - 0 1", True),
        ("3k5/9/9/r2c5/9/9/9/9/9/R3K4 w - - 0 1", True),  # a cannon beside it guards nothing
        ("r2k5/9/9/r8/9/9/9/9/9/R3K4 w - - 0 1", False),
    ],
)
def test_captures_are_followed_to_their_end(fen, won):
    board = Board(fen)
    squares = board.squares.copy()
    stack, mark = np.empty((kernels.MOST_PLIES + 1, 128), np.int16), np.empty(90, np.int8)
    material = kernels.balance(squares, board.turn)
    state = np.array([0, 10_000, -1], np.int64)
    order = np.empty((kernels.MOST_PLIES + 1, 128), np.int32)
    scored = kernels.captures_alone(squares, board.turn, -30_000, 30_000, 0, material, stack, order, mark, state)
    after = board.copy()
    after.push_uci("a0a6")
    assert scored == (-kernels.balance(after.squares.copy(), after.turn) if won else material)
    assert (squares == board.squares).all()
