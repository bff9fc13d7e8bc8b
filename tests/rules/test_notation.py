"""Chinese, WXF and coordinate notation, both ways."""

import pytest
from hypothesis import given, settings
from rules_helpers import boards

from xiangqi_gpt.rules import (
    START_FEN,
    AmbiguousMoveError,
    Board,
    IllegalMoveError,
    Move,
    MoveTextError,
    parse_move,
    to_chinese,
    to_wxf,
)

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
HALF_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def spellings(board: Board, move: Move) -> set[str]:
    """Every way this package promises to read a move."""
    simplified, traditional = to_chinese(board, move), to_chinese(board, move, traditional=True)
    wxf, iccs = to_wxf(board, move), move.iccs()
    texts = {simplified, traditional, wxf, iccs}
    texts |= {text.translate(HALF_WIDTH) for text in (simplified, traditional)}
    texts |= {traditional.translate(str.maketrans(names)) for names in ({"車": "俥"}, {"馬": "傌"}, {"車": "车"})}
    texts |= {wxf.replace(".", "="), wxf.translate(FULL_WIDTH), wxf.lower(), f" {simplified[:2]} {simplified[2:]} "}
    texts |= {iccs.upper(), f"{iccs[:2]}-{iccs[2:]}", f"{iccs[:2]}-{iccs[2:]}".upper()}
    return texts


@pytest.mark.slow
@given(boards)
@settings(max_examples=300)
def test_every_legal_move_is_read_back_from_every_spelling(board: Board) -> None:
    for move in board.legal_moves:
        for text in spellings(board, move):
            assert parse_move(board, text) == move, text


@given(boards)
@settings(max_examples=50)
def test_two_moves_never_share_a_text(board: Board) -> None:
    for write in (to_chinese, to_wxf):
        texts = [write(board, move) for move in board.legal_moves]
        assert len(set(texts)) == len(texts)
        assert all(len(text) == 4 for text in texts)


def test_the_usual_openings() -> None:
    board = Board()
    assert to_chinese(board, Move.from_iccs("h2e2")) == "炮二平五"
    assert to_chinese(board, Move.from_iccs("h0g2")) == "马二进三"
    assert to_chinese(board, Move.from_iccs("h0g2"), traditional=True) == "馬二進三"
    board.push_text("h2e2")
    assert to_chinese(board, Move.from_iccs("h9g7")) == "马８进７"
    assert to_chinese(board, Move.from_iccs("b7e7"), traditional=True) == "砲２平５"
    assert to_wxf(board, Move.from_iccs("h9g7")) == "H8+7"
    assert to_wxf(board, Move.from_iccs("c9e7")) == "E3+5"


STACKS = {
    # two pieces on a file
    ("3k5/9/9/9/R8/9/9/9/R8/4K4 w - - 0 1", "a5a6"): ("前车进一", "+R+1"),
    ("3k5/9/9/9/R8/9/9/9/R8/4K4 w - - 0 1", "a1b1"): ("后车平八", "-R.8"),
    ("3k5/9/n8/9/n8/9/9/9/9/4K4 b - - 0 1", "a5b3"): ("前马进２", "+H+2"),
    ("3k5/9/n8/9/n8/9/9/9/9/4K4 b - - 0 1", "a7b9"): ("后马退２", "-H-2"),
    # advisors and elephants on a file keep the file's number
    ("3k1a3/9/5a3/9/9/9/9/9/9/4K4 b - - 0 1", "f9e8"): ("士６进５", "A6+5"),
    ("3k1a3/9/5a3/9/9/9/9/9/9/4K4 b - - 0 1", "f7e8"): ("士６退５", "A6-5"),
    # three, four and five pawns on a file
    ("3k5/9/4P4/4P4/4P4/9/9/9/9/4K4 w - - 0 1", "e7e8"): ("前兵进一", "+P+1"),
    ("3k5/9/4P4/4P4/4P4/9/9/9/9/4K4 w - - 0 1", "e6d6"): ("中兵平六", "2P.6"),
    ("3k5/9/4P4/4P4/4P4/9/9/9/9/4K4 w - - 0 1", "e5f5"): ("后兵平四", "-P.4"),
    ("3k5/4P4/4P4/4P4/4P4/9/9/9/9/4K4 w - - 0 1", "e7f7"): ("二兵平四", "2P.4"),
    ("3k5/4P4/4P4/4P4/4P4/9/9/9/9/4K4 w - - 0 1", "e6f6"): ("三兵平四", "3P.4"),
    ("3k5/4P4/4P4/4P4/4P4/4P4/9/9/9/4K4 w - - 0 1", "e5f5"): ("四兵平四", "4P.4"),
    ("3k5/4P4/4P4/4P4/4P4/4P4/9/9/9/4K4 w - - 0 1", "e4e5"): None,
    # two files with two pawns each: numbered from the mover's right, front to rear
    ("3k5/9/2P3P2/2P3P2/9/9/9/9/9/4K4 w - - 0 1", "g7g8"): ("一兵进一", "1P+1"),
    ("3k5/9/2P3P2/2P3P2/9/9/9/9/9/4K4 w - - 0 1", "g6f6"): ("二兵平四", "2P.4"),
    ("3k5/9/2P3P2/2P3P2/9/9/9/9/9/4K4 w - - 0 1", "c7b7"): ("三兵平八", "3P.8"),
    ("3k5/9/2P3P2/2P3P2/9/9/9/9/9/4K4 w - - 0 1", "c6b6"): ("四兵平八", "4P.8"),
    ("3k5/9/9/9/9/9/2p3p2/2p3p2/9/4K4 b - - 0 1", "c2c1"): ("一卒进１", "1P+1"),
    ("3k5/9/9/9/9/9/2p3p2/2p3p2/9/4K4 b - - 0 1", "g3h3"): ("四卒平８", "4P.8"),
    # a stack of three beside a stack of two, and a lone pawn
    ("3k5/2P6/2P3P2/2P3P2/9/9/9/9/9/4K4 w - - 0 1", "c6b6"): ("五兵平八", "5P.8"),
    ("3k5/9/2P3P2/2P3P2/8P/9/9/9/9/4K4 w - - 0 1", "i5i6"): ("兵一进一", "P1+1"),
}


@pytest.mark.parametrize(("fen", "iccs"), STACKS)
def test_pieces_on_one_file(fen: str, iccs: str) -> None:
    board, move = Board(fen), Move.from_iccs(iccs)
    if STACKS[fen, iccs] is None:
        assert not board.is_legal(move)
        return
    assert (to_chinese(board, move), to_wxf(board, move)) == STACKS[fen, iccs]
    for text in STACKS[fen, iccs]:
        assert parse_move(board, text) == move


READ_ONLY = {
    ("3k5/9/9/9/R8/9/9/9/R8/4K4 w - - 0 1", "R++1"): "a5a6",
    ("3k5/9/9/9/R8/9/9/9/R8/4K4 w - - 0 1", "R-.8"): "a1b1",
    ("3k5/9/9/9/R8/9/9/9/R8/4K4 w - - 0 1", "前車進一"): "a5a6",
    ("3k5/9/9/9/R8/9/9/9/R8/4K4 w - - 0 1", "後俥平八"): "a1b1",
    ("3k5/9/2P3P2/2P3P2/9/9/9/9/9/4K4 w - - 0 1", "前三进一"): "g7g8",
    ("3k5/9/2P3P2/2P3P2/9/9/9/9/9/4K4 w - - 0 1", "后七平八"): "c6b6",
    ("3k5/9/4P4/4P4/4P4/9/9/9/9/4K4 w - - 0 1", "P..6"): "e6d6",
    (START_FEN, "包二平5"): "h2e2",
    (START_FEN, "Ｃ２．５"): "h2e2",
    (START_FEN, "c2=5"): "h2e2",
    (START_FEN, "N2+3"): "h0g2",
    (START_FEN, "相三進五"): "g0e2",
}


@pytest.mark.parametrize(("fen", "text"), READ_ONLY)
def test_other_spellings_are_read(fen: str, text: str) -> None:
    assert str(parse_move(Board(fen), text)) == READ_ONLY[fen, text]


@pytest.mark.parametrize(
    "text", ["", "h2", "e4", "炮二", "炮二平", "炮十平五", "Qd1", "h2j2", "0-0", "炮二平五五", "hello"]
)
def test_unreadable_text(text: str) -> None:
    with pytest.raises(MoveTextError, match="not a move in any notation"):
        parse_move(Board(), text)


def test_coordinates_no_piece_could_connect() -> None:
    with pytest.raises(MoveTextError, match="no piece moves from a0 to b5"):
        parse_move(Board(), "a0b5")


ILLEGAL = {
    (START_FEN, "马二进一"): None,
    (START_FEN, "h0f1"): "h0f1 is not legal: the horse's leg is blocked",
    (START_FEN, "马二进四"): "马二进四 is not legal: h0 to f1: the horse's leg is blocked",
    (START_FEN, "车一进五"): "车一进五 is not legal: i0 to i5: another piece is in the way",
    (START_FEN, "炮二进八"): "炮二进八 is not legal: no such piece can go there",
    (START_FEN, "R5.4"): "R5.4 is not legal: no such piece on file 5",
    (START_FEN, "前炮平五"): "前炮平五 is not legal: no two such pieces stand on one file",
    (START_FEN, "h7e7"): "h7e7 is not legal: it is red's move",
    ("3k5/9/9/9/9/9/9/9/9/4K4 w - - 0 1", "帅五平六"): (
        "帅五平六 is not legal: e0 to d0: the kings would face each other"
    ),
    ("5k3/9/9/9/9/9/9/4r4/9/3K5 w - - 0 1", "e0e1"): "e0e1 is not legal: there is no piece to move",
}


@pytest.mark.parametrize(("fen", "text"), ILLEGAL)
def test_illegal_text_says_why(fen: str, text: str) -> None:
    if ILLEGAL[fen, text] is None:
        assert str(parse_move(Board(fen), text)) == "h0i2"
        return
    with pytest.raises(IllegalMoveError) as error:
        parse_move(Board(fen), text)
    assert str(error.value) == ILLEGAL[fen, text]


def test_ambiguous_text_names_the_candidates() -> None:
    board = Board("3k5/9/2P3P2/2P3P2/9/9/9/9/9/4K4 w - - 0 1")
    with pytest.raises(AmbiguousMoveError, match="前兵进一 could be c7c8 or g7g8"):
        parse_move(board, "前兵进一")
    two_rooks = Board("3k5/9/9/9/R8/9/9/9/R8/4K4 w - - 0 1")
    with pytest.raises(AmbiguousMoveError, match=r"R9\.8 could be a5b5 or a1b1"):
        parse_move(two_rooks, "R9.8")
