"""What a user of python-chess types on a board: it works, or raises and changes nothing."""

import copy
import random
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from rules_helpers import boards

from xiangqi_gpt.rules import BLACK, RED, START_FEN, Board, FenError, IllegalMoveError, Move, MoveTextError
from xiangqi_gpt.rules.pieces import CANNON, PIECES, ROOK, Piece, parse_square
from xiangqi_gpt.rules.svg import board_svg

CANNON_TO_CENTRE = Move.from_uci("h2e2")


def square(name: str) -> int:
    found = parse_square(name)
    assert found is not None
    return found


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, Board.copy])
def test_a_copy_is_independent(duplicate: object) -> None:
    board = Board()
    board.push(CANNON_TO_CENTRE)
    twin = duplicate(board)  # type: ignore[operator]
    before = board.fen()
    twin.push_uci("h9g7")
    twin.push_uci("h0g2")
    assert board.fen() == before and board.move_stack == [CANNON_TO_CENTRE]
    assert [str(twin.pop()) for _ in range(3)] == ["h0g2", "h9g7", "h2e2"]
    assert twin == Board() and board.fen() == before


@pytest.mark.parametrize("text", ["e4e5", "e5e4", "h9g7"])
def test_a_push_without_a_piece_of_the_side_to_move_raises_and_changes_nothing(text: str) -> None:
    board = Board()
    with pytest.raises(IllegalMoveError, match=f"red has no piece on {text[:2]}"):
        board.push(Move.from_uci(text))
    assert board.fen() == START_FEN and not board.move_stack and board.zobrist == Board().zobrist


def test_push_uci_plays_legal_moves_only() -> None:
    board = Board()
    assert board.push_uci("h2e2") == CANNON_TO_CENTRE == board.peek()
    with pytest.raises(IllegalMoveError, match="blocked"):
        board.push_uci("b9d8")
    for text in ("h9-g7", "h10g8", "e9", "炮二平五"):
        with pytest.raises(MoveTextError):
            board.push_uci(text)
    assert len(board.move_stack) == 1


def test_set_fen_forgets_the_game_and_refuses_without_harm() -> None:
    board = Board()
    board.push_uci("h2e2")
    with pytest.raises(FenError):
        board.set_fen("nonsense w")
    assert len(board.move_stack) == 1
    board.set_fen("3k5/9/9/9/9/9/9/9/9/4K3R r")
    assert board.fen() == "3k5/9/9/9/9/9/9/9/9/4K3R w - - 0 1" and not board.move_stack
    assert board == Board(board.fen()) and board.root.turn == RED


@given(boards)
def test_the_ways_to_ask_for_pieces_agree(board: Board) -> None:
    found = board.piece_map()
    assert found == {sq: board.piece_at(sq) for sq in range(90) if board.piece_at(sq)}
    for piece in PIECES[1:]:
        assert board.pieces(piece.piece_type, piece.color) == [sq for sq, other in found.items() if other == piece]
        assert Piece.from_symbol(piece.symbol()) is Piece.of(piece.piece_type, piece.color) is piece


@given(boards)
def test_captures_and_attacks(board: Board) -> None:
    for move in board.legal_moves:
        assert board.is_capture(move) == (board.piece_at(move.to_square) != 0)
        assert not board.is_capture(move) or board.is_attacked_by(board.turn, move.to_square)
    assert board.is_attacked_by(1 - board.turn, board.king(board.turn)) == board.is_check()
    assert board.is_game_over() == (board.outcome() is not None)


def test_pieces_by_name() -> None:
    board = Board()
    assert board.piece_at(square("a0")).symbol() == "R" and board.piece_at(square("b9")).symbol() == "n"
    assert board.piece_at(square("e5")).symbol() == "." and not board.piece_at(square("e5"))
    assert board.pieces(CANNON, BLACK) == [square("b7"), square("h7")]
    assert board.pieces(ROOK, RED) == [square("a0"), square("i0")]
    assert (repr(Piece.from_symbol("c")), repr(PIECES[0])) == ("Piece.from_symbol('c')", "Piece(0)")
    for text in ("x", "", "RR", "."):
        with pytest.raises(ValueError, match="not the letter of a piece"):
            Piece.from_symbol(text)


def test_legal_moves_are_a_sequence() -> None:
    moves = Board().legal_moves
    assert len(moves) == moves.count() == len(list(moves)) == 44
    assert moves[0] == next(iter(moves)) and moves[-1] == list(moves)[-1]
    assert random.Random(0).choice(moves) in moves  # type: ignore[arg-type]
    with pytest.raises(IndexError):
        moves[44]


def test_a_notebook_gets_a_picture() -> None:
    board = Board()
    board.push_uci("h2e2")
    picture = ET.fromstring(board._repr_svg_())
    name = "{http://www.w3.org/2000/svg}"
    assert len(picture.findall(f"{name}circle")) == 32
    assert len(picture.findall(f"{name}rect")) == 3  # the board, and two for the last move
    texts = [text.text for text in picture.findall(f"{name}text")]
    assert texts.count("炮") == 2 and texts.count("砲") == 2
    turned = ET.fromstring(board_svg(board, orientation=BLACK))

    def place(of: ET.Element) -> tuple[str, str]:
        king = next(text for text in of.findall(f"{name}text") if text.text == "帥")
        return king.attrib["x"], king.attrib["y"]

    assert place(picture) != place(turned)
