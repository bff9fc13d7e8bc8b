"""The board a model believes in while it plays, where a probe was fitted for it (``xiangqi-gpt probe``)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.probe import Probe
from xiangqi_gpt.rules import Board


def decode_board(
    evaluator: Evaluator, probe: Probe, board: Board
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """(90,) the piece code the model holds likeliest on each square after a game's moves, and (90,) its probability.

    ``evaluator`` reads the plies it has not read yet. Raises ``UnsupportedGameError`` for a game the model cannot
    follow.
    """
    return probe.decode_board(evaluator.hidden_state(board, probe.layer), board.turn)
