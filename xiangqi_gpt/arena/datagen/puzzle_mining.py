"""New puzzles from games: forced mates that were on the board, proven, each position once, with a difficulty."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from xiangqi_gpt.players import Player
from xiangqi_gpt.records import Game
from xiangqi_gpt.records.puzzles import MOST_MOVES, Puzzle
from xiangqi_gpt.rules import Board
from xiangqi_gpt.rules.mate_proof import ProofError, mate_in, mating_line, mating_moves

from ..runtime.workers import run_tasks

#: The longest mate looked for in every position, and in the last plies of a game: longer ones take long to rule out.
_ANYWHERE: Final = 2
_NEAR_THE_END: Final = 3
_END: Final = 16

#: Moves tried for one proof: a fraction of a second.
_BUDGET: Final = 300_000


def mine_puzzles(
    games: Iterable[Game],
    *,
    most_solutions: int = 1,
    per_depth: int | None = None,
    judge: Player | None = None,
    processes: int = 1,
    on_game: Callable[[Counter[int]], None] | None = None,
) -> list[Puzzle]:
    """Mates in 1 to 4 from the positions of games, at most one a game; the easiest of each depth first.

    A puzzle has at most ``most_solutions`` first moves that force the mate in that number of moves, and no quicker
    mate. Of a game the longest mate is taken whose depth has not ``per_depth`` puzzles yet. Mirrored positions count
    as the same. ``judge`` is the player whose policy tells the difficulty (see ``difficulty``); ``on_game`` hears after
    each game how many puzzles of each depth there are. The result does not depend on ``processes``.
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
                    if per_depth is None or depths[puzzle.mate_in] < per_depth:
                        found[key] = puzzle
                        depths[puzzle.mate_in] += 1
                        break
            turn += 1
            if on_game:
                on_game(depths)

    def tasks() -> Iterator[tuple[int, Game]]:
        for number, game in enumerate(games):
            if per_depth is not None and all(depths[n] >= per_depth for n in range(1, MOST_MOVES + 1)):
                break
            yield number, Game(game.moves, root=game.root, result=game.result)

    run_tasks(partial(_Miner, most_solutions), tasks(), take, processes=processes)
    judged = [replace(puzzle, difficulty=difficulty(puzzle, judge)) for puzzle in found.values()]
    return sorted(judged, key=lambda puzzle: (puzzle.mate_in, puzzle.difficulty, puzzle.fen))


class _Miner:
    """Finds the puzzles of one game after another, the longest mates first."""

    def __init__(self, most_solutions: int) -> None:
        self._most_solutions = most_solutions

    def __call__(self, task: tuple[int, Game], emit: Callable[[tuple[int, list[Puzzle]]], None]) -> None:
        number, game = task
        mates = sorted(_mates(game), key=lambda mate: -mate[0])
        puzzles = (_puzzle(board, n, self._most_solutions) for n, board in mates)
        emit((number, [puzzle for puzzle in puzzles if puzzle is not None]))

    def close(self) -> None:
        """Nothing is held."""


def _mates(game: Game) -> Iterator[tuple[int, Board]]:
    """The positions of a game with a forced mate, last first, and in how many moves.

    The longest mates are looked for only where the game went on with a shorter one: hardly any other is there.
    """
    board = game.board()
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
    """The surprise, in bits, of finding right moves all along the solution: sum of -log2 of their probability.

    The probabilities are those of ``judge``'s policy, or of a guess among the legal moves where there is none. A move
    counts as right that forces mate within the moves left. Raises ``ProofError``.
    """
    board, bits = puzzle.board(), 0.0
    for ply, move in enumerate(puzzle.solution):
        if ply % 2 == 0:
            right = mating_moves(board, puzzle.mate_in - ply // 2, budget=_BUDGET)
            policy = judge.choose(board).policy if judge else {}
            chance = sum(policy.get(move, 0.0) for move in right) if policy else len(right) / len(board.legal_moves)
            bits -= math.log2(min(1.0, max(chance, 1e-9)))
        board.push(move)
    return round(abs(bits), 1)
