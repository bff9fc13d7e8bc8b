"""FEN in and out, and the name of everything that can be wrong with one."""

import pytest
from hypothesis import given
from rules_helpers import boards

from xiangqi_gpt.rules import BLACK, START_FEN, Board, FenError, parse_fen

START = START_FEN.split()[0]


@given(boards)
def test_round_trip(board: Board) -> None:
    again = Board(board.fen())
    assert again.fen() == board.fen()
    assert again == board.copy(stack=False)
    assert Board(board.fen(), lenient=False) == again
    assert board.board_fen() == board.fen().split()[0]


def test_fields() -> None:
    position = parse_fen(f"{START} b - - 7 12")
    assert (position.turn, position.halfmove_clock, position.fullmove_number) == (BLACK, 7, 12)
    assert position.squares.sum() == 2 * (1 + 2 * (2 + 3 + 4 + 5 + 6) + 5 * 7) + 16 * 7


WRONG = {
    "": "empty FEN",
    START: "a FEN has 6 fields, this one 1: 'rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR'",
    f"{START_FEN} x": "a FEN has 6 fields, this one 7",
    "9/9/9/9/9/9/9/9/4K4 w - - 0 1": "a board has 10 ranks, this one 9",
    START_FEN.replace("rnbakabnr", "rnbakabnrr"): "rank 9 has more than 9 squares: 'rnbakabnrr'",
    START_FEN.replace("/9/1c5c1", "/99/1c5c1"): "rank 8 has more than 9 squares: '99'",
    START_FEN.replace("/9/1c5c1", "/8/1c5c1"): "rank 8 has fewer than 9 squares: '8'",
    START_FEN.replace("rnb", "rhb"): "unknown piece letter 'h' on rank 9: 'rhbakabnr'",
    START_FEN.replace("rnb", "r0b"): "unknown piece letter '0' on rank 9: 'r0bakabnr'",
    START_FEN.replace(" w ", " r "): "the side to move is 'w' (Red) or 'b' (Black), not 'r'",
    START_FEN.replace("0 1", "x 1"): "the plies without a capture is not a number: 'x'",
    START_FEN.replace("0 1", "-1 1"): "the plies without a capture is not a number: '-1'",
    START_FEN.replace("0 1", "0 0"): "the move number is less than 1: 0",
    "3k5/9/9/9/9/9/9/9/4K4/4K4 w - - 0 1": "red has 2 kings",
    "3k5/9/9/9/9/9/9/9/9/9 w - - 0 1": "red has no king",
    "9/9/9/9/9/9/9/9/9/4K4 w - - 0 1": "black has no king",
    "3k5/9/9/9/9/9/9/9/9/K8 w - - 0 1": "a red king cannot stand on a0: kings stay in the palace",
    "3k5/9/9/9/9/9/9/9/A8/4K4 w - - 0 1": "a red advisor cannot stand on a1: advisors stay on the five",
    "3k5/9/9/9/2B6/9/9/9/9/4K4 w - - 0 1": "a red elephant cannot stand on c5: elephants stay on seven",
    "3k5/9/9/9/9/2b6/9/9/9/4K4 w - - 0 1": "a black elephant cannot stand on c4",
    "3k5/9/9/9/9/9/9/P8/9/4K4 w - - 0 1": "a red pawn cannot stand on a2: pawns never go back and keep their file",
    "3k5/9/9/9/9/9/1P7/9/9/4K4 w - - 0 1": "a red pawn cannot stand on b3",
    "3k5/p8/9/9/9/9/9/9/9/4K4 w - - 0 1": "a black pawn cannot stand on a8",
    "3k5/9/RRR6/9/9/9/9/9/9/4K4 w - - 0 1": "red has 3 pieces of kind rook, at most 2 are possible",
    "3k5/9/9/pppppp3/9/9/9/9/9/4K4 w - - 0 1": "a black pawn cannot stand on b6",
    "3k5/9/9/9/9/pppppp3/9/9/9/4K4 w - - 0 1": "black has 6 pieces of kind pawn, at most 5 are possible",
    "3k4R/9/9/9/9/9/9/9/9/4K4 w - - 0 1": "black is in check although red is to move",
    "4k4/9/9/9/9/9/9/9/9/4K4 w - - 0 1": "black is in check although red is to move",
}


@pytest.mark.parametrize("fen", WRONG)
def test_a_wrong_fen_is_named(fen: str) -> None:
    with pytest.raises(FenError) as error:
        Board(fen, lenient=False)
    assert str(error.value).startswith(WRONG[fen])
    assert "\n" not in str(error.value)


def test_facing_kings_are_fine_for_neither_side() -> None:
    for side in "wb":
        with pytest.raises(FenError, match="is in check although"):
            Board(f"4k4/9/9/9/9/9/9/9/9/4K4 {side} - - 0 1")

    with pytest.raises(FenError, match="at most 6 fields"):
        Board(f"{START_FEN} x")


LENIENT = {
    START: START_FEN,
    f"{START} r": START_FEN,
    f"{START} B": f"{START} b - - 0 1",
    f"{START} w - -": START_FEN,
    f"{START} w - - 5 0": f"{START} w - - 5 1",
    f"{START} w - - - -": START_FEN,
    START_FEN.replace("n", "h").replace("N", "H").replace("b", "e").replace("B", "E"): START_FEN,
    START_FEN.replace("b", "m").replace("B", "M"): START_FEN,
}


@pytest.mark.parametrize("fen", LENIENT)
def test_what_other_programs_write_is_read_unless_refused(fen: str) -> None:
    assert Board(fen).fen() == LENIENT[fen]
    with pytest.raises(FenError):
        Board(fen, lenient=False)


def test_lenient_reading_still_refuses_what_no_game_could_reach() -> None:
    for fen, message in WRONG.items():
        if any(word in message for word in ("stand", "king", "possible", "check")):
            with pytest.raises(FenError):
                Board(fen)


@pytest.mark.parametrize("form", ["{}", '"{} w"', "https://example.org/?fen={}[]_w_-_-_0_1"])
def test_the_start_of_janggi_is_refused(form: str) -> None:
    with pytest.raises(FenError, match="start position of Janggi") as caught:
        parse_fen(form.format("rnba1abnr/4k4/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/4K4/RNBA1ANBR"))
    assert caught.value.code == "other_game"
