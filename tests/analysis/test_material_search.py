"""What material search sees: hanging pieces, mates, and nothing where there is nothing."""

from random import Random

import numpy as np
import pytest

from xiangqi_gpt.analysis import material_kernels as kernels
from xiangqi_gpt.analysis.balance_kernels import balance, piece_counts
from xiangqi_gpt.analysis.material_search import MATE_SCORE, MaterialSearch
from xiangqi_gpt.analysis.move_order_kernels import (
    MOVE_BITS,
    MOVE_MASK,
    list_captures,
    list_quiet,
    loses_exchange,
)
from xiangqi_gpt.rules import MOVES, Board, Move
from xiangqi_gpt.rules.moves import MOVE_TO

NODES = 20_000


def after(*moves: str) -> Board:
    board = Board()
    for move in moves:
        board.push_uci(move)
    return board


def scratch() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    stack = np.zeros((kernels.MOST_PLIES + 1, kernels.MOVE_SPACE), np.int64)
    frames = np.zeros((kernels.MOST_PLIES + 1 + kernels.MOST_PAST, kernels.FRAME_COLUMNS), np.int64)
    return stack, np.zeros((kernels.HISTORY_ROWS, 90), np.int32), frames


def listed(board: Board) -> list[tuple[int, int]]:
    """The pseudo-legal moves, captures first, as indices with their ranks."""
    stack, history, _ = scratch()
    squares = board.squares.copy()
    captures = list_captures(squares, board.turn, stack, 0)
    count = list_quiet(squares, board.turn, stack, 0, captures, history, -1, -1, -1)
    assert all(squares[MOVE_TO[move & MOVE_MASK]] for move in stack[0, :captures])
    return [(int(entry) & MOVE_MASK, int(entry) >> MOVE_BITS) for entry in stack[0, :count]]


@pytest.mark.parametrize("seed", range(8))
def test_captures_and_quiet_moves_are_all_moves(seed):
    random, board = Random(seed), Board()
    while board.outcome() is None and len(board.move_stack) < 120:
        moves = [MOVES[move] for move, _ in listed(board)]
        assert len(set(moves)) == len(moves)
        assert {move for move in moves if board.is_legal(move)} == set(board.legal_moves)
        board.push(random.choice(list(board.legal_moves)))


def test_the_best_victim_is_taken_first_by_the_least_piece():
    board = Board("3k5/9/9/9/r3c4/9/1N7/9/4R4/4K4 w - - 0 1")
    ranks = {str(MOVES[move]): rank for move, rank in listed(board) if rank}
    assert max(ranks, key=ranks.get) == "b3a5" and ranks["e1e5"] < ranks["b3a5"]


@pytest.mark.parametrize(
    ("fen", "move", "loses"),
    [
        ("3k5/9/9/9/p8/9/9/9/9/R3K4 w - - 0 1", "a0a5", False),
        ("r2k5/9/9/9/p8/9/9/9/9/R3K4 w - - 0 1", "a0a5", True),
        ("r2k5/9/9/9/n8/9/9/9/R8/R3K4 w - - 0 1", "a1a5", False),  # both sides capture twice
        ("3k5/9/2n6/9/p8/9/9/9/9/R3K4 w - - 0 1", "a0a5", False),  # the horse does not guard it
        ("3k5/9/1n7/9/p8/9/9/9/9/R3K4 w - - 0 1", "a0a5", True),
    ],
)
def test_exchanges_are_counted_to_their_end(fen, move, loses):
    board, tried = Board(fen), Move.from_iccs(move)
    squares = board.squares.copy()
    assert loses_exchange(squares, board.turn, tried.from_square, tried.to_square) == loses
    assert (squares == board.squares).all()


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
    material = balance(squares, board.turn)
    stack, history, frames = scratch()
    state = np.array([0, 10_000, *[0] * (kernels.STATE_SIZE - 2)], np.int64)
    scored = kernels.captures_alone(
        squares, board.turn, -30_000, 30_000, 0, material, piece_counts(squares), stack, history, frames, state
    )
    after = board.copy()
    after.push_uci("a0a6")
    assert scored == (-balance(after.squares.copy(), after.turn) if won else material)
    assert (squares == board.squares).all()


#: Black, to move, could check for ever with the rook.
CHECKS = "2ba1k3/4a4/4b4/6p2/6P2/R1p5p/n1PCP1c1P/N2AB1N2/5r3/2BAK3c b - - 0 1"


def test_a_third_check_in_the_same_position_is_no_way_out():
    board = Board(CHECKS)
    for move in ("f1f0", "e0e1", "f0f1", "e1e0", "f1f0", "e0e1"):
        board.push_uci(move)
    found = MaterialSearch().search(board, NODES)
    assert found.move.iccs() != "f0f1"
    assert abs(found.cp) < MATE_SCORE


def test_what_a_game_has_repeated_is_not_remembered_of_other_games():
    search, board = MaterialSearch(), Board(CHECKS)
    alone = MaterialSearch().search(board, NODES)
    for move in ("f1f0", "e0e1", "f0f1", "e1e0", "f1f0", "e0e1", "f0f1"):
        board.push_uci(move)
    assert search.search(board, NODES).cp > kernels.MATE, "Red's only move is the third time"
    assert abs(search.search(Board(CHECKS), NODES).cp - alone.cp) < 100


def test_checks_without_end_save_nobody():
    """Black is mated unless it checks for ever, which the rules forbid."""
    board = Board("6R2/3k5/9/p7p/9/P8/8P/B3r4/3r5/R4K3 w - - 0 1")
    assert MaterialSearch().search(board, 400_000).mate > 3
