"""The index of the 2086 moves and its symmetries."""

import numpy as np
import pytest
from hypothesis import given
from rules_helpers import boards

from xiangqi_gpt.rules import MIRROR, MOVE_COUNT, MOVES, ROTATE, Board, Move, MoveTextError
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_INDEX, MOVE_TO


def test_the_index_is_a_bijection() -> None:
    assert len(MOVES) == MOVE_COUNT == 2086
    assert len({(move.from_square, move.to_square) for move in MOVES}) == MOVE_COUNT
    assert [move.index for move in MOVES] == list(range(MOVE_COUNT))
    assert (MOVE_INDEX[MOVE_FROM, MOVE_TO] == np.arange(MOVE_COUNT)).all()
    assert (MOVE_INDEX >= 0).sum() == MOVE_COUNT


@pytest.mark.parametrize("permutation", [MIRROR, ROTATE], ids=["mirror", "rotate"])
def test_symmetries_are_permutations_and_their_own_inverse(permutation: np.ndarray) -> None:
    assert sorted(permutation) == list(range(MOVE_COUNT))
    assert (permutation[permutation] == np.arange(MOVE_COUNT)).all()


def test_symmetries_of_one_move() -> None:
    assert str(Move.from_iccs("h2e2").mirror()) == "b2e2"
    assert str(MOVES[ROTATE[Move.from_iccs("h2e2").index]]) == "b7e7"


def test_tables_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        MIRROR[0] = 1


@given(boards)
def test_every_legal_move_has_a_number(board: Board) -> None:
    for move in board.legal_moves:
        assert MOVES[move.index] is move
        assert Move.of(move.from_square, move.to_square) is move
        for text in (move.iccs(), move.iccs().upper(), f"{move.iccs()[:2]}-{move.iccs()[2:]}"):
            assert Move.from_iccs(text) is move


@pytest.mark.parametrize("text", ["", "a", "a0", "a0a", "a0a00", "j0a0", "a0--a1", "a0 a1", "a0a0", "a0b5", "０a1b1"])
def test_text_that_is_no_move(text: str) -> None:
    with pytest.raises(MoveTextError):
        Move.from_iccs(text)


def test_moves_are_values() -> None:
    move = Move.from_iccs("h2e2")
    assert move == Move(25, 22, 576)
    assert len({move, Move.of(25, 22)}) == 1
    assert str(move) == "h2e2"
