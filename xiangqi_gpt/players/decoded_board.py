"""The board a model believes in while it plays, where a probe was fitted for it (``xiangqi-gpt probe``)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.model.probe import Probe, watch
from xiangqi_gpt.rules import Board

from .evaluator import Evaluator


def decode_board(
    evaluator: Evaluator, probe: Probe, board: Board
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """(90,) the piece code the model holds likeliest on each square after a game's moves, and (90,) its probability.

    ``reader`` reads the plies it has not read yet. Raises ``PlayerError`` for a game the model cannot follow.
    """
    with watch(evaluator.model, [probe.layer]) as states:
        evaluator.evaluate(board)
    return probe.decode_board(states[probe.layer][0, -1], board.turn)
