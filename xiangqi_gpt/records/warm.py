"""Compile every kernel of the records now rather than at its first use."""

from __future__ import annotations

import numpy as np
from numba.core import event

from xiangqi_gpt.rules import Board, stack_boards

from .coordinates import count_legal, read_move_lists
from .store import assign_splits


def warm() -> int:
    """Use every kernel once, with the types the package uses; returns how many had to be compiled."""
    with event.install_recorder("numba:run_pass") as recorder:
        moves, offsets, _ = read_move_lists(["h2e2"])
        boards, sides = stack_boards([Board()])
        count_legal(boards.copy(), sides, moves, offsets)
        count_legal(boards, sides, moves, offsets, moves)
        assign_splits(moves, np.asarray(offsets))
    return len({(passed.data["qualname"], passed.data["args"]) for _, passed in recorder.buffer})
