"""Compile every kernel of the rules now rather than at its first use."""

from __future__ import annotations

import numpy as np
from numba.core import event

from . import kernels, sight
from .batch import legal_mask, push_batch, replay_games, stack_boards
from .board import Board
from .chase import threat_list
from .mate_proof import mate_in
from .moves import Move
from .perft import perft
from .pieces import RED
from .refusal import why_illegal


def warm() -> int:
    """Use every kernel once, with the types the package uses; returns how many had to be compiled.

    Compiled kernels are kept on disk, so the second time this takes a fraction of a second. A program that starts
    worker processes calls it first, lest every worker compiles for itself.
    """
    with event.install_recorder("numba:run_pass") as recorder:
        _use_boards()
        _use_batches()
        _use_sight()
    return len({(passed.data["qualname"], passed.data["args"]) for _, passed in recorder.buffer})


def _use_boards() -> None:
    board = Board()
    move = Move.from_iccs("h2e2")
    board.is_legal(move)
    why_illegal(board, move.from_square, move.to_square)
    board.push(move)
    board.outcome()
    board.checkers()
    threat_list(board.squares, board.turn)
    perft(board, 1)
    mate_in(board, 1)


def _use_batches() -> None:
    moves = np.array([Move.from_iccs("h2e2").index], np.uint16)
    boards, sides = stack_boards([Board()])
    legal_mask(boards, sides)
    push_batch(boards, sides, moves.astype(np.int16))
    replay_games(moves, np.array([0, 1]))
    kernels.replay(Board().squares, RED, moves)


def _use_sight() -> None:
    boards, sides = stack_boards([Board()])
    features, feature_ends = np.empty(sight.MAX_SIGHT, np.int16), np.empty(1, np.int64)
    candidates, candidate_ends = np.empty(kernels.MAX_MOVES, np.int16), np.empty(1, np.int64)
    slots = np.empty((kernels.MAX_MOVES, sight.CANDIDATE_SLOTS), np.int16)
    sight.see_positions(boards, sides, features, feature_ends, candidates, slots, candidate_ends)
    sight.play_positions(Board().squares, RED, np.array([Move.from_iccs("h2e2").index]), boards, sides)
