"""Compile every kernel of the records now rather than at its first use."""

from __future__ import annotations

import numpy as np
from numba.core import event

from xiangqi_gpt.rules import START_FEN, Board, parse_fen, stack_boards

from .coordinates import count_legal, read_move_lists
from .plain_moves import read_plain_moves
from .positions import position_key, walk_games
from .store import assign_splits


def warm() -> int:
    """Use every kernel once, with the types the package uses; returns how many had to be compiled."""
    with event.install_recorder("numba:run_pass") as recorder:
        moves, offsets, _ = read_move_lists(["h2e2"])
        boards, sides = stack_boards([Board()])
        count_legal(boards.copy(), sides, moves, offsets)
        count_legal(boards, sides, moves, offsets, moves)
        assign_splits(moves, np.asarray(offsets))
        walk_games(*stack_boards([Board()]), moves, np.asarray(offsets), len(moves))
        position_key(Board())
        read_plain_moves("1. h2e2", 0, parse_fen(START_FEN), 1)
    return len({(passed.data["qualname"], passed.data["args"]) for _, passed in recorder.buffer})
