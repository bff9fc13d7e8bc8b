"""Runs the compiled kernels with bounds checks: on positions made to be hard for them, and through the tests.

    python tests/guards/bounds.py [--positions 2000] [--seed 1] [--folders rules,inference,players] [--cache FOLDER]

numba compiles every kernel anew with checks, in ``--cache`` (by default a folder that is removed afterwards): minutes.
Without them a wrong index reads or writes whatever lies there; with them it is an ``IndexError``. Positions are random
placements, and ones that were pushed, piece by piece, to as many legal moves, attacks and captures as they can have.
Exit status 1 after a finding.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "rules")]

import numpy as np
from random_games import random_game
from random_models import save_random_model
from repetition_sequences import sequences
from rules_helpers import random_placement

from xiangqi_gpt.inference.encoding import encode_positions
from xiangqi_gpt.players import load_player
from xiangqi_gpt.rules import Board, FenError, Position
from xiangqi_gpt.rules.batch import legal_mask, push_batch, replay_games, stack_boards
from xiangqi_gpt.rules.fen import check_position
from xiangqi_gpt.rules.jit import INT8S, jit
from xiangqi_gpt.rules.mate_proof import ProofError, mate_in
from xiangqi_gpt.rules.moves import MOVE_COUNT
from xiangqi_gpt.rules.perft import perft


def positions(count: int, seed: int) -> int:
    """Give hard positions to every kernel that takes one; returns how many. Raises ``IndexError``."""

    @jit(INT8S)
    def beyond(numbers):  # type: ignore[no-untyped-def]
        return numbers[len(numbers)]

    try:
        beyond(np.zeros(3, np.int8))
    except IndexError:
        pass
    else:
        raise SystemExit("bounds are not checked: this would find nothing")

    chance = np.random.default_rng(seed)

    def crowded(board: Board) -> Board:
        """Move pieces about as long as that gives the side to move more legal moves."""
        best = len(board.legal_moves)
        for _ in range(150):
            squares = board.squares.copy()
            piece, free = (chance.choice(np.flatnonzero(squares != 0 if kind else squares == 0)) for kind in (1, 0))
            squares[free], squares[piece] = squares[piece], 0
            try:
                check_position(squares, board.turn)
            except FenError:
                continue
            moved = Board.from_position(Position(squares, board.turn, 0, 1))
            if len(moved.legal_moves) >= best:
                board, best = moved, len(moved.legal_moves)
        return board

    most, tried = 0, 0
    with tempfile.TemporaryDirectory() as name:
        save_random_model(Path(name), seed=1)
        searcher = load_player(f"search:{name},nodes=40", seed=1)
        for number in range(count):
            board = random_placement(chance, pawns=bool(number % 3 == 0))
            if number % 4 == 0:
                board = crowded(board)
            elif number % 4 == 1:
                board = random_game(chance, int(chance.integers(200)), board)
            most, tried = max(most, len(board.legal_moves)), tried + 1
            encode_positions(*stack_boards([board, board]), "full")
            legal_mask(*stack_boards([board]))
            perft(board, 2)
            board.outcome()
            with contextlib.suppress(ProofError):
                mate_in(board, 2, budget=2_000)
            if number % 20 == 0 and board.legal_moves and board.outcome() is None:
                searcher.choose(board)
        searcher.close()
    for _, (fen, moves) in zip(range(count // 10), sequences(chance, directed=True), strict=False):
        board = Board(fen)
        for move in moves:
            board.push(move)
        board.outcome()
        tried += 1
    print(f"{rubbish(count, chance):,} calls with arrays of rubbish", flush=True)
    print(f"{tried:,} positions, up to {most} legal moves: no index out of bounds", flush=True)
    return tried


def rubbish(count: int, chance: np.random.Generator) -> int:
    """Give what damaged files may hold to what takes arrays; returns how many calls. Raises ``IndexError``."""
    tried = 0
    for number in range(count):
        least, end = ((-128, 128), (0, 15))[number % 2]
        boards = chance.integers(least, end, (8, 90)).astype(np.int8)
        if number % 3 == 0:  # as many moves as any board can have
            boards[:] = np.where(np.arange(90) % 2, 0, chance.choice([5, 6, 12, 13]))
        sides = chance.integers(0, 2 if number % 4 else 128, 8).astype(np.int8)
        moves = chance.integers(0, MOVE_COUNT if number % 2 else 1 << 16, 80).astype(np.uint16)
        start = np.tile(Board().squares, (8, 1))
        for _ in range(12):  # any number is a move here, whatever stands there
            push_batch(start, np.zeros(8, np.int8), chance.integers(0, MOVE_COUNT, 8).astype(np.int16))
        calls = (
            partial(legal_mask, boards.copy(), sides),
            partial(replay_games, moves, np.arange(0, 81, 10), boards.copy(), sides),
            partial(replay_games, moves, np.array([0, 80])),
            partial(push_batch, boards.copy(), sides, moves[:8].astype(np.int16)),
            partial(encode_positions, start, np.full(8, number % 2, np.int8), "full"),
        )
        for call in calls:
            with contextlib.suppress(ValueError):
                call()
            tried += 1
    return tried


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--positions", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folders", default="rules,inference,players", help="of tests that are run too")
    parser.add_argument("--cache", help="where the checked kernels are kept")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        positions(options.positions, options.seed)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        checked = os.environ | {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": options.cache or scratch}
        done = [subprocess.run([sys.executable, __file__, "--inside", *sys.argv[1:]], env=checked, check=False)]
        if folders := [str(TESTS / name) for name in options.folders.split(",") if name]:
            words = [sys.executable, "-m", "pytest", "-q", "-n", "0", "--timeout=0", "-m", "not slow", *folders]
            done.append(subprocess.run(words, env=checked, cwd=TESTS.parent, check=False))
    return int(any(process.returncode for process in done))


if __name__ == "__main__":
    sys.exit(main())
