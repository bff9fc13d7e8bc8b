"""The board: pushing and popping, queries, copies, and how games end."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_games import random_game
from rules_helpers import boards

from xiangqi_gpt.rules import BLACK, MOVES, RED, Board, Move, Outcome, Termination
from xiangqi_gpt.rules.natural_limit import counted_plies
from xiangqi_gpt.rules.pieces import LETTERS, SIMPLIFIED, TRADITIONAL, parse_square, square_name


def state(board: Board) -> tuple:
    """Every field of a board."""
    return (
        board.squares.tobytes(),
        board.turn,
        board.halfmove_clock,
        board.fullmove_number,
        board.zobrist,
        board.ply,
        tuple(board.move_stack),
        board.fen(),
    )


def play(fen: str, moves: str) -> Board:
    board = Board(fen)
    for text in moves.split():
        board.push(Move.from_iccs(text))
    return board


@given(boards)
def test_push_then_pop_restores_every_field(board: Board) -> None:
    before = state(board)
    for move in board.legal_moves:
        board.push(move)
        assert board.peek() == move
        assert state(board) != before
        assert board.pop() == move
        assert state(board) == before


@given(boards)
def test_mirror_twice_is_the_same_game(board: Board) -> None:
    mirrored = board.mirror()
    assert {move.mirror() for move in board.legal_moves} == set(mirrored.legal_moves)
    assert mirrored.is_check() == board.is_check()
    assert state(mirrored.mirror()) == state(board)


@given(boards)
def test_the_hash_depends_on_the_position_only(board: Board) -> None:
    assert Board(board.fen()).zobrist == board.zobrist
    after = set()
    for move in board.legal_moves:
        board.push(move)
        after.add(board.zobrist)
        assert Board(board.fen()).zobrist == board.zobrist
        board.pop()
    assert len(after) == len(board.legal_moves)


@given(boards)
@settings(max_examples=25)
def test_legal_moves_answer_like_a_container(board: Board) -> None:
    legal = board.legal_moves
    moves = list(legal)
    assert len(legal) == len(moves) == len(set(moves))
    assert bool(legal) == bool(moves)
    assert [move for move in MOVES if move in legal] == sorted(moves, key=lambda move: move.index)
    assert [move for move in MOVES if board.is_legal(move)] == sorted(moves, key=lambda move: move.index)
    assert "h2e2" not in legal


@given(boards)
def test_check_is_what_the_checkers_say(board: Board) -> None:
    assert bool(board.checkers()) == board.is_check()
    for move in board.legal_moves:
        gives = board.gives_check(move)
        board.push(move)
        assert board.is_check() == gives
        board.pop()


def test_a_copy_is_independent() -> None:
    board = random_game(np.random.default_rng(3), 10)
    copy, bare = board.copy(), board.copy(stack=False)
    assert copy == board
    assert bare == board
    assert bare.move_stack == []
    copy.pop()
    assert copy != board
    assert len(board.move_stack) == 10


def test_equality_looks_at_counters_too() -> None:
    assert Board() == Board()
    assert Board() != Board("rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w - - 1 1")
    assert Board() != "a board"


def test_attackers_see_what_each_piece_sees() -> None:
    board = Board("3k5/9/9/4n4/9/2C1P4/4r4/9/9/4K4 w - - 0 1")
    names = {
        name: [square_name(sq) for sq in board.attackers(BLACK, parse_square(name))] for name in ("e4", "c5", "e3")
    }
    assert names == {"e4": ["e3"], "c5": ["e6"], "e3": []}
    assert [square_name(sq) for sq in board.checkers()] == ["e3"]


def test_the_board_as_text() -> None:
    assert str(Board()).splitlines()[0] == "9 r n b a k a b n r"
    assert Board().render(TRADITIONAL).splitlines()[-2] == "0 俥傌相仕帥仕相傌俥"
    assert Board().render(SIMPLIFIED).splitlines()[0] == "9 车马象士将士象马车"
    assert Board().render(LETTERS) == str(Board())
    assert repr(Board()) == f"Board({Board().fen()!r})"


def test_pop_and_peek_on_an_empty_stack() -> None:
    with pytest.raises(IndexError):
        Board().pop()
    with pytest.raises(IndexError):
        Board().peek()


def test_ply_counts_from_the_start_of_the_game() -> None:
    board = Board("4k4/9/9/9/9/9/9/9/9/3K5 b - - 0 7")
    assert board.ply == 13
    board.push(Move.from_iccs("e9e8"))
    assert (board.ply, board.fullmove_number, board.turn) == (14, 8, RED)


# --- how games end


MATE = "R2k5/8R/9/9/9/9/9/9/9/4K4 b - - 0 1"
STALEMATE = "3k5/8R/9/9/9/9/9/9/9/4K4 b - - 0 1"


def test_checkmate() -> None:
    board = Board(MATE)
    assert board.is_checkmate()
    assert not board.is_stalemate()
    assert (board.outcome().winner, board.outcome().termination) == (RED, Termination.CHECKMATE)
    assert board.result() == "1-0"


def test_stalemate_loses() -> None:
    board = Board(STALEMATE)
    assert board.is_stalemate()
    assert not board.is_checkmate()
    outcome = board.outcome()
    assert (outcome.winner, outcome.termination) == (RED, Termination.STALEMATE)
    assert str(outcome) == "red wins (stalemate): black has no legal move"


def test_insufficient_material() -> None:
    board = Board("3ak4/9/4b4/9/9/9/9/4B4/9/3K1A3 w - - 0 1")
    assert board.outcome().termination is Termination.INSUFFICIENT_MATERIAL
    assert Board("3ak4/9/4b4/9/9/9/P8/4B4/9/3K1A3 w - - 0 1").outcome() is None


def test_the_limit_without_a_capture_can_be_set() -> None:
    board = Board("3ak4/9/4b4/9/9/9/P8/4B4/9/3K1A3 w - - 119 90")
    assert board.outcome() is None
    assert board.outcome(no_capture_limit=100).termination is Termination.NO_CAPTURE
    move = Move.from_iccs("a3a4")
    assert board.outcome_after(move).result == "1/2-1/2"
    assert board.outcome_after(move, no_capture_limit=121) is None
    assert board.move_stack == []


def checking_game(seed: int) -> tuple[Board, int]:
    """A game up to the natural limit in which Red checks wherever that ends nothing, and how often that was."""
    random, checks = np.random.default_rng(seed), 0
    board = Board("3ak4/4a4/9/9/9/9/R8/9/4R4/5K3 w - - 90 60")
    while board.halfmove_clock < 120:
        quiet = [move for move in board.legal_moves if not board.piece_at(move.to_square)]
        moves = [move for move in quiet if board.outcome_after(move, no_capture_limit=500) is None]
        if not moves:
            break
        checking = [move for move in moves if board.turn == RED and board.gives_check(move)]
        checks += bool(checking)
        board.push((checking or moves)[random.integers(len(checking or moves))])
    return board, checks


def test_checks_beyond_those_that_count_lengthen_the_limit() -> None:
    games = (checking_game(seed) for seed in range(200))
    board, checks = next(game for game in games if game[0].halfmove_clock == 120 and game[1] > 11)
    assert board.outcome().termination is Termination.NO_CAPTURE
    assert board.outcome(most_checks=checks).termination is Termination.NO_CAPTURE
    assert board.outcome(most_checks=10) is None
    assert board.outcome(no_capture_limit=counted_plies(board, 10), most_checks=10) is not None


@given(st.integers(0, 10**6), st.integers(0, 4))
def test_plies_that_count_are_those_that_are_no_excessive_check_nor_its_answer(seed: int, most: int) -> None:
    random = np.random.default_rng(seed)
    board = Board("3k5/4P4/9/9/4R4/9/9/9/4r4/5K3 w - - 3 1")
    is_check: list[bool] = []
    for _ in range(40):
        moves = [move for move in board.legal_moves if not board.piece_at(move.to_square)]
        if not moves:
            break
        checking = [move for move in moves if board.gives_check(move)]
        move = (checking or moves)[random.integers(len(checking or moves))]
        is_check.append(bool(checking))
        board.push(move)
    excess = [given and sum(is_check[n % 2 : n : 2]) >= most for n, given in enumerate(is_check)]
    free = sum(now or (n > 0 and excess[n - 1]) for n, now in enumerate(excess))
    assert counted_plies(board, most) == 3 + len(is_check) - free


def test_mate_comes_before_the_limit() -> None:
    assert Board(MATE.replace("0 1", "300 200")).outcome().termination is Termination.CHECKMATE


def test_outcome_after_warns_of_a_losing_repeat() -> None:
    board = play("4k4/9/9/9/9/9/9/9/3R5/5K3 w - - 0 1", "d1e1 e9d9 e1d1 d9e9 d1e1 e9d9 e1d1")
    assert board.outcome() is None
    after = board.outcome_after(Move.from_iccs("d9e9"))
    assert (after.winner, after.termination) == (BLACK, Termination.PERPETUAL_CHECK)
    assert board.outcome_after(Move.from_iccs("d9d8")) is None


def test_repetitions_are_counted_since_the_last_capture() -> None:
    cycle = "a0a1 a9a8 a1a0 a8a9 "
    board = play("r2k5/9/9/9/9/9/9/9/9/R4K3 w - - 0 1", cycle * 2)
    assert board.repetitions() == 3
    board.pop()
    assert board.repetitions() == 2
    assert Board(board.fen()).repetitions() == 1


def test_a_game_in_progress_has_no_outcome() -> None:
    assert Board().outcome() is None
    assert Board().result() == "*"


def test_an_outcome_is_certain_for_either_side() -> None:
    won, drawn = Outcome(RED, Termination.CHECKMATE), Outcome(None, Termination.REPETITION)
    assert (won.wdl(RED), won.wdl(BLACK)) == ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    assert drawn.wdl(RED) == drawn.wdl(BLACK) == (0.0, 1.0, 0.0)
