"""Setting up a position: what can be done to it, and what the rules have against it."""

from __future__ import annotations

import numpy as np
import pytest
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.state.languages import LANGUAGES
from xiangqi_gpt.gui.state.position_editor import Fault, PositionEditor

from xiangqi_gpt.rules import BLACK, RED, START_FEN, Board, FenError, parse_fen
from xiangqi_gpt.rules.pieces import EMPTY, KING, PAWN, ROOK


def faults(editor: PositionEditor) -> list[Fault]:
    return [fault.fault for fault in editor.faults()]


def square(name: str) -> int:
    return "abcdefghi".index(name[0]) + 9 * int(name[1])


def test_it_begins_with_a_sound_position() -> None:
    editor = PositionEditor()
    board = editor.board()
    assert board is not None and board.fen() == START_FEN


def test_clear_leaves_a_legal_position_of_two_kings() -> None:
    editor = PositionEditor()
    editor.clear()
    assert sum(piece != EMPTY for piece in editor.squares) == 2
    assert faults(editor) == []
    editor.place(square("e9"), KING + 7)
    assert faults(editor) == [Fault.KINGS_FACE]
    editor.place(square("e4"), ROOK)
    assert faults(editor) == [Fault.CAPTURABLE_KING]
    editor.set_turn(BLACK)
    assert faults(editor) == []


def test_a_king_has_one_place_only() -> None:
    editor = PositionEditor()
    editor.place(square("d0"), KING)
    assert editor.squares.count(KING) == 1 and editor.squares[square("e0")] == EMPTY


def test_pieces_are_moved_and_taken_away() -> None:
    editor = PositionEditor()
    before = editor.revision
    editor.move(square("a0"), square("a9"))
    assert editor.squares[square("a9")] == ROOK and editor.squares[square("a0")] == EMPTY
    editor.place(square("a9"), EMPTY)
    assert editor.squares[square("a9")] == EMPTY and editor.revision > before


@pytest.mark.parametrize(
    ("place", "piece", "fault"),
    [("e5", ROOK, Fault.TOO_MANY), ("a1", PAWN, Fault.WRONG_PLACE), ("e0", EMPTY, Fault.NO_KING)],
)
def test_faults_are_found(place: str, piece: int, fault: Fault) -> None:
    editor = PositionEditor()
    editor.place(square(place), piece)
    assert fault in faults(editor) and editor.board() is None
    for language in LANGUAGES:
        assert all(Texts(language).position_fault(found, "wxf") for found in editor.faults())


def test_faults_agree_with_the_rules() -> None:
    """Whatever is on the board: there is a fault exactly when the rules refuse the position."""
    random = np.random.default_rng(3)
    sound = 0
    for _ in range(1500):
        editor = PositionEditor()
        if random.random() < 0.5:
            editor.clear()
        for _ in range(int(random.integers(1, 6))):
            source, target = (int(each) for each in random.integers(0, 90, 2))
            editor.move(source, target)
            if random.random() < 0.3:
                editor.place(int(random.integers(90)), int(random.integers(15)))
        editor.set_turn(int(random.integers(2)))
        try:
            parse_fen(editor.fen())
            refused = False
        except FenError:
            refused = True
        assert refused == bool(editor.faults()), editor.fen()
        sound += not refused
    assert 50 < sound < 1450


def test_mirroring_and_exchanging_colours_twice_is_nothing() -> None:
    fen = "3k5/4P4/9/9/9/9/9/9/9/R3K4 b - - 0 1"
    editor = PositionEditor(fen)
    editor.mirror()
    assert editor.fen() != fen and editor.board() == Board(fen).mirror()
    editor.mirror()
    editor.swap_colors()
    assert editor.turn == RED and editor.fen().startswith("4k3r/")
    editor.swap_colors()
    assert editor.fen() == fen


def test_a_wrong_fen_changes_nothing() -> None:
    editor = PositionEditor()
    with pytest.raises(FenError):
        editor.load("9/9/9/9/9/9/9/9/9/9 w")
    assert editor.fen() == START_FEN
