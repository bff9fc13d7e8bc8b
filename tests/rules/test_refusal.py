"""Why a move is refused."""

import pytest
from hypothesis import given
from rules_helpers import boards

from xiangqi_gpt.rules import START_FEN, Board, IllegalMoveError, Move, Refusal, why_illegal
from xiangqi_gpt.rules.pieces import SQUARES, parse_square
from xiangqi_gpt.rules.refusal import explain_refusal

REASONS = {
    (START_FEN, "e4", "e5"): Refusal.EMPTY_SQUARE,
    (START_FEN, "h7", "e7"): Refusal.NOT_YOURS,
    (START_FEN, "a0", "b0"): Refusal.OWN_PIECE,
    (START_FEN, "h2", "h2"): Refusal.NOT_ITS_MOVE,
    (START_FEN, "e3", "d3"): Refusal.NOT_ITS_MOVE,
    (START_FEN, "e0", "f1"): Refusal.NOT_ITS_MOVE,
    (START_FEN, "b0", "c3"): Refusal.OWN_PIECE,
    (START_FEN, "b0", "d1"): Refusal.LEG_BLOCKED,
    (START_FEN, "a0", "a4"): Refusal.PATH_BLOCKED,
    (START_FEN, "h2", "h8"): Refusal.PATH_BLOCKED,
    (START_FEN, "h2", "h7"): Refusal.NO_SCREEN,
    ("3k5/9/9/9/9/9/9/9/9/2B1K4 w - - 0 1", "c0", "e2"): None,
    ("3k5/9/9/9/9/9/9/4B4/3p5/2B1K4 w - - 0 1", "e2", "c0"): Refusal.OWN_PIECE,
    ("3k5/9/9/9/9/9/9/4B4/3p5/4K4 w - - 0 1", "e2", "c0"): Refusal.EYE_BLOCKED,
    ("3k5/9/9/9/9/9/9/9/9/4K4 w - - 0 1", "e0", "d0"): Refusal.KINGS_FACE,
    ("4k4/9/9/9/4N4/9/9/9/9/4K4 w - - 0 1", "e5", "d7"): Refusal.KINGS_FACE,
    ("3k5/9/9/9/9/9/9/4r4/9/4K4 w - - 0 1", "e0", "e1"): Refusal.STILL_IN_CHECK,
    ("3k5/9/9/9/9/9/9/5r3/9/4K4 w - - 0 1", "e0", "f0"): Refusal.INTO_CHECK,
    ("3k5/9/9/4r4/9/9/9/4R4/9/4K4 w - - 0 1", "e2", "a2"): Refusal.INTO_CHECK,
    ("3k5/9/9/4c4/9/9/9/9/R8/4K4 w - - 0 1", "a1", "e1"): Refusal.INTO_CHECK,
}


@pytest.mark.parametrize(("fen", "source", "target"), REASONS)
def test_the_reason(fen: str, source: str, target: str) -> None:
    squares = parse_square(source), parse_square(target)
    expected = REASONS[fen, source, target]
    assert why_illegal(Board(fen), *squares) == expected
    sentence = explain_refusal(Board(fen), *squares)
    assert bool(sentence) == (expected is not None)
    if expected not in (None, Refusal.NOT_YOURS):
        assert sentence == f"{source} to {target}: {expected}"


@pytest.mark.slow
@given(boards)
def test_a_move_is_refused_exactly_when_it_is_not_legal(board: Board) -> None:
    legal = {(move.from_square, move.to_square) for move in board.legal_moves}
    allowed = {
        (source, target)
        for source in range(SQUARES)
        for target in range(SQUARES)
        if why_illegal(board, source, target) is None
    }
    assert allowed == legal


def test_check_legal_raises_the_reason() -> None:
    Board().check_legal(Move.from_iccs("h2e2"))
    with pytest.raises(IllegalMoveError, match="a cannon captures over exactly one piece"):
        Board().check_legal(Move.from_iccs("h2h7"))
    with pytest.raises(IllegalMoveError, match="no piece"):
        Board().push_text("e4e5")
