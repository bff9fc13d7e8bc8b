"""What the side to move can win by captures alone: the tactics that a quiet look at a position overlooks."""

from __future__ import annotations

from typing import Final

import numpy as np

from .jit import INT, INT8S, INT16_TABLE, INT16S, INT64S, jit, jit_part
from .kernels import legal_moves, play, take_back
from .moves import MOVE_FROM, MOVE_TO
from .pieces import KING, PIECE_VALUES

#: ``PIECE_VALUES`` by piece code; a king is never captured, and is the first to capture.
CAPTURE_VALUES: Final = np.array(
    [0, *[0 if kind == KING else worth for kind, worth in PIECE_VALUES.items()] * 2], np.int32
)


@jit(INT8S, INT, INT16S, INT8S)
def _captures(board, side, moves, mark):
    """List the legal captures; returns how many there are."""
    captures = 0
    for i in range(legal_moves(board, side, moves, mark)):
        if board[MOVE_TO[moves[i]]] != 0:
            moves[captures] = moves[i]
            captures += 1
    return captures


@jit_part
def _next_capture(board, moves, at, count):
    """Bring to ``moves[at]`` the most valuable victim, and of its capturers the least valuable."""
    first, most = at, -1_000_000
    for i in range(at, count):
        order = 16 * CAPTURE_VALUES[board[MOVE_TO[moves[i]]]] - CAPTURE_VALUES[board[MOVE_FROM[moves[i]]]]
        if order > most:
            first, most = i, order
    moves[at], moves[first] = moves[first], moves[at]
    return moves[at]


@jit(INT8S, INT, INT, INT16_TABLE, INT8S, INT64S)
def capture_gain(board, side, plies, stack, mark, budget):
    """The material ``side`` wins with captures in turn, each side free to stop, in hundredths of a pawn.

    Alpha-beta over ``plies``; ``stack`` (plies + 1, 128) int16 and ``mark`` (90,) int8 are scratch; ``budget`` (1,)
    int64 loses one a position, and no capture is tried when it is gone. The board comes back unchanged.
    """
    best, low, high = np.zeros(plies + 1, np.int64), np.zeros(plies + 1, np.int64), np.zeros(plies + 1, np.int64)
    count, at = np.zeros(plies + 1, np.int64), np.zeros(plies + 1, np.int64)
    captured = np.zeros(plies + 1, np.int64)
    ply = 0
    low[0], high[0] = 0, 1_000_000
    count[0] = _captures(board, side, stack[0], mark)
    while True:
        if at[ply] < count[ply] and best[ply] < high[ply]:
            move = _next_capture(board, stack[ply], at[ply], count[ply])
            won = CAPTURE_VALUES[board[MOVE_TO[move]]]
            if won <= low[ply]:
                at[ply] = count[ply]  # even for nothing it would not be enough; the others are worth no more
                continue
            captured[ply] = play(board, move)
            low[ply + 1], high[ply + 1] = max(0, won - high[ply]), won - low[ply]
            ply += 1
            best[ply] = at[ply] = count[ply] = 0
            budget[0] -= 1
            if ply < plies and budget[0] > 0:
                count[ply] = _captures(board, side if ply % 2 == 0 else 1 - side, stack[ply], mark)
            continue
        if ply == 0:
            return best[0]
        answer = best[ply]
        ply -= 1
        take_back(board, stack[ply, at[ply]], captured[ply])
        best[ply] = max(best[ply], CAPTURE_VALUES[captured[ply]] - answer)
        low[ply] = max(low[ply], best[ply])
        at[ply] += 1
