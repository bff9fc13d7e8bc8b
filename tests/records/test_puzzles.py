import json

import pytest
from xiangqi_gpt.data import puzzles, tactics

from xiangqi_gpt.records import CorpusError, RecordError
from xiangqi_gpt.records.puzzles import (
    Attempt,
    Puzzle,
    PuzzleKind,
    PuzzleOverError,
    is_proven,
    read_puzzles,
    write_puzzles,
)
from xiangqi_gpt.rules import IllegalMoveError, Move

MATE_IN_2 = Puzzle("3k5/4P4/9/4n4/9/9/9/4K4/4A4/3C5 w - - 0 1", 2)


def test_any_right_move_goes_on_to_mate():
    attempt = Attempt(MATE_IN_2)
    assert attempt.right_moves()
    answer = attempt.try_move(attempt.right_moves()[-1])
    assert answer.is_right and answer.reply is not None and not answer.solved
    assert attempt.board.turn == MATE_IN_2.board().turn
    assert attempt.left == 1
    answer = attempt.try_move(attempt.right_moves()[0])
    assert answer.solved and attempt.solved and attempt.over
    assert not attempt.board.legal_moves
    with pytest.raises(PuzzleOverError):
        attempt.try_move(Move.from_iccs("e2f2"))


def test_a_wrong_move_is_not_played_and_may_be_tried_again():
    attempt = Attempt(MATE_IN_2)
    wrong = next(move for move in attempt.board.legal_moves if move not in attempt.right_moves())
    assert not attempt.try_move(wrong).is_right
    assert attempt.failed and attempt.board == MATE_IN_2.board()
    attempt.retry()
    assert attempt.try_move(attempt.right_moves()[0]).is_right


def test_an_illegal_move_is_no_attempt():
    attempt = Attempt(MATE_IN_2)
    with pytest.raises(IllegalMoveError):
        attempt.try_move(Move.from_iccs("a0a1"))
    assert not attempt.over


def test_puzzles_come_back_as_they_were_written(tmp_path):
    first = Puzzle(MATE_IN_2.fen, 2, 3.5, (Move.from_iccs("e2f2"),), 1)
    assert write_puzzles([first, MATE_IN_2], tmp_path / "p.jsonl") == 2
    assert read_puzzles(tmp_path / "p.jsonl") == [first, MATE_IN_2]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not a puzzle"),
        ("[1]", "expected an object"),
        ('{"fen": "9/9", "mate_in": 1}', "line 2: not a puzzle"),
        ('{"fen": "x", "mate_in": 5}', "mate_in is 5, expected 1 to 4"),
        (json.dumps({"fen": MATE_IN_2.fen, "mate_in": 2, "solution": "a0a1"}), "a0a1 is not legal"),
        (json.dumps({"fen": MATE_IN_2.fen, "win_in": 2}), "gain is 0, expected 1 to 5000"),
        (json.dumps({"fen": MATE_IN_2.fen, "win_in": 2, "gain": 1e9}), "gain is 1000000000.0"),
        (json.dumps({"fen": MATE_IN_2.fen, "mated_in": True}), "mated_in is True, expected 1 to 4"),
        ("[" * 100_000, "line 2: not a puzzle"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, message):
    (tmp_path / "p.jsonl").write_text(json.dumps({"fen": MATE_IN_2.fen, "mate_in": 2}) + "\n" + line + "\n")
    with pytest.raises(RecordError, match=message):
        read_puzzles(tmp_path / "p.jsonl")


def test_files_that_hold_no_puzzles_are_refused(tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    for name, message in (("empty", "no puzzles"), ("binary", "not a text file"), ("none", "no such file")):
        with pytest.raises(CorpusError, match=message):
            read_puzzles(tmp_path / f"{name}.jsonl")


@pytest.mark.slow
def test_what_ships_is_small_proven_and_of_every_depth():
    shipped = read_puzzles(puzzles())
    assert puzzles().stat().st_size < 200_000
    assert len(shipped) >= 300
    assert {puzzle.moves for puzzle in shipped} == {1, 2, 3, 4}
    for puzzle in shipped[::50]:
        assert is_proven(puzzle)
        assert not is_proven(Puzzle(puzzle.fen, puzzle.moves - 1)) if puzzle.moves > 1 else True
        assert len(Attempt(puzzle).right_moves()) == puzzle.solutions
        board = puzzle.board()
        for move in puzzle.solution:
            board.push(move)
        assert not board.legal_moves


SKEWER = Puzzle("4k2r1/9/9/9/9/9/9/9/R8/3K5 w - - 0 1", 2, kind=PuzzleKind.MATERIAL, gain=900)
ESCAPE = Puzzle("4k4/R8/9/9/7r1/9/9/9/1R7/3K5 b - - 0 1", 1, kind=PuzzleKind.DEFENCE)


def test_material_is_won_move_by_move_and_a_wrong_one_is_refuted():
    attempt = Attempt(SKEWER)
    assert attempt.right_moves() == attempt.line()[:1] == [Move.from_iccs("a1a9")]
    wrong = attempt.try_move(Move.from_iccs("a1a8"))
    assert not wrong.is_right and wrong.reply is not None
    attempt.retry()
    first = attempt.try_move(Move.from_iccs("a1a9"))
    assert first.is_right and first.reply is not None and not first.solved and attempt.left == 1
    assert attempt.try_move(Move.from_iccs("a9h9")).solved


def test_a_defence_is_any_move_that_is_not_mated():
    assert is_proven(ESCAPE)
    attempt = Attempt(ESCAPE)
    right = attempt.right_moves()
    assert 0 < len(right) < len(attempt.board.legal_moves)
    wrong = next(move for move in attempt.board.legal_moves if move not in right)
    answer = attempt.try_move(wrong)
    assert not answer.is_right and answer.reply is not None, "it is mated at once"
    attempt.retry()
    assert attempt.try_move(right[-1]).solved and attempt.over


def test_other_kinds_are_written_and_read_too(tmp_path):
    assert write_puzzles([SKEWER, ESCAPE], tmp_path / "p.jsonl") == 2
    assert read_puzzles(tmp_path / "p.jsonl") == [SKEWER, ESCAPE]


@pytest.mark.slow
def test_the_tactics_that_ship_are_proven_and_of_both_kinds():
    shipped = read_puzzles(tactics())
    assert tactics().stat().st_size < 100_000
    kinds = [puzzle.kind for puzzle in shipped]
    assert min(kinds.count(PuzzleKind.MATERIAL), kinds.count(PuzzleKind.DEFENCE)) >= 60
    for puzzle in shipped[::10]:
        assert is_proven(puzzle)
        attempt = Attempt(puzzle)
        right = attempt.right_moves()
        assert puzzle.solution[0] in right and len(right) == puzzle.solutions
        for move in puzzle.solution[::2]:
            answer = attempt.try_move(move if move in attempt.right_moves() else attempt.right_moves()[0])
        assert answer.solved
