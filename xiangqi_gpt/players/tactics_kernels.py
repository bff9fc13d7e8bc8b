"""What can be calculated of a leaf beside what the model says of it: a mate by checks, and what is won by force."""

from __future__ import annotations

from typing import Final

import numpy as np

from xiangqi_gpt.rules.jit import BOARDS, INT, INT8S, INT16S, INT32S, jit
from xiangqi_gpt.rules.kernels import MAX_MOVES
from xiangqi_gpt.rules.mate_kernels import shortest_mate
from xiangqi_gpt.rules.quiescence import capture_gain

from .quiescence_kernels import forced_gain

#: Plies of captures, and positions, that are looked at in a leaf.
_CAPTURE_PLIES: Final = 8
_CAPTURE_BUDGET: Final = 200
#: Plies in which checks are tried besides captures, and positions looked at then.
_CHECK_PLIES: Final = 3
_CHECK_BUDGET: Final = 100


@jit(BOARDS, INT8S, INT, INT, INT, INT16S, INT32S)
def find_tactics(boards, sides, mate_plies, mate_budget, quiescence, mates, gains):
    """Say of boards (B, 90) in how many plies the side to move mates, ``mates`` (B,), 0 for none.

    ``mate_plies`` is the depth of that, 0 for not looking; ``mate_budget`` the checks that are tried at most. ``gains``
    (B,) receives what the side to move wins in hundredths of a pawn: by captures where ``quiescence`` is 1, by
    captures, checks and flights where it is 2, and 0 where it is 0.
    """
    mark = np.empty(90, np.int8)
    stack = np.empty((max(mate_plies, _CAPTURE_PLIES) + 1, MAX_MOVES), np.int16)
    budget = np.empty(1, np.int64)
    for b in range(sides.shape[0]):
        mates[b] = gains[b] = 0
        if mate_plies > 0:
            budget[0] = mate_budget
            found, _ = shortest_mate(boards[b], sides[b], mate_plies, stack, mark, budget)
            mates[b] = found
        if mates[b] == 0 and quiescence == 1:
            budget[0] = _CAPTURE_BUDGET
            gains[b] = capture_gain(boards[b], sides[b], _CAPTURE_PLIES, stack, mark, budget)
        elif mates[b] == 0 and quiescence == 2:
            budget[0] = _CHECK_BUDGET
            gains[b] = forced_gain(boards[b], sides[b], _CAPTURE_PLIES, _CHECK_PLIES, stack, mark, budget)
