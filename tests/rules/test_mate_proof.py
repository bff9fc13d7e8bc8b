import json
import subprocess
import sys

import pytest

from xiangqi_gpt.rules import Board
from xiangqi_gpt.rules.kernels import legal_indices
from xiangqi_gpt.rules.mate_proof import (
    ProofError,
    mate_in,
    mating_line,
    mating_moves,
    stubborn_reply,
)
from xiangqi_gpt.rules.proof_kernels import has_legal_move

TWO_ROOKS = "4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1"
PAWN_AND_CANNON = "3k5/4P4/9/4n4/9/9/9/4K4/4A4/3C5 w - - 0 1"
HORSE_AND_CANNONS = "2bk5/2N1a4/9/5C3/3C2b2/2pn5/9/9/4A4/2BcK4 w - - 0 1"


def mates_by_definition(board, n):
    """Whether the side to move mates within n moves: the definition, written down."""
    for move in board.legal_moves:
        board.push(move)
        replies = list(board.legal_moves)
        mates = not replies
        if replies and n > 1:
            mates = True
            for reply in replies:
                board.push(reply)
                mates = mates and mates_by_definition(board, n - 1)
                board.pop()
                if not mates:
                    break
        board.pop()
        if mates:
            return True
    return False


def random_positions(count):
    import numpy as np

    generator = np.random.default_rng(3)
    for number in range(count):
        board = Board((TWO_ROOKS, PAWN_AND_CANNON, HORSE_AND_CANNONS)[number % 3])
        for _ in range(generator.integers(0, 6)):
            moves = list(board.legal_moves)
            if not moves:
                break
            board.push(moves[generator.integers(len(moves))])
        yield board


def test_it_agrees_with_the_definition():
    answers = []
    for board in random_positions(60):
        for n in (1, 2):
            answers.append(mate_in(board, n) is not None)
            assert answers[-1] == mates_by_definition(board, n), (board.fen(), n)
    assert 3 < sum(answers) < len(answers) - 3


def test_having_a_legal_move_is_the_same_as_a_list_of_them():
    import numpy as np

    out = np.empty(128, np.int16)
    for board in random_positions(100):
        for side in (0, 1):
            assert has_legal_move(board.squares, side) == (legal_indices(board.squares, side, out) > 0)


def test_stalemate_is_a_win():
    board = Board("4k4/9/4P4/9/9/9/9/9/9/3K1R3 w - - 0 1")
    assert mate_in(board, 1) == 1
    for move in mating_moves(board, 1):
        board.push(move)
        assert board.is_stalemate()
        board.pop()


def test_the_line_ends_in_mate_and_resists_as_long_as_it_can():
    board = Board(PAWN_AND_CANNON)
    n = mate_in(board, 4)
    line = mating_line(board, 4)
    assert n is not None and len(line) == 2 * n - 1
    for move in line:
        board.check_legal(move)
        board.push(move)
    assert not board.legal_moves


def test_a_reply_that_saves_is_found():
    board = Board(TWO_ROOKS)
    board.push_text("a8a7")  # lets the king out
    answer = stubborn_reply(board, 1)
    assert answer is not None
    assert answer[1] is None


def test_a_proof_that_takes_too_long_is_an_error():
    with pytest.raises(ProofError, match="takes more than 1,000 moves"):
        mate_in(Board(), 3, budget=1000)


@pytest.mark.slow
def test_the_kernels_survive_the_cache():
    code = "from xiangqi_gpt.rules import Board; from xiangqi_gpt.rules.mate_proof import mate_in\n"
    code += f"print(mate_in(Board('{TWO_ROOKS}'), 4))"
    for _ in range(2):  # the second process takes them from the disk
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "1\n"


def test_real_mates_are_proven(shared):
    wrong = []
    rows = [json.loads(line) for line in (shared / "data" / "mate_in_n.jsonl").read_text().splitlines()]
    for row in rows[:700] + rows[800:1000] + rows[1600:1650]:
        n = mate_in(Board(row["fen"], lenient=True), row["mate_in"])
        if n != row["mate_in"]:
            wrong.append((row["mate_in"], n))
    assert all(n is not None and n < said for said, n in wrong)  # some of them have a quicker mate
    assert len(wrong) < 5
