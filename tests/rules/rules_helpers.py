"""Random positions for the tests of the rules."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from random_games import random_game

from xiangqi_gpt.rules import Board, FenError, Move, Position
from xiangqi_gpt.rules.fen import check_position
from xiangqi_gpt.rules.pieces import PAWN, PIECE_TYPES, SQUARES, START_COUNTS, can_stand

#: The squares where each piece may stand, by its code.
STANDS = [[sq for sq in range(SQUARES) if piece and can_stand(piece, sq)] for piece in range(15)]


def random_placement(rng: np.random.Generator, *, pawns: bool = False) -> Board:
    """A board with random pieces on squares where they may stand, the side not to move not in check.

    ``pawns`` gives both sides all five pawns, mostly over the river and on few files, so that they stack.
    """
    while True:
        squares = np.zeros(SQUARES, np.int8)
        for color in (0, 1):
            for kind in range(1, PIECE_TYPES + 1):
                count = 1 if kind == 1 else int(rng.integers(START_COUNTS[kind] + 1))
                if kind == PAWN and pawns:
                    count = 5
                files = rng.choice(9, 2, replace=False)
                for _ in range(count):
                    free = [sq for sq in STANDS[kind + 7 * color] if not squares[sq]]
                    if kind == PAWN and pawns:
                        free = [sq for sq in free if sq % 9 in files] or free
                    if free:
                        squares[free[int(rng.integers(len(free)))]] = kind + 7 * color
        turn = int(rng.integers(2))
        try:
            check_position(squares, turn)
        except FenError:
            continue
        return Board.from_position(Position(squares, turn, int(rng.integers(20)), 1 + int(rng.integers(50))))


#: Boards after 0 to 60 random plies, boards with random pieces, and boards with stacked pawns.
boards = st.builds(
    lambda seed, kind, plies: {
        "game": lambda rng: random_game(rng, plies),
        "placement": random_placement,
        "pawns": lambda rng: random_placement(rng, pawns=True),
    }[kind](np.random.default_rng(seed)),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["game", "placement", "pawns"]),
    st.integers(0, 60),
)


def uci(move: Move | str) -> str:
    """A move with ranks 1-10, as pyffish writes it."""
    text = str(move)
    return f"{text[0]}{int(text[1]) + 1}{text[2]}{int(text[3]) + 1}"
