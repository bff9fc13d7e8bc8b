"""How often people and levels give away a piece for nothing: the table of ``docs/levels.md``.

A move loses a piece where captures in turn, each side free to stop, win the opponent at least ``PIECE`` (a horse or a
cannon, in hundredths of a pawn, what the move itself captured taken off), and another legal move would have lost at
least so much less. Captures are looked at to a depth of ``PLIES`` (``rules.quiescence``). In quiet positions alone: a
move out of check is not counted.

Run: python benchmarks/blunders.py --corpus games.parquet [--levels 1,4,7] [--games 10] [--model MODEL]
     python benchmarks/blunders.py --levels 9 --player gpt,temperature=0.8,top_p=0.95,source=online,overlook=0.5
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from contextlib import closing
from math import sqrt
from typing import Final

import numpy as np

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import load_player
from xiangqi_gpt.players.levels import LEVELS
from xiangqi_gpt.records.corpus.query import query_games
from xiangqi_gpt.rules import Board, Move
from xiangqi_gpt.rules.kernels import MAX_MOVES
from xiangqi_gpt.rules.quiescence import CAPTURE_VALUES, capture_gain

PIECE: Final = 350
PLIES: Final = 8
#: Plies of a game that are looked at: after the opening, and no endless endgame.
FIRST, LAST = 10, 100
#: Kinds of corpus games to compare with.
KINDS: Final = ("online", "master")


class Judge:
    """Says which moves lose a piece for nothing."""

    def __init__(self) -> None:
        self._stack = np.empty((PLIES + 1, MAX_MOVES), np.int16)
        self._mark = np.empty(90, np.int8)

    def loss(self, board: Board, move: Move) -> int:
        """Return what a move loses by captures in turn, in hundredths of a pawn, below 0 where it wins."""
        squares = board.squares.copy()
        won = int(CAPTURE_VALUES[squares[move.to_square]])
        squares[move.to_square], squares[move.from_square] = squares[move.from_square], 0
        budget = np.array([2000], np.int64)
        return int(capture_gain(squares, 1 - board.turn, PLIES, self._stack, self._mark, budget)) - won

    def is_blunder(self, board: Board, move: Move) -> bool:
        """Return whether a move loses a piece for nothing."""
        loss = self.loss(board, move)
        return loss >= PIECE and loss - min(self.loss(board, other) for other in board.legal_moves) >= PIECE


def count(games: Iterable[list[Move]]) -> tuple[int, int]:
    """Return how many of the moves of games lose a piece for nothing, and how many were looked at."""
    judge, blunders, moves = Judge(), 0, 0
    for played in games:
        board = Board()
        for ply, move in enumerate(played[:LAST]):
            if ply >= FIRST and not board.is_check():
                blunders, moves = blunders + judge.is_blunder(board, move), moves + 1
            board.push(move)
    return blunders, moves


def corpus_games(path: str, kind: str, games: int) -> Iterator[list[Move]]:
    """Yield the moves of some games of a kind, the same ones each time, from all over the corpus."""
    rows = query_games(path, where=f"kind = '{kind}'", columns=("moves",), order="hash(moves)", limit=games)
    next(rows)  # the names of the columns
    for (moves,) in rows:
        yield [Move.from_iccs(move) for move in moves.split()]


def self_play(spec: str, model: str, games: int) -> list[list[Move]]:
    """Return games of a player against itself; level 9 plays the first moves, so that no two are the same."""
    boards = [Board() for _ in range(games)]
    with (
        closing(load_player(f"gpt:{model},level=9", seed=1)) as opening,
        closing(load_player(spec, seed=2)) as player,
    ):
        for ply in range(LAST):
            going = [board for board in boards if board.outcome() is None]
            if not going:
                break
            for board, decision in zip(going, (opening if ply < FIRST else player).choose_many(going), strict=True):
                board.push(decision.move)
    return [board.move_stack for board in boards]


def row(who: str, found: tuple[int, int]) -> None:
    """Print a line of the table: the share of moves in percent, with its standard error, and how many moves."""
    blunders, moves = found
    share = blunders / max(moves, 1)
    error = sqrt(share * (1 - share) / max(moves, 1))
    print(f"{who:28}{100 * share:7.2f} ± {100 * error:.2f} %  {moves:7,} moves", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="moves that lose a piece for nothing, by level and kind of game")
    parser.add_argument("--corpus", help="a corpus with games of the kinds online and master")
    parser.add_argument("--model", default="default")
    parser.add_argument("--levels", default=",".join(map(str, range(1, 16))), help="levels, with commas between them")
    parser.add_argument("--player", action="append", default=[], help="a player's spec, besides the levels")
    parser.add_argument("--games", type=int, default=10)
    options = parser.parse_args()
    print(machine_line())
    for level in map(int, options.levels.split(",")):
        found = count(self_play(f"gpt:{options.model},level={level}", options.model, options.games))
        row(f"level {level} ({LEVELS[level].name})", found)
    for spec in options.player:
        row(spec, count(self_play(spec, options.model, options.games)))
    for kind in KINDS if options.corpus else ():
        row(f"corpus, {kind}", count(corpus_games(options.corpus, kind, options.games)))


if __name__ == "__main__":
    main()
