"""What lies between the matrix products of a forward pass, as kernels.

Letters in shapes: N plies, C legal moves, D width, H heads, S = D / H numbers a head. The norm takes the mean out,
without gain, as ``model.gpt`` has it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types

from xiangqi_gpt.rules.jit import (
    FLOAT_TABLE,
    FLOATS,
    FLOATS_3D,
    FLOATS_4D,
    INT,
    INT32_TABLE,
    INT64S,
    jit_part,
    jit_sums,
)

from .products import exponentiate

_EPSILON: Final = np.float32(1e-5)  # of a norm, as in PyTorch
_INT64_TABLE: Final = types.int64[:, ::1]
_INT64S_3D: Final = types.int64[:, :, ::1]
#: ``KvCache.store``; ``KvCache.pages`` are an ``INT32_TABLE``.
_STORE: Final = types.float32[:, :, :, :, :, ::1]


@jit_sums(INT64S, INT64S, INT64S, FLOAT_TABLE, FLOAT_TABLE, FLOAT_TABLE)
def embed(tokens, features, feature_starts, token_emb, feature_emb, x):
    """Write the vector of each token and the sum of its features' into ``x`` (N, D).

    Ply n has ``features[feature_starts[n] : feature_starts[n + 1]]``.
    """
    width = x.shape[1]
    for n in range(tokens.shape[0]):
        own, token = x[n], token_emb[tokens[n]]
        for i in range(width):
            own[i] = token[i]
        f, end = feature_starts[n], feature_starts[n + 1]
        while f + 4 <= end:  # four at a time: a quarter of the reading and writing of ``x``
            a, b = feature_emb[features[f]], feature_emb[features[f + 1]]
            c, d = feature_emb[features[f + 2]], feature_emb[features[f + 3]]
            for i in range(width):
                own[i] += (a[i] + b[i]) + (c[i] + d[i])
            f += 4
        while f < end:
            a = feature_emb[features[f]]
            for i in range(width):
                own[i] += a[i]
            f += 1


@jit_sums(FLOAT_TABLE, FLOAT_TABLE)
def normalize(x, out):
    """Write the rows of ``x`` (N, D) with mean 0 and variance 1 into ``out``, which may be ``x``."""
    width = x.shape[1]
    count = np.float32(width)
    for n in range(x.shape[0]):
        row, normed = x[n], out[n]
        total = np.float32(0)
        for i in range(width):
            total += row[i]
        mean = total / count
        square = np.float32(0)
        for i in range(width):
            square += (row[i] - mean) * (row[i] - mean)
        factor = np.float32(1) / np.sqrt(square / count + _EPSILON)
        for i in range(width):
            normed[i] = (row[i] - mean) * factor


@jit_part
def _normalize_and_rotate(x, cos, sin, out):
    """Write ``x`` (S,) with mean 0 and variance 1, turned by angles of which ``cos`` and ``sin`` (S / 2,) are given."""
    size = x.shape[0]
    half = size // 2
    total = np.float32(0)
    for i in range(size):
        total += x[i]
    mean = total / np.float32(size)
    square = np.float32(0)
    for i in range(size):
        square += (x[i] - mean) * (x[i] - mean)
    factor = np.float32(1) / np.sqrt(square / np.float32(size) + _EPSILON)
    for i in range(half):
        a, b = (x[i] - mean) * factor, (x[i + half] - mean) * factor
        out[i] = a * cos[i] - b * sin[i]
        out[i + half] = b * cos[i] + a * sin[i]


@jit_sums(FLOATS_4D, FLOAT_TABLE, FLOAT_TABLE, INT64S, INT64S, FLOATS_3D, _STORE, INT32_TABLE, INT)
def rotate_into_cache(qkv, cos, sin, rows, plies, q, store, pages, layer):
    """Normalise queries and keys of ``qkv`` (N, 3, H, S), turn them by their plies' angles, and put them in place.

    Queries go to ``q`` (N, H, S), keys and values to ply ``plies[n]`` of row ``rows[n]`` of a layer of the cache's
    ``store`` (pages, L, 2, H, 16, S), on the row's ``pages`` (rows, .).
    """
    for n in range(qkv.shape[0]):
        ply = plies[n]
        kept, place = store[pages[rows[n], ply // store.shape[4]], layer], ply % store.shape[4]
        for h in range(qkv.shape[2]):
            _normalize_and_rotate(qkv[n, 0, h], cos[ply], sin[ply], q[n, h])
            _normalize_and_rotate(qkv[n, 1, h], cos[ply], sin[ply], kept[0, h, place])
            for i in range(qkv.shape[3]):
                kept[1, h, place, i] = qkv[n, 2, h, i]


@jit_sums(FLOATS_4D, FLOAT_TABLE, FLOAT_TABLE, INT64S, FLOATS_3D, FLOATS_3D)
def rotate_branches(qkv, cos, sin, plies, q, k):
    """The same for plies that nothing is kept of: keys go to ``k`` (N, H, S)."""
    for n in range(qkv.shape[0]):
        ply = plies[n]
        for h in range(qkv.shape[2]):
            _normalize_and_rotate(qkv[n, 0, h], cos[ply], sin[ply], q[n, h])
            _normalize_and_rotate(qkv[n, 1, h], cos[ply], sin[ply], k[n, h])


@jit_sums(FLOATS_3D, INT64S, INT64S, _STORE, INT32_TABLE, INT, FLOATS, FLOATS_3D)
def attend(q, rows, ends, store, pages, layer, scores, out):
    """Softmax attention of each ply to the first ``ends[n]`` plies of its row, read in place; ``q``, ``out`` (N, H, S).

    Norms bound the scores by sqrt(S), so that no maximum need be taken out before the exponential. ``store`` and
    ``pages`` as in ``rotate_into_cache``; ``scores`` is scratch, as long as the longest row.
    """
    heads, size, plies = q.shape[1], q.shape[2], store.shape[4]
    scale = np.float32(1.0 / np.sqrt(size))
    for n in range(q.shape[0]):
        for h in range(heads):
            query, mixed = q[n, h], out[n, h]
            for first in range(0, ends[n], plies):
                keys = store[pages[rows[n], first // plies], layer, 0, h]
                for p in range(min(plies, ends[n] - first)):
                    score = np.float32(0)
                    for i in range(size):
                        score += query[i] * keys[p, i]
                    scores[first + p] = score
            exponentiate(scores, ends[n], scale)
            for i in range(size):
                mixed[i] = np.float32(0)
            total = np.float32(0)
            for first in range(0, ends[n], plies):
                values = store[pages[rows[n], first // plies], layer, 1, h]
                for p in range(min(plies, ends[n] - first)):
                    weight = scores[first + p]
                    total += weight
                    for i in range(size):
                        mixed[i] += weight * values[p, i]
            factor = np.float32(1) / total
            for i in range(size):
                mixed[i] *= factor


@jit_sums(FLOATS_3D, INT, INT)
def causal_softmax(scores, start, size):
    """Turn ``scores`` (H, T, P), products of queries and keys of ``size`` numbers, into probabilities, in place.

    Query t is ply ``start + t`` and sees no later one.
    """
    scale = np.float32(1.0 / np.sqrt(size))
    for h in range(scores.shape[0]):
        for t in range(scores.shape[1]):
            row = scores[h, t]
            end = start + t + 1
            exponentiate(row, end, scale)
            total = np.float32(0)
            for p in range(end):
                total += row[p]
            factor = np.float32(1) / total
            for p in range(end):
                row[p] *= factor
            for p in range(end, scores.shape[2]):
                row[p] = np.float32(0)


@jit_sums(FLOATS_3D, FLOATS_3D, FLOATS_4D, INT64S, FLOATS_4D, FLOATS_3D)
def attend_branches(q, k, qkv, ends, kept, out):
    """Softmax attention of A plies to the beginnings of one game and to themselves; ``q``, ``k`` and ``out`` (A, H, S).

    ``qkv`` (A, 3, H, S) has the plies' values, ``kept`` (2, H, P, S) the game's keys and values; ply a sees
    ``ends[a]`` of those.
    """
    heads, size = q.shape[1], q.shape[2]
    scale = np.float32(1.0 / np.sqrt(size))
    scores = np.empty(kept.shape[2] + 1, np.float32)
    for a in range(q.shape[0]):
        end = ends[a]
        for h in range(heads):
            keys, values, query, mixed = kept[0, h], kept[1, h], q[a, h], out[a, h]
            for p in range(end):
                score = np.float32(0)
                for i in range(size):
                    score += query[i] * keys[p, i]
                scores[p] = score
            score = np.float32(0)
            for i in range(size):
                score += query[i] * k[a, h, i]
            scores[end] = score
            exponentiate(scores, end + 1, scale)
            total = scores[end]
            for i in range(size):
                mixed[i] = total * qkv[a, 2, h, i]
            for p in range(end):
                weight = scores[p]
                total += weight
                for i in range(size):
                    mixed[i] += weight * values[p, i]
            factor = np.float32(1) / total
            for i in range(size):
                mixed[i] *= factor


@jit_sums(FLOAT_TABLE, _INT64_TABLE, _INT64S_3D, FLOAT_TABLE, FLOAT_TABLE, FLOAT_TABLE)
def score_moves(hidden, candidates, feature_ids, move_emb, feature_emb, out):
    """Write the score of each legal move into ``out`` (N, C): the product of hidden state and the vectors of the move.

    ``candidates`` (N, C) are rows of ``move_emb``, -1 as padding (scored -inf); ``feature_ids`` (N, C, F) rows of
    ``feature_emb``, 0 for none. No other row of either is read.
    """
    width = hidden.shape[1]
    for n in range(hidden.shape[0]):
        state = hidden[n]
        for c in range(candidates.shape[1]):
            move = candidates[n, c]
            if move < 0:
                out[n, c] = -np.inf
                continue
            score = np.float32(0)
            vector = move_emb[move]
            for i in range(width):
                score += vector[i] * state[i]
            for f in range(feature_ids.shape[2]):
                feature = feature_ids[n, c, f]
                if feature > 0:
                    vector = feature_emb[feature]
                    for i in range(width):
                        score += vector[i] * state[i]
            out[n, c] = score
