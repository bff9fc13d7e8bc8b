"""What the network says of leaves, as kernels: the logits of their legal moves, and win, draw and loss.

B leaves, D width, M moves, C legal moves of all leaves, one leaf's after another's.
"""

from __future__ import annotations

import numpy as np
from numba import types

from xiangqi_gpt.rules import ROTATE
from xiangqi_gpt.rules.jit import (
    BOARDS,
    FLOAT_TABLE,
    FLOATS,
    INT,
    INT8S,
    INT16_TABLE,
    INT16S,
    INT64S,
    jit,
    jit_part,
    jit_sums,
)
from xiangqi_gpt.rules.kernels import MAX_MOVES, legal_moves

#: Policy head (M, D); features of moves (., D) and legality head (M, D) with its bias (M,), without rows where a model
#: has none; value head (3, D).
TABLES = types.Tuple((FLOAT_TABLE, FLOAT_TABLE, FLOAT_TABLE, FLOATS, FLOAT_TABLE))

_ROTATE = np.ascontiguousarray(ROTATE, np.int16)


@jit(BOARDS, INT8S, INT16S, INT64S)
def list_legal_moves(boards, sides, moves, ends):
    """List the legal moves of boards (B, 90): ``moves`` (C,) of all, and where those of each end, ``ends`` (B,)."""
    mark = np.empty(90, np.int8)
    count = 0
    for b in range(sides.shape[0]):
        count += legal_moves(boards[b], sides[b], moves[count : count + MAX_MOVES], mark)
        ends[b] = count


@jit_part
def _dot(table, row, hidden, b):
    total = np.float32(0)
    for i in range(table.shape[1]):
        total += table[row, i] * hidden[b, i]
    return total


@jit_sums(FLOAT_TABLE, TABLES, INT16S, INT16_TABLE, INT64S, INT8S, INT, INT16_TABLE, FLOAT_TABLE, FLOAT_TABLE)
def score_leaves(hidden, tables, candidates, feature_ids, ends, sides, relative, moves, logits, wdl):
    """Score the legal moves of leaves and nothing else, and say win, draw and loss.

    ``hidden`` (B, D). ``candidates`` (C,) with ``feature_ids`` (C, 8), 0 for none, end at ``ends`` (B,); with
    ``relative`` they are moves as the side to move sees them. ``moves`` (B, 128) receives the moves, -1 as padding,
    ``logits`` (B, 128) theirs, ``wdl`` (B, 3) the chances of win, draw and loss.
    """
    policy_head, candidate_emb, legality_head, legality_bias, value = tables
    first = 0
    for b in range(ends.shape[0]):
        count = ends[b] - first
        for c in range(count):
            move = candidates[first + c]
            logit = _dot(policy_head, move, hidden, b)
            if candidate_emb.shape[0] > 0:
                for slot in range(feature_ids.shape[1]):
                    feature = feature_ids[first + c, slot]
                    if feature != 0:
                        logit += _dot(candidate_emb, feature, hidden, b)
            if legality_head.shape[0] > 0:
                odds = np.float64(_dot(legality_head, move, hidden, b) + legality_bias[move])
                logit += min(odds, 0.0) - np.log1p(np.exp(-abs(odds)))
            logits[b, c] = logit
            moves[b, c] = _ROTATE[move] if relative and sides[b] == 1 else move
        for c in range(count, moves.shape[1]):
            logits[b, c], moves[b, c] = -np.inf, -1
        first = ends[b]
        total = 0.0
        most = -np.inf
        for j in range(3):
            wdl[b, j] = _dot(value, j, hidden, b)
            most = max(most, wdl[b, j])
        for j in range(3):
            total += np.exp(wdl[b, j] - most)
        for j in range(3):
            wdl[b, j] = np.exp(wdl[b, j] - most) / total
