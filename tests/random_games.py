"""Games of random moves."""

from __future__ import annotations

import numpy as np

from xiangqi_gpt.rules import MOVES, Board


def random_game(random: np.random.Generator | int, plies: int, board: Board | None = None) -> Board:
    """A board after so many more random legal moves, fewer at mate or stalemate; ``random`` may be a seed."""
    random = np.random.default_rng(random)  # a generator stays the same
    board = Board() if board is None else board
    for _ in range(plies):
        moves = board.legal_moves.indices
        if not len(moves):
            break
        board.push(MOVES[moves[random.integers(len(moves))]])
    return board
