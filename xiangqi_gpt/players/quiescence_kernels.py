"""What the side to move wins by force: captures and checks, and every flight from a check.

A quiescence search as chess programs have it (Harris 1975; Beal 1990): a side that is not in check may stop.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from xiangqi_gpt.rules.jit import INT, INT8S, INT16_TABLE, INT16S, INT64S, jit, jit_part
from xiangqi_gpt.rules.kernels import in_check, legal_moves, play, take_back
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_TO

#: What a piece is worth by its code, in hundredths of a pawn; ``rules.quiescence`` has the same.
_WORTH: Final = np.array([0, *(0, 200, 200, 400, 900, 450, 100) * 2], dtype=np.int32)
#: What being mated loses, and the most that is told.
_MATED: Final = 5000
_MOST_GAIN: Final = 1500
_NOTHING: Final = -1_000_000


@jit(INT8S, INT, INT, INT, INT16S, INT8S)
def _forcing_moves(board, side, flees, checks, moves, mark):
    """List the moves to try, captures first (the most valuable victim, then the least valuable capturer).

    All legal moves where the side ``flees`` from a check, else captures and, with ``checks``, those that give check.
    Returns how many there are; -1 where there is no legal move.
    """
    legal = legal_moves(board, side, moves, mark)
    if legal == 0:
        return -1
    captures = 0
    for i in range(legal):
        if board[MOVE_TO[moves[i]]] != 0:
            moves[captures], moves[i] = moves[i], moves[captures]
            captures += 1
    for i in range(1, captures):
        move = moves[i]
        worth = 16 * _WORTH[board[MOVE_TO[move]]] - _WORTH[board[MOVE_FROM[move]]]
        at = i
        while at > 0:
            other = moves[at - 1]
            if 16 * _WORTH[board[MOVE_TO[other]]] - _WORTH[board[MOVE_FROM[other]]] >= worth:
                break
            moves[at] = other
            at -= 1
        moves[at] = move
    if flees:
        return legal
    if not checks:
        return captures
    count = captures
    for i in range(captures, legal):
        captured = play(board, moves[i])
        if in_check(board, 1 - side):
            moves[count], moves[i] = moves[i], moves[count]
            take_back(board, moves[count], captured)
            count += 1
        else:
            take_back(board, moves[i], captured)
    return count


@jit_part
def _clipped(gain):
    return max(-_MOST_GAIN, min(_MOST_GAIN, gain))


@jit(INT8S, INT, INT, INT, INT16_TABLE, INT8S, INT64S)
def forced_gain(board, side, plies, check_plies, stack, mark, budget):
    """The material that ``side`` wins, or loses if negative, in hundredths of a pawn, at most 15 pawns.

    Alpha-beta over ``plies``, quiet checks in the first ``check_plies`` of them. A side in check tries every legal
    move; another may stop. ``stack`` (plies + 1, 128) int16 and ``mark`` (90,) int8 are scratch; ``budget`` (1,) int64
    loses one a position; what lies beyond it or ``plies`` counts as even. The board comes back unchanged.
    """
    best, low, high = np.zeros(plies + 1, np.int64), np.zeros(plies + 1, np.int64), np.zeros(plies + 1, np.int64)
    count, at = np.zeros(plies + 1, np.int64), np.zeros(plies + 1, np.int64)
    captured = np.zeros(plies + 1, np.int64)
    low[0], high[0] = _NOTHING, -_NOTHING
    ply = 0
    enters = True
    while True:
        if enters:
            enters = False
            mover = side if ply % 2 == 0 else 1 - side
            best[ply] = at[ply] = count[ply] = 0
            if ply < plies and budget[0] > 0:
                flees = in_check(board, mover)
                count[ply] = _forcing_moves(board, mover, flees, ply < check_plies, stack[ply], mark)
                if count[ply] < 0:
                    best[ply] = ply - _MATED
                elif flees:
                    best[ply] = _NOTHING
                low[ply] = max(low[ply], best[ply])
        if at[ply] < count[ply] and low[ply] < high[ply]:
            move = stack[ply, at[ply]]
            captured[ply] = play(board, move)
            won = _WORTH[captured[ply]]
            low[ply + 1], high[ply + 1] = won - high[ply], won - low[ply]
            ply += 1
            budget[0] -= 1
            enters = True
            continue
        if ply == 0:
            return _clipped(best[0])
        answer = best[ply]
        ply -= 1
        take_back(board, stack[ply, at[ply]], captured[ply])
        best[ply] = max(best[ply], _WORTH[captured[ply]] - answer)
        low[ply] = max(low[ply], best[ply])
        at[ply] += 1
