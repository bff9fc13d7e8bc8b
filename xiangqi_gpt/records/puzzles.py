"""Puzzles: positions with a forced mate, and what becomes of somebody's attempt at one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.rules import Board, Move, XiangqiError
from xiangqi_gpt.rules.mate_proof import mate_in, mating_moves, stubborn_reply

from .errors import CorpusError, RecordError

#: The longest mate of a puzzle, in moves: longer ones take too long to prove.
MOST_MOVES: Final = 4


@dataclass(frozen=True)
class Puzzle:
    """A position in which the side to move mates in ``mate_in`` moves.

    ``solution`` is one line to mate, ``solutions`` how many first moves lead there, ``difficulty`` the bits of surprise
    in the solution (``arena.datagen.puzzle_mining``); they are empty or None where a file does not tell.
    """

    fen: str
    mate_in: int
    difficulty: float | None = None
    solution: tuple[Move, ...] = ()
    solutions: int | None = None

    def board(self) -> Board:
        """The position."""
        return Board(self.fen, lenient=True)


def read_puzzles(path: str | Path) -> list[Puzzle]:
    """The puzzles of a file with one JSON object a line: ``fen`` and ``mate_in``, the rest as in ``Puzzle`` if known.

    Raises ``CorpusError`` for a file that is missing, empty or no text, and ``RecordError`` naming a broken line.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise CorpusError(f"no such file: {path}") from None
    except UnicodeDecodeError:
        raise CorpusError(f"{path}: not a text file (UTF-8)") from None
    puzzles = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                puzzles.append(_read(json.loads(line)))
            except (ValueError, TypeError, RecursionError) as error:  # JSON's errors and ours are ValueErrors
                raise RecordError(f"not a puzzle: {error}", path=path, line=number) from None
    if not puzzles:
        raise CorpusError(f"{path} holds no puzzles")
    return puzzles


def _read(entry: Any) -> Puzzle:
    if not isinstance(entry, dict) or not isinstance(entry.get("fen"), str):
        raise ValueError("expected an object with fen and mate_in")
    moves = entry.get("mate_in")
    if not isinstance(moves, int) or not 1 <= moves <= MOST_MOVES:
        raise ValueError(f"mate_in is {moves!r}, expected 1 to {MOST_MOVES}")
    difficulty, solutions = entry.get("difficulty"), entry.get("solutions")
    puzzle = Puzzle(
        entry["fen"],
        moves,
        None if difficulty is None else float(difficulty),
        tuple(Move.from_iccs(text) for text in str(entry.get("solution", "")).split()),
        None if solutions is None else int(solutions),
    )
    board = puzzle.board()
    for move in puzzle.solution:
        board.check_legal(move)
        board.push(move)
    return puzzle


def write_puzzles(puzzles: Iterable[Puzzle], path: str | Path) -> int:
    """Write puzzles as ``read_puzzles`` reads them, whole or not at all; returns how many there were."""
    lines = [json.dumps(_written(puzzle)) + "\n" for puzzle in puzzles]
    with atomic_write(path) as unfinished:
        unfinished.write_text("".join(lines), encoding="utf-8", newline="\n")
    return len(lines)


def _written(puzzle: Puzzle) -> dict[str, Any]:
    entry: dict[str, Any] = {"fen": puzzle.fen, "mate_in": puzzle.mate_in}
    if puzzle.difficulty is not None:
        entry["difficulty"] = puzzle.difficulty
    if puzzle.solution:
        entry["solution"] = " ".join(map(str, puzzle.solution))
    if puzzle.solutions is not None:
        entry["solutions"] = puzzle.solutions
    return entry


class PuzzleOverError(XiangqiError):
    """A move in a puzzle that is solved or failed."""


@dataclass(frozen=True)
class Answer:
    """What a move did: whether mate is still forced in the moves left, the defender's ``reply``, and whether it was
    the mate itself.
    """

    is_right: bool
    reply: Move | None = None
    solved: bool = False


class Attempt:
    """Somebody's attempt at a puzzle: any move counts as right that forces mate within the moves that are left.

    >>> attempt = Attempt(Puzzle("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1", 1))
    >>> attempt.try_move(Move.from_iccs("b1b9"))
    Answer(is_right=True, reply=None, solved=True)
    """

    def __init__(self, puzzle: Puzzle) -> None:
        self.puzzle = puzzle
        self.board = puzzle.board()  #: the position now, the solver to move until the puzzle is over
        self.left = puzzle.mate_in  #: moves the solver has left
        self.solved = False
        self.failed = False

    @property
    def over(self) -> bool:
        """Whether the puzzle is solved or failed."""
        return self.solved or self.failed

    def try_move(self, move: Move) -> Answer:
        """Play a move; the most stubborn defence follows it. A wrong move is not played, and ends the attempt.

        The answer to a wrong move names the reply that refutes it.

        Raises ``IllegalMoveError``, ``PuzzleOverError``, and ``ProofError`` where the proof takes too long.
        """
        if self.over:
            raise PuzzleOverError("the puzzle is over")
        self.board.check_legal(move)
        self.board.push(move)
        answer = stubborn_reply(self.board, self.left - 1) if self.board.legal_moves else None
        if answer is None:
            self.solved, self.left = True, 0
            return Answer(True, solved=True)
        reply, rest = answer
        if rest is None:
            self.board.pop()
            self.failed = True
            return Answer(False, reply)
        self.board.push(reply)
        self.left -= 1
        return Answer(True, reply)

    def retry(self) -> None:
        """Go on after a wrong move from the position before it."""
        self.failed = False

    def right_moves(self) -> list[Move]:
        """Every move that would be right now: a hint, or the solution. Raises ``ProofError``."""
        return [] if self.solved else mating_moves(self.board, self.left)


def is_proven(puzzle: Puzzle) -> bool:
    """Whether the mate is there, though maybe sooner. Raises ``ProofError``."""
    return mate_in(puzzle.board(), puzzle.mate_in) is not None
