"""New puzzles from games: what was on the board and can be proven, each position once, with a difficulty."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from xiangqi_gpt.players import Player
from xiangqi_gpt.records import Game
from xiangqi_gpt.records.puzzles import MOST_MOVES, Attempt, Puzzle, PuzzleKind
from xiangqi_gpt.rules import Board
from xiangqi_gpt.rules.mate_proof import ProofError, mate_in, mating_line, mating_moves

from ..runtime.workers import run_tasks
from .tactic_mining import MATED_DEPTHS, WIN_DEPTHS, defences, wins_of_material

#: The longest mate looked for in every position, and in the last plies of a game: longer ones take long to rule out.
_ANYWHERE: Final = 2
_NEAR_THE_END: Final = 3
_END: Final = 16

#: The depths that a kind of puzzle can have.
_DEPTHS: Final = {
    PuzzleKind.MATE: range(1, MOST_MOVES + 1),
    PuzzleKind.MATERIAL: WIN_DEPTHS,
    PuzzleKind.DEFENCE: MATED_DEPTHS,
}

#: Moves tried for one proof: a fraction of a second.
_BUDGET: Final = 300_000


def mine_puzzles(
    games: Iterable[Game],
    *,
    kind: PuzzleKind = PuzzleKind.MATE,
    most_solutions: int = 1,
    per_depth: int | None = None,
    judge: Player | None = None,
    processes: int = 1,
    on_game: Callable[[Counter[int]], None] | None = None,
) -> list[Puzzle]:
    """Return puzzles of a kind from the positions of games, at most one a game; the easiest of each depth first.

    Mates are in 1 to 4 moves: a puzzle has at most ``most_solutions`` first moves that force the mate in that number of
    moves, and no quicker mate. What other kinds ask for is said in ``tactic_mining``. Of a game the longest puzzle is
    taken whose depth has not ``per_depth`` yet. Mirrored positions count as the same. ``judge`` is the player whose
    policy tells the difficulty (see ``difficulty``); ``on_game`` hears after each game how many puzzles of each depth
    there are. The result does not depend on ``processes``.
    """
    found: dict[str, Puzzle] = {}
    depths: Counter[int] = Counter()
    early: dict[int, list[Puzzle]] = {}  # results that came before those of earlier games
    turn = 0

    def take(result: tuple[int, list[Puzzle]]) -> None:
        nonlocal turn
        early[result[0]] = result[1]
        while turn in early:
            puzzles = {canonical(puzzle.board()): puzzle for puzzle in early.pop(turn)}
            if not puzzles.keys() & found.keys():  # else this game ended like an earlier one
                for key, puzzle in puzzles.items():
                    if per_depth is None or depths[puzzle.moves] < per_depth:
                        found[key] = puzzle
                        depths[puzzle.moves] += 1
                        break
            turn += 1
            if on_game:
                on_game(depths)

    def tasks() -> Iterator[tuple[int, Game]]:
        for number, game in enumerate(games):
            if per_depth is not None and all(depths[n] >= per_depth for n in _DEPTHS[kind]):
                break
            yield number, Game(game.moves, root=game.root, result=game.result)

    run_tasks(partial(_Miner, kind, most_solutions), tasks(), take, processes=processes)
    judged = [replace(puzzle, difficulty=difficulty(puzzle, judge)) for puzzle in found.values()]
    return sorted(judged, key=lambda puzzle: (puzzle.moves, puzzle.difficulty, puzzle.fen))


class _Miner:
    """Finds the puzzles of one game after another, the longest first."""

    def __init__(self, kind: PuzzleKind, most_solutions: int) -> None:
        self._kind, self._most_solutions = kind, most_solutions

    def __call__(self, task: tuple[int, Game], emit: Callable[[tuple[int, list[Puzzle]]], None]) -> None:
        number, game = task
        if self._kind is not PuzzleKind.MATE:
            find = wins_of_material if self._kind is PuzzleKind.MATERIAL else defences
            emit((number, sorted(find(game, self._most_solutions), key=lambda puzzle: -puzzle.moves)))
            return
        mates = sorted(_mates(game), key=lambda mate: -mate[0])
        puzzles = (_puzzle(board, n, self._most_solutions) for n, board in mates)
        emit((number, [puzzle for puzzle in puzzles if puzzle is not None]))

    def close(self) -> None:
        """Nothing is held."""


def _mates(game: Game) -> Iterator[tuple[int, Board]]:
    """The positions of a game with a forced mate, last first, and in how many moves.

    The longest mates are looked for only where the game went on with a shorter one: hardly any other is there.
    """
    board = game.board(len(game.moves))
    later: dict[int, int | None] = {}
    for ply in reversed(range(len(game.moves))):
        board.pop()
        short = _NEAR_THE_END if len(game.moves) - ply <= _END else _ANYWHERE
        most = max(short, min((later.get(ply + 2) or 0) + 1, MOST_MOVES))
        try:
            later[ply] = mate_in(board, most, budget=_BUDGET)
        except ProofError:
            later[ply] = None
        if n := later[ply]:
            yield n, board.copy(stack=False)


def canonical(board: Board) -> str:
    """Pieces and side to move of a position and of its mirror image, the same text for both."""
    return min(f"{side.board_fen()} {side.turn}" for side in (board, board.copy(stack=False).mirror()))


def _puzzle(board: Board, n: int, most_solutions: int) -> Puzzle | None:
    """The position as a puzzle, None when too many moves solve it or the proof takes too long."""
    try:
        solutions = len(mating_moves(board, n, most=most_solutions + 1, budget=_BUDGET))
        if solutions > most_solutions:
            return None
        line = tuple(mating_line(board, n, budget=_BUDGET))
    except ProofError:
        return None
    pieces, side, *_ = board.fen().split()
    return Puzzle(f"{pieces} {side} - - 0 1", n, solution=line, solutions=solutions)


def difficulty(puzzle: Puzzle, judge: Player | None = None) -> float:
    """Return the surprise, in bits, of finding right moves all along the solution: sum of -log2 of their probability.

    The probabilities are those of ``judge``'s policy, or of a guess among the legal moves where there is none. A move
    counts as right that still forces what the puzzle asks for. Raises ``ProofError``.
    """
    attempt, bits = Attempt(puzzle), 0.0
    board = attempt.board
    for ply, move in enumerate(puzzle.solution):
        if ply % 2 == 0:
            attempt.left = puzzle.moves - ply // 2 if puzzle.kind is not PuzzleKind.DEFENCE else puzzle.moves
            right = attempt.right_moves()
            policy = judge.choose(board).policy if judge else {}
            chance = sum(policy.get(move, 0.0) for move in right) if policy else len(right) / len(board.legal_moves)
            bits -= math.log2(min(1.0, max(chance, 1e-9)))
        board.push(move)
    return round(abs(bits), 1)
