"""Any text as a position or a move: it is read, or refused with an error of the rules."""

import pytest
from fuzzing import damaged_text, fuzz
from hypothesis import strategies as st
from rules_helpers import boards

from xiangqi_gpt.rules import START_FEN, Board, FenError, XiangqiError, parse_move

FENS = (
    START_FEN,
    "rheakaehr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RHEAKAEHR r",
    "3akab2/3c5/4b3c/p2PN3p/7r1/2RN2p2/P3P3n/4C4/4A4/2B1KAB2 b - - 99 999999",
)
MOVES = ("h2e2", "H2-E2", "炮二平五", "馬８進７", "前炮退一", "三卒平四", "前四进1", "C2.5", "+R-3", "5P+1", "C+.3")
SIGNS = "帅將仕士相象马馬車砲炮兵卒前中后後进進退平一二九１９0123456789+-.=KABEHNRCPabcdefghi "


@pytest.mark.slow
def test_fuzz_fen():
    def check(text, lenient):
        try:
            board = Board(text, lenient=lenient)
        except FenError as error:
            assert "\n" not in str(error)
            return
        assert Board(board.fen()) == board
        assert all(board.is_legal(move) for move in board.legal_moves)

    fuzz(check, damaged_text(FENS) | st.text("rnbakcpRNBAKCPHEhe123456789/ wb-", max_size=90), st.booleans())


@pytest.mark.slow
def test_fuzz_notation():
    def check(board, text):
        try:
            move = parse_move(board, text)
        except XiangqiError as error:
            assert "\n" not in str(error)
            return
        assert board.is_legal(move)

    fuzz(check, boards, damaged_text(MOVES) | st.text(SIGNS, min_size=3, max_size=5))
