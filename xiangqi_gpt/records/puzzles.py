"""Puzzles: positions with a forced mate, a win of material or a single defence, and attempts at one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.files import atomic_write, parse_json
from xiangqi_gpt.rules import Board, Move, XiangqiError
from xiangqi_gpt.rules.mate_proof import mate_in, mating_line, mating_moves, stubborn_reply
from xiangqi_gpt.rules.material_proof import balance, is_won, stubborn_defence, win_in, winning_line, winning_moves

from .errors import CorpusError, RecordError

#: The longest puzzle, in moves: longer ones take too long to prove.
MOST_MOVES: Final = 4
#: The most material that a puzzle can ask for, in centipawns.
_MOST_GAIN: Final = 5000


class PuzzleKind(StrEnum):
    """What the side to move of a puzzle does."""

    MATE = "mate"  #: it forces mate
    MATERIAL = "material"  #: it wins material by force
    DEFENCE = "defence"  #: it plays the move after which it is not mated


#: The key of a kind's number of moves in a file.
_KEYS: Final = {PuzzleKind.MATE: "mate_in", PuzzleKind.MATERIAL: "win_in", PuzzleKind.DEFENCE: "mated_in"}


@dataclass(frozen=True)
class Puzzle:
    """A position in which the side to move mates, or wins material, in ``moves`` moves, or escapes a mate in so many.

    ``gain`` is what is won, in centipawns. ``solution`` is one line that solves it, ``solutions`` how many first moves
    do, ``difficulty`` the bits of surprise in the solution (``arena.datagen.puzzle_mining``); they are empty or None
    where a file does not tell.
    """

    fen: str
    moves: int
    difficulty: float | None = None
    solution: tuple[Move, ...] = ()
    solutions: int | None = None
    kind: PuzzleKind = PuzzleKind.MATE
    gain: int = 0

    def board(self) -> Board:
        """Return the position."""
        return Board(self.fen, lenient=True)


def read_puzzles(path: str | Path) -> list[Puzzle]:
    """Return the puzzles of a file with one JSON object a line.

    An object has ``fen`` and one of ``mate_in``, ``win_in`` (with ``gain``) and ``mated_in``; the rest as in
    ``Puzzle`` if known. Raises ``CorpusError`` for a file that is missing, empty or no text, and ``RecordError`` naming
    a broken line.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise CorpusError(f"no such file: {path}") from None
    except UnicodeDecodeError:
        raise CorpusError(f"{path}: not a text file (UTF-8)", code="puzzles_none") from None
    puzzles = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                puzzles.append(_read(parse_json(line)))
            except (ValueError, TypeError) as error:  # JSON's errors and ours are ValueErrors
                broken = RecordError(f"not a puzzle: {error}", path=path, line=number, code="puzzle_line")
                broken.values = {"line": number}
                raise broken from None
    if not puzzles:
        raise CorpusError(f"{path} holds no puzzles", code="puzzles_none")
    return puzzles


def _read(entry: Any) -> Puzzle:
    if not isinstance(entry, dict) or not isinstance(entry.get("fen"), str):
        raise ValueError("expected an object with fen and mate_in, win_in or mated_in")
    kind = next((kind for kind, key in _KEYS.items() if key in entry), PuzzleKind.MATE)
    moves, gain = entry.get(_KEYS[kind]), entry.get("gain", 0)
    if type(moves) is not int or not 1 <= moves <= MOST_MOVES:
        raise ValueError(f"{_KEYS[kind]} is {moves!r}, expected 1 to {MOST_MOVES}")
    if kind is PuzzleKind.MATERIAL and (type(gain) is not int or not 1 <= gain <= _MOST_GAIN):
        raise ValueError(f"gain is {gain!r}, expected 1 to {_MOST_GAIN} centipawns")
    difficulty, solutions = entry.get("difficulty"), entry.get("solutions")
    puzzle = Puzzle(
        entry["fen"],
        moves,
        None if difficulty is None else float(difficulty),
        tuple(Move.from_iccs(text) for text in str(entry.get("solution", "")).split()),
        None if solutions is None else int(solutions),
        kind,
        gain if kind is PuzzleKind.MATERIAL else 0,
    )
    board = puzzle.board()
    for move in puzzle.solution:
        board.check_legal(move)
        board.push(move)
    return puzzle


def write_puzzles(puzzles: Iterable[Puzzle], path: str | Path) -> int:
    """Write puzzles as ``read_puzzles`` reads them, atomically; return how many there were."""
    lines = [json.dumps(_written(puzzle)) + "\n" for puzzle in puzzles]
    with atomic_write(path) as unfinished:
        unfinished.write_text("".join(lines), encoding="utf-8", newline="\n")
    return len(lines)


def _written(puzzle: Puzzle) -> dict[str, Any]:
    entry: dict[str, Any] = {"fen": puzzle.fen, _KEYS[puzzle.kind]: puzzle.moves}
    if puzzle.kind is PuzzleKind.MATERIAL:
        entry["gain"] = puzzle.gain
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
    """What a move did: whether it still forces what is asked for, the ``reply``, and whether that solved the puzzle."""

    is_right: bool
    reply: Move | None = None
    solved: bool = False


class Attempt:
    """Somebody's attempt at a puzzle: any move is right that still forces what is asked for in the moves left.

    >>> attempt = Attempt(Puzzle("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1", 1))
    >>> attempt.try_move(Move.from_iccs("b1b9"))
    Answer(is_right=True, reply=None, solved=True)
    """

    def __init__(self, puzzle: Puzzle, *, goal: int | None = None) -> None:
        """``goal`` is the balance of material to be reached; the position's and the gain where it is None."""
        self.puzzle = puzzle
        self.board = puzzle.board()  #: the position now, the solver to move until the puzzle is over
        self.left = puzzle.moves  #: moves the solver has left
        self.goal = balance(self.board, self.board.turn) + puzzle.gain if goal is None else goal
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
        answer = self._judge()
        if answer.solved:
            self.solved, self.left = True, 0
        elif not answer.is_right:
            self.board.pop()
            self.failed = True
        elif answer.reply is not None:
            self.board.push(answer.reply)
            self.left -= 1
        return answer

    def _judge(self) -> Answer:
        """Return what the move that was just played does."""
        board, kind = self.board, self.puzzle.kind
        if not board.legal_moves:
            return Answer(True, solved=True)
        if kind is PuzzleKind.DEFENCE:
            n = mate_in(board, self.left)
            return Answer(True, solved=True) if n is None else Answer(False, mating_moves(board, n, most=1)[0])
        if kind is PuzzleKind.MATERIAL and is_won(board, self.goal):
            return Answer(True, solved=True)
        answer = stubborn_reply(board, self.left - 1) if kind is PuzzleKind.MATE else self._defend()
        assert answer is not None  # there are legal moves
        reply, rest = answer
        return Answer(rest is not None, reply)

    def _defend(self) -> tuple[Move, int | None] | None:
        return stubborn_defence(self.board, self.left - 1, self.goal)

    def retry(self) -> None:
        """Go on after a wrong move from the position before it."""
        self.failed = False

    def right_moves(self) -> list[Move]:
        """Return every move that would be right now: a hint, or the solution. Raises ``ProofError``."""
        if self.solved:
            return []
        if self.puzzle.kind is PuzzleKind.MATE:
            return mating_moves(self.board, self.left)
        if self.puzzle.kind is PuzzleKind.DEFENCE:
            return saving_moves(self.board, self.left)
        return _winning_soon(self.board, self.left, self.goal)

    def line(self) -> list[Move]:
        """Return a line that solves the puzzle from here; empty when there is none. Raises ``ProofError``."""
        if self.puzzle.kind is PuzzleKind.MATE:
            return mating_line(self.board, self.left)
        if self.puzzle.kind is PuzzleKind.DEFENCE:
            return saving_moves(self.board, self.left)[:1]
        return winning_line(self.board, self.left, self.goal)


def _winning_soon(board: Board, most: int, goal: int) -> list[Move]:
    """Return the moves after which a goal is reached in some number of moves, at most ``most``."""
    found = [move for n in range(1, most + 1) for move in winning_moves(board, n, goal)]
    return [move for move in board.legal_moves if move in found]


def saving_moves(board: Board, n: int, *, most: int | None = None, budget: int | None = None) -> list[Move]:
    """Return the legal moves after which the opponent has no mate in ``n``; the first ``most`` if so wished.

    Raises ``ProofError`` when the proof of one takes more than ``budget`` moves.
    """
    limit = {} if budget is None else {"budget": budget}
    found: list[Move] = []
    for move in board.legal_moves:
        if most is not None and len(found) >= most:
            break
        board.push(move)
        try:
            if mate_in(board, n, **limit) is None:
                found.append(move)
        finally:
            board.pop()
    return found


def is_proven(puzzle: Puzzle) -> bool:
    """Return whether what a puzzle asks for is there, though maybe sooner. Raises ``ProofError``."""
    board = puzzle.board()
    if puzzle.kind is PuzzleKind.MATE:
        return mate_in(board, puzzle.moves) is not None
    if puzzle.kind is PuzzleKind.DEFENCE:
        return 0 < len(saving_moves(board, puzzle.moves)) < len(board.legal_moves)
    return win_in(board, puzzle.moves, balance(board, board.turn) + puzzle.gain) is not None
