"""The network over leaves of search trees, as kernels: one call a batch.

B leaves, D width, H heads, S = D / H numbers a head, S' the same rounded up to 16. A leaf is one token: it attends to
the game that its tree starts from (*history*, shared by all leaves of a tree), to the positions on its way from there
(its *tail*) and to itself.
"""

from __future__ import annotations

import numpy as np
from numba import types

from xiangqi_gpt.rules.jit import (
    FLOAT_TABLE,
    FLOATS_3D,
    FLOATS_5D,
    INT,
    INT16S,
    INT32_TABLE,
    INT32S,
    INT64S,
    jit,
    jit_sums,
)

from .products import COLUMNS, add_page, add_product, exponentiate

PAGE = COLUMNS  #: plies of a page of history

_PANELS = types.uint16[:, :, :, ::1]
_PAIR = types.UniTuple(_PANELS, 2)
#: Queries, keys and values; out; up; down, each as upper and lower halves.
PANELS = types.UniTuple(_PAIR, 4)
#: Key and value pages (``history_pages``); the page numbers of G games, one after another; where each game begins among
#: those (G + 1,); plies of each (G,); its first leaf (G + 1,).
HISTORY = types.Tuple((FLOATS_5D, FLOATS_5D, INT32S, INT64S, INT64S, INT64S))
BUFFERS = types.Tuple((*[FLOAT_TABLE] * 3, *[FLOATS_3D] * 2, *[FLOAT_TABLE] * 6))

_EPSILON = np.float32(1e-5)


@jit_sums(FLOAT_TABLE, INT, FLOAT_TABLE)
def normalize(x, rows, out):
    """Set ``out[:rows]`` to the rows of ``x`` with mean 0 and variance 1."""
    width = x.shape[1]
    for b in range(rows):
        total = np.float32(0)
        for i in range(width):
            total += x[b, i]
        mean = total / np.float32(width)
        squares = np.float32(0)
        for i in range(width):
            d = x[b, i] - mean
            squares += d * d
        scale = np.float32(1) / np.sqrt(squares / np.float32(width) + _EPSILON)
        for i in range(width):
            out[b, i] = (x[b, i] - mean) * scale


@jit_sums(FLOAT_TABLE, FLOAT_TABLE, INT64S, INT16S, INT64S, INT, FLOAT_TABLE)
def embed(token_emb, feature_emb, tokens, features, ends, most, out):
    """Set ``out`` to the normalised sums of the vectors of each leaf's token and of its features below ``most``.

    ``tokens`` (B,), ``features`` (F,) one leaf's after another's, which end at ``ends`` (B,).
    """
    width = out.shape[1]
    j = 0
    for b in range(tokens.shape[0]):
        for i in range(width):
            out[b, i] = token_emb[tokens[b], i]
        while j < ends[b]:
            if features[j] >= most:
                j += 1
            elif j + 4 <= ends[b] and max(features[j + 1], features[j + 2], features[j + 3]) < most:
                f0, f1, f2, f3 = features[j], features[j + 1], features[j + 2], features[j + 3]
                for i in range(width):
                    pair = feature_emb[f0, i] + feature_emb[f1, i]
                    out[b, i] += pair + (feature_emb[f2, i] + feature_emb[f3, i])
                j += 4
            else:
                f0 = features[j]
                for i in range(width):
                    out[b, i] += feature_emb[f0, i]
                j += 1
    normalize(out, tokens.shape[0], out)


@jit_sums(FLOAT_TABLE, FLOATS_3D, FLOATS_5D, INT, INT32S, INT64S, FLOAT_TABLE, FLOAT_TABLE)
def split_heads(qkv, q, store, layer, kv_slots, plies, cos, sin):
    """Normalise and turn the queries into ``q`` (H, B, S'), the keys into ``store``, and put the values there.

    ``qkv`` (B, 3 D) of a layer; ``store`` (slots, L, 2, H, S), ``kv_slots`` (B,) where a leaf's keys and values go;
    ``plies`` (B,) its number in the game, for ``cos`` and ``sin`` (plies, S / 2).
    """
    heads, size = store.shape[3], store.shape[4]
    half = size // 2
    width = heads * size
    for b in range(kv_slots.shape[0]):
        own = store[kv_slots[b], layer]
        for h in range(heads):
            for part in range(2):
                first = part * width + h * size
                total = np.float32(0)
                for i in range(size):
                    total += qkv[b, first + i]
                mean = total / np.float32(size)
                squares = np.float32(0)
                for i in range(size):
                    d = qkv[b, first + i] - mean
                    squares += d * d
                scale = np.float32(1) / np.sqrt(squares / np.float32(size) + _EPSILON)
                target = q[h, b] if part == 0 else own[0, h]
                for i in range(half):
                    x, y = (qkv[b, first + i] - mean) * scale, (qkv[b, first + half + i] - mean) * scale
                    c, s = cos[plies[b], i], sin[plies[b], i]
                    target[i] = x * c - y * s
                    target[half + i] = y * c + x * s
            first = 2 * width + h * size
            for i in range(size):
                own[1, h, i] = qkv[b, first + i]


@jit_sums(FLOATS_3D, FLOATS_3D, FLOAT_TABLE, FLOATS_5D, INT, INT32S, INT32_TABLE, INT32S, FLOAT_TABLE, FLOAT_TABLE)
def attend_tails(q, shared, sums, store, layer, kv_slots, tails, lengths, scores, out):
    """Add the attention to tails and to the leaves themselves to that to their histories: ``out`` (B, D) is both.

    ``q`` (H, B, S'); ``shared`` (H, B, S') are sums of values and ``sums`` (H, B) of their weights over the histories.
    Queries and keys have length sqrt(S): no score is larger than that, and exponentials need no maximum taken off.
    """
    heads, size = store.shape[3], store.shape[4]
    scale = np.float32(1 / np.sqrt(size))
    for b in range(kv_slots.shape[0]):
        count = lengths[b] + 1
        for t in range(count):
            keys = store[kv_slots[b] if t == count - 1 else tails[b, t], layer, 0]
            for h in range(heads):
                score = np.float32(0)
                for i in range(size):
                    score += q[h, b, i] * keys[h, i]
                scores[h, t] = score
        for h in range(heads):
            exponentiate(scores[h], count, scale)
        for t in range(count):
            values = store[kv_slots[b] if t == count - 1 else tails[b, t], layer, 1]
            for h in range(heads):
                weight = scores[h, t]
                sums[h, b] += weight
                for i in range(size):
                    shared[h, b, i] += weight * values[h, i]
        for h in range(heads):
            share = np.float32(1) / sums[h, b]
            for i in range(size):
                out[b, h * size + i] = shared[h, b, i] * share


@jit(FLOATS_3D, INT, HISTORY, FLOATS_3D, FLOAT_TABLE, FLOAT_TABLE)
def attend_histories(q, layer, history, shared, sums, scores):
    """Set ``shared`` (H, B, S') and ``sums`` (H, B) to the attention of the leaves to the histories of their games.

    ``scores`` (B, plies rounded up to 16) is scratch.
    """
    keys, values, page_numbers, page_bounds, game_plies, leaf_bounds = history
    heads, size, columns = q.shape[0], keys.shape[3], values.shape[3] // COLUMNS
    scale = np.float32(1 / np.sqrt(size))
    for game in range(game_plies.shape[0]):
        first, last = leaf_bounds[game], leaf_bounds[game + 1]
        begin, end = page_bounds[game], page_bounds[game + 1]
        for h in range(heads):
            for b in range(first, last):
                scores[b, : (end - begin) * PAGE] = np.float32(0)
                shared[h, b, :] = np.float32(0)
            for p in range(end - begin):
                add_page(q[h], first, last, keys[page_numbers[begin + p], layer, h], 0, scores, p * PAGE)
            for b in range(first, last):
                exponentiate(scores[b], game_plies[game], scale)
                total = np.float32(0)
                for i in range(game_plies[game]):
                    total += scores[b, i]
                sums[h, b] = total
            for p in range(end - begin):
                page = values[page_numbers[begin + p], layer, h]
                for c in range(columns):
                    panel = page[c * PAGE : (c + 1) * PAGE]
                    add_page(scores, first, last, panel, p * PAGE, shared[h], c * COLUMNS)


@jit_sums(FLOAT_TABLE, INT, INT)
def _clear(x, rows, columns):
    for b in range(rows):
        for i in range(columns):
            x[b, i] = np.float32(0)


@jit_sums(FLOAT_TABLE, INT)
def square_positive(x, rows):
    """Set ``x[:rows]`` to the squares of its positive numbers, and the others to 0."""
    for b in range(rows):
        for i in range(x.shape[1]):
            y = max(x[b, i], np.float32(0))
            x[b, i] = y * y


@jit(PANELS, HISTORY, FLOATS_5D, INT32S, INT64S, INT32_TABLE, INT32S, FLOAT_TABLE, FLOAT_TABLE, BUFFERS)
def run_layers(panels, history, store, kv_slots, plies, tails, lengths, cos, sin, buffers):
    """Run all layers over the first B rows of the embedded leaves, B = ``len(kv_slots)``, and normalise the result.

    ``buffers``: x (R, D), the embedded leaves; y (R, D), which receives the hidden states; qkv (R, 3 D); q and shared
    (H, R, S'); sums (H, R); scores (R, plies rounded up to 16); tail scores (H, T + 1); attended (R, D); up (R, 4 D);
    block (256, 16); D, 3 D and 4 D each rounded up to 16, R at least B.
    """
    qkv_panels, out_panels, up_panels, down_panels = panels
    x, y, qkv, q, shared, sums, scores, tail_scores, attended, up, block = buffers
    rows = kv_slots.shape[0]
    for layer in range(qkv_panels[0].shape[0]):
        normalize(x, rows, y)
        _clear(qkv, rows, qkv.shape[1])
        add_product(y, 0, rows, qkv_panels[0][layer], qkv_panels[1][layer], qkv, block)
        split_heads(qkv, q, store, layer, kv_slots, plies, cos, sin)
        attend_histories(q, layer, history, shared, sums, scores)
        attend_tails(q, shared, sums, store, layer, kv_slots, tails, lengths, tail_scores, attended)
        add_product(attended, 0, rows, out_panels[0][layer], out_panels[1][layer], x, block)
        normalize(x, rows, y)
        _clear(up, rows, up.shape[1])
        add_product(y, 0, rows, up_panels[0][layer], up_panels[1][layer], up, block)
        square_positive(up, rows)
        add_product(up, 0, rows, down_panels[0][layer], down_panels[1][layer], x, block)
    normalize(x, rows, y)
