"""Puzzles, read and proven in the players' process: a proof may take seconds, and reading needs heavy imports."""

from __future__ import annotations

from .messages import PuzzleEntry, PuzzlesRead, ReadPuzzles, Solve, Solved


def read(request: ReadPuzzles) -> PuzzlesRead:
    """The puzzles that ship. Raises ``XiangqiError``."""
    from xiangqi_gpt.data import puzzles

    from xiangqi_gpt.records.puzzles import read_puzzles

    entries = (PuzzleEntry(p.fen, p.mate_in, p.difficulty or 0.0, p.solution) for p in read_puzzles(puzzles()))
    return PuzzlesRead(request.number, tuple(sorted(entries, key=lambda entry: entry.difficulty)))


def solve(request: Solve) -> Solved:
    """What a move does, or, where none is given, a line to mate. Raises ``XiangqiError``."""
    from xiangqi_gpt.records.puzzles import Attempt, Puzzle
    from xiangqi_gpt.rules.mate_proof import mating_line

    attempt = Attempt(Puzzle(request.fen, request.left))
    if request.move is None:
        return Solved(request.number, True, line=tuple(mating_line(attempt.board, request.left)))
    answer = attempt.try_move(request.move)
    return Solved(request.number, answer.is_right, answer.reply, answer.solved)
