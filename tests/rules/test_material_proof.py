import pytest

from xiangqi_gpt.rules import Board, Move
from xiangqi_gpt.rules.mate_proof import ProofError
from xiangqi_gpt.rules.material_proof import balance, is_won, stubborn_defence, win_in, winning_line, winning_moves

SKEWER = "4k2r1/9/9/9/9/9/9/9/R8/3K5 w - - 0 1"
QUIET = "4k4/9/9/9/9/9/9/9/R8/3K5 w - - 0 1"


def best_after_captures(board, side):
    """The balance of ``side`` after captures in turn, each side free to stop: the definition, written down."""
    best = balance(board, board.turn)
    for move in board.legal_moves:
        if board.piece_at(move.to_square):
            board.push(move)
            best = max(best, -best_after_captures(board, board.turn))
            board.pop()
    return best


def wins_by_definition(board, n, goal):
    """Whether the side to move has a balance of ``goal`` after ``n`` moves and any captures after them."""
    for move in board.legal_moves:
        board.push(move)
        replies = list(board.legal_moves)
        if not replies:
            wins = True
        elif n == 1:
            wins = -best_after_captures(board, board.turn) >= goal
        else:
            wins = True
            for reply in replies:
                board.push(reply)
                wins = wins_by_definition(board, n - 1, goal)
                board.pop()
                if not wins:
                    break
        board.pop()
        if wins:
            return True
    return False


def positions():
    import numpy as np

    generator = np.random.default_rng(5)
    for fen in (SKEWER, "3k5/9/4b4/2n6/9/R8/9/4B1p2/9/4KA3 w - - 0 1", "4ka3/9/9/4C4/9/9/4n4/9/4A4/4K1r2 w - - 0 1"):
        board = Board(fen)
        for _ in range(6):
            yield board.copy(stack=False)
            moves = list(board.legal_moves)
            if not moves:
                break
            board.push(moves[generator.integers(len(moves))])


def test_it_agrees_with_the_definition():
    answers = []
    for board in positions():
        base = balance(board, board.turn)
        for n, gain in ((1, 200), (1, 450), (2, 400), (2, 900)):
            answers.append(bool(winning_moves(board, n, base + gain, most=1)))
            assert answers[-1] == wins_by_definition(board, n, base + gain), (board.fen(), n, gain)
    assert 5 < sum(answers) < len(answers) - 5


def test_a_skewer_wins_the_rook_and_the_line_says_how():
    board = Board(SKEWER)
    assert balance(board, 0) == 0 and balance(Board(QUIET), 1) == -900
    assert win_in(board, 2, 900) == 2 and win_in(board, 1, 900) is None
    assert [str(move) for move in winning_moves(board, 2, 900)] == ["a1a9"]
    line = winning_line(board, 3, 900)
    assert [str(line[0]), str(line[2])] == ["a1a9", "a9h9"] and len(line) == 3
    for move in line:
        board.push(move)
    assert is_won(board, 900) and not is_won(board, 901)


def test_the_stubborn_defence_saves_what_it_can():
    board = Board(SKEWER)
    board.push(Move.from_iccs("a1b1"))
    _, needed = stubborn_defence(board, 1, 900)
    assert needed is None
    board.pop()
    board.push(Move.from_iccs("a1a9"))
    assert stubborn_defence(board, 1, 900)[1] == 1


def test_mate_is_worth_any_goal_and_no_line_is_an_empty_one():
    assert win_in(Board("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1"), 1, 5000) == 1
    assert winning_line(Board(QUIET), 2, 1000) == []


def test_a_proof_that_takes_too_long_is_given_up():
    with pytest.raises(ProofError, match="more than 50 moves"):
        win_in(Board(), 3, 400, budget=50)
