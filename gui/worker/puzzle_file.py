"""Puzzles, read and proven in the players' process: a proof may take seconds, and reading needs heavy imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .messages import PuzzleEntry, PuzzlesRead, ReadPuzzles, Solve, Solved

if TYPE_CHECKING:
    from xiangqi_gpt.records.puzzles import Puzzle


def read(request: ReadPuzzles) -> PuzzlesRead:
    """Return the puzzles of a file, or those that ship, the easiest first. Raises ``XiangqiError`` and ``OSError``."""
    from xiangqi_gpt.data import puzzles, tactics

    from xiangqi_gpt.records.puzzles import read_puzzles

    paths = [request.path] if request.path else [puzzles(), tactics()]
    entries = (_entry(puzzle) for path in paths for puzzle in read_puzzles(path))
    return PuzzlesRead(request.number, tuple(sorted(entries, key=lambda entry: entry.difficulty)))


def _entry(puzzle: Puzzle) -> PuzzleEntry:
    from xiangqi_gpt.records.puzzles import Attempt

    solution, goal = puzzle.solution, Attempt(puzzle).goal
    return PuzzleEntry(puzzle.fen, puzzle.moves, puzzle.difficulty or 0.0, solution, str(puzzle.kind), goal)


def solve(request: Solve) -> Solved:
    """Return what a move does, or, where none is given, a line that solves the puzzle. Raises ``XiangqiError``."""
    from xiangqi_gpt.records.puzzles import Attempt, Puzzle, PuzzleKind

    attempt = Attempt(Puzzle(request.fen, request.left, kind=PuzzleKind(request.kind)), goal=request.goal)
    if request.move is None:
        return Solved(request.number, True, line=tuple(attempt.line()))
    answer = attempt.try_move(request.move)
    return Solved(request.number, answer.is_right, answer.reply, answer.solved)
