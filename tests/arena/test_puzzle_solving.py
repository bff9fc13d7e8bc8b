import math

import pytest

from xiangqi_gpt.arena.datagen import tactic_mining
from xiangqi_gpt.arena.datagen.puzzle_mining import canonical, difficulty, mine_puzzles
from xiangqi_gpt.arena.puzzle_solving import first_of_each, solve_mates, solve_studies
from xiangqi_gpt.players import BasePlayer, Decision, PlayerError
from xiangqi_gpt.records import Game
from xiangqi_gpt.records.puzzles import Puzzle, PuzzleKind, saving_moves
from xiangqi_gpt.rules import Board, Move
from xiangqi_gpt.rules.mate_proof import mate_in, mating_line, mating_moves

IN_1 = Puzzle("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1", 1)
IN_2 = Puzzle("3k5/4P4/9/4n4/9/9/9/4K4/4A4/3C5 w - - 0 1", 2)
IN_4 = (
    Puzzle("4k4/4N4/9/9/9/9/9/9/4K4/9 w - - 0 1", 4),
    Puzzle("5k3/3P5/5a3/9/9/9/9/5A3/9/5K3 w - - 0 1", 4),
)
NONE = Puzzle("4k4/9/9/9/9/9/9/9/R8/3K5 w - - 0 1", 1)


class Scripted(BasePlayer):
    """Plays what a function says."""

    name = "scripted"

    def __init__(self, move):
        self._move = move

    def choose(self, board):
        return Decision(self._move(board))

    def choose_many(self, boards):
        return [self.choose(board) for board in boards]

    def close(self):
        pass


def solver(board):
    return next(moves[0] for n in range(1, 5) if (moves := mating_moves(board, n)))


def wrong(board):
    return next(move for move in board.legal_moves if move not in mating_moves(board, 2))


def fails(board):
    raise PlayerError("out of ideas")


def test_a_player_that_sees_everything_solves_everything():
    report = solve_mates(Scripted(solver), [IN_1, IN_2, NONE, IN_2])
    values = report.as_dict()
    assert (values["puzzles"], values["unproven"]) == (3, 1)
    assert (values["solved_1"], values["solved_2"], values["solved_3"]) == (1, 1, None)
    assert 0.2 < values["solved_1_low"] < values["solved_1_high"] == 1 and values["solved_3_low"] is None
    assert values["first_2"] == 1
    assert values["moves"] == 1 + 2 + 2
    assert "mate in 2" in report.summary() and "1 left out" in report.summary()


def test_a_right_first_move_alone_is_no_solution():
    def forgets(board):
        return solver(board) if board.ply == IN_2.board().ply else wrong(board)

    values = solve_mates(Scripted(forgets), [IN_2]).as_dict()
    assert (values["first_2"], values["solved_2"]) == (1, 0)


@pytest.mark.parametrize(("mover", "failures"), [(wrong, 0), (fails, 2), (lambda board: Move.from_iccs("a0a1"), 2)])
def test_wrong_illegal_and_missing_moves_solve_nothing(mover, failures):
    report = solve_mates(Scripted(mover), [IN_1, IN_2])
    assert report.solved.total() == report.first.total() == 0
    assert len(report.failures) == failures


def test_the_first_of_each_depth():
    assert first_of_each([IN_1, IN_2, NONE, IN_2], 1) == [IN_1, IN_2]
    assert first_of_each([IN_1, IN_2], None) == [IN_1, IN_2]


def test_studies_are_compared_with_their_solution():
    line = mating_line(IN_2.board(), 2)
    study = Game(list(line), root=IN_2.fen)
    found = {study.board(ply).fen(): move for ply, move in enumerate(line)}
    values = solve_studies(Scripted(lambda board: found[board.fen()]), [study, Game([])]).as_dict()
    assert (values["puzzles"], values["first"], values["solved"], values["moves_found"]) == (1, 1, 1, 1)
    values = solve_studies(Scripted(wrong), [study]).as_dict()
    assert (values["first"], values["solved"], values["moves_found"]) == (0, 0, 0)


def test_progress_is_told_for_every_puzzle_and_study_once():
    heard = []
    solve_mates(Scripted(solver), [IN_1, IN_2, NONE], on_puzzle=lambda: heard.append("mate"))
    study = Game(list(mating_line(IN_2.board(), 2)), root=IN_2.fen)
    solve_studies(Scripted(wrong), [study, study], on_puzzle=lambda: heard.append("study"))
    assert heard == ["mate"] * 3 + ["study"] * 2


def test_a_player_that_fails_in_a_study_has_not_found_its_moves():
    study = Game(list(mating_line(IN_2.board(), 2)), root=IN_2.fen)
    report = solve_studies(Scripted(fails), [study])
    assert report.failures == [f"{study.board(ply).fen()}: out of ideas" for ply in (0, 2)]
    assert (report.puzzles, report.solved, report.found, report.moves) == (1, 0, 0, 2)
    text = report.summary()
    assert "1 studies: first move found in 0.0%, all moves in 0.0%" in text
    assert text.splitlines()[-2:] == report.failures


def test_nothing_is_said_of_puzzles_left_out_where_there_are_none():
    assert "left out" not in solve_mates(Scripted(solver), [IN_1]).summary()


def solved(puzzle):
    """A game that ends in the mate of a puzzle."""
    board = puzzle.board()
    for move in mating_line(board, puzzle.moves):
        board.push(move)
    return Game.from_board(board)


@pytest.fixture(scope="module")
def games():
    """A game that ends in the mate of ``IN_2``, and its mirror image."""
    game = solved(IN_2)
    assert game.result == "1-0"
    return [game, Game.from_board(game.end().board().mirror())]


def test_mining_finds_the_longest_mate_of_a_game_once(games):
    (puzzle,) = mine_puzzles(games, most_solutions=9)
    assert puzzle.fen == IN_2.fen
    assert puzzle.moves == mate_in(puzzle.board(), 4) == 2
    assert len(puzzle.solution) == 3
    assert puzzle.solutions == len(mating_moves(puzzle.board(), 2))


def test_too_many_solutions_and_full_depths_are_left_out(games):
    many = len(mating_moves(IN_2.board(), 2))
    assert all(puzzle.solutions < many for puzzle in mine_puzzles(games, most_solutions=many - 1))
    assert [puzzle.moves for puzzle in mine_puzzles(games, most_solutions=9, per_depth=1)] == [2]
    assert mine_puzzles([Game([Move.from_iccs("h2e2")])]) == []


def test_mining_takes_the_longest_mate_still_wanted_and_ends_when_every_depth_is_full():
    games = [solved(puzzle) for puzzle in (*IN_4, IN_2, IN_1, IN_1)]
    heard = []
    puzzles = mine_puzzles(
        games, most_solutions=99, per_depth=1, on_game=lambda depths: heard.append(sorted(depths.elements()))
    )
    # The second mate in four is one too many, but then it was a mate in three; the last game is not looked at.
    assert heard == [[4], [3, 4], [2, 3, 4], [1, 2, 3, 4]]
    assert [puzzle.moves for puzzle in puzzles] == [1, 2, 3, 4]
    assert all(mate_in(puzzle.board(), 4) == puzzle.moves for puzzle in puzzles)


def test_mirrored_positions_count_as_the_same():
    board = IN_2.board()
    assert canonical(board) == canonical(board.mirror())
    other = board.copy()
    other.push(next(iter(other.legal_moves)))
    assert canonical(board) != canonical(other)


def test_difficulty_is_the_surprise_in_bits():
    board = IN_1.board()
    right, all_ = mating_moves(board, 1), list(board.legal_moves)
    puzzle = Puzzle(IN_1.fen, 1, solution=(right[0],))

    class Judge(Scripted):
        def choose(self, board):
            return Decision(right[0], policy={move: 0.25 / len(right) if move in right else 0.01 for move in all_})

    assert difficulty(puzzle, Judge(None)) == pytest.approx(2.0)
    assert difficulty(puzzle) == pytest.approx(math.log2(len(all_) / len(right)), abs=0.05)


SKEWER = "4k2r1/9/9/9/9/9/9/9/R8/3K5 w - - 0 1"
ESCAPE = "4k4/R8/9/9/7r1/9/9/9/1R7/3K5 b - - 0 1"


def test_material_that_was_to_be_won_is_found(monkeypatch):
    monkeypatch.setattr(tactic_mining, "_FIRST_PLY", 0)
    game = Game([Move.from_iccs(text) for text in ("a1a5", "e9e8")], root=SKEWER)
    (puzzle,) = mine_puzzles([game], kind=PuzzleKind.MATERIAL)
    assert (puzzle.fen, puzzle.moves, puzzle.gain, puzzle.solutions) == (SKEWER, 2, 400, 1)
    assert [str(move) for move in puzzle.solution[::2]] == ["a1a9", "a9h9"]
    assert mine_puzzles([game]) == [] and mine_puzzles([game], kind=PuzzleKind.DEFENCE) == []
    right = math.log2(len(Board(SKEWER).legal_moves))
    assert puzzle.difficulty is not None and puzzle.difficulty >= round(right, 1), (
        "a guess finds the first move by luck"
    )


def test_the_defence_that_was_to_be_found_is_found(monkeypatch):
    monkeypatch.setattr(tactic_mining, "_FIRST_PLY", 0)
    many = len(Board(ESCAPE).legal_moves)
    game = Game([Move.from_iccs("h5h4")], root=ESCAPE)
    (puzzle,) = mine_puzzles([game], kind=PuzzleKind.DEFENCE, most_solutions=many - 1)
    assert puzzle.kind is PuzzleKind.DEFENCE and puzzle.fen == ESCAPE
    assert puzzle.solutions == len(saving_moves(Board(ESCAPE), puzzle.moves))
    assert mine_puzzles([game], kind=PuzzleKind.DEFENCE, most_solutions=puzzle.solutions - 1) == []


def test_other_kinds_are_counted_by_their_kind():
    class Solver(Scripted):
        def choose(self, board):
            return Decision(Move.from_iccs("a1a9" if board.piece_at(9) else "a9h9"))

    puzzle = Puzzle(SKEWER, 2, kind=PuzzleKind.MATERIAL, gain=900)
    report = solve_mates(Solver(None), [puzzle, IN_1, Puzzle(SKEWER, 1, kind=PuzzleKind.MATERIAL, gain=900)])
    values = report.as_dict()
    assert (values["puzzles_material"], values["solved_material"], values["unproven"]) == (1, 1, 1)
    assert "solved_defence" not in values and "material" in report.summary()
