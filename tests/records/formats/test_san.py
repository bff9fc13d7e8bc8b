"""Short algebraic moves in PGN: each names one legal move, or the report says why it does not."""

from __future__ import annotations

import pytest

from xiangqi_gpt.records import RecordError, parse_pgn
from xiangqi_gpt.records.formats.san import parse_san
from xiangqi_gpt.rules import START_FEN, AmbiguousMoveError, Board, MoveTextError

#: Two rooks of Red on a file, two cannons on a rank.
PAIRS = "3k5/9/9/9/R1C3C2/9/9/4B4/R8/3AK4 w - - 0 1"


@pytest.mark.parametrize(
    ("fen", "text", "move"),
    [
        (START_FEN, "g4", "g3g4"),
        (START_FEN, "Pg4", "g3g4"),
        (START_FEN, "Chxh9+", "h2h9"),
        (START_FEN, "Mge2", "g0e2"),
        (START_FEN, "Gde1", "d0e1"),
        (PAIRS, "R5a3", "a5a3"),
        (PAIRS, "Ra1-a3", "a1a3"),
        (PAIRS, "Cge5", "g5e5"),
        (PAIRS, "Be2-c4", "e2c4"),
        (PAIRS, "Ae1", "d0e1"),
    ],
)
def test_one_legal_move_is_named(fen: str, text: str, move: str) -> None:
    assert str(parse_san(Board(fen), text)) == move


@pytest.mark.parametrize("text", ["", "e", "Xe2", "Cj2", "Che2??", "0-0", "炮二平五"])
def test_other_text_is_not_taken_for_it(text: str) -> None:
    with pytest.raises(MoveTextError, match="not a move in short algebraic notation"):
        parse_san(Board(), text)


def test_all_moves_that_could_be_meant_are_named() -> None:
    for text, moves in (("Ra3", "a1a3 or a5a3"), ("Ce5", "c5e5 or g5e5")):
        with pytest.raises(AmbiguousMoveError, match=f"{text} could be {moves}"):
            parse_san(Board(PAIRS), text)


def test_a_record_is_read_up_to_a_move_that_could_be_several() -> None:
    problems: list[RecordError] = []
    (game,) = parse_pgn('[Event "x"]\n\n1. g4 g5\n2. Ce2 Hg7', on_illegal="cut", problems=problems)
    assert [str(move) for move in game.moves] == ["g3g4", "g6g5"] and game.flags == {"truncated"}
    (problem,) = problems
    assert (problem.line, problem.ply) == (4, 3) and "Ce2 could be b2e2 or h2e2" in str(problem)
