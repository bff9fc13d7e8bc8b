"""The kernel of ``step_attention``, apart from PyTorch, so that it is compiled without loading that."""

from __future__ import annotations

import numpy as np

from xiangqi_gpt.rules.jit import FLOATS_4D, FLOATS_5D, INT64S, jit_sums


@jit_sums(*[FLOATS_4D] * 3, INT64S, INT64S, FLOATS_4D, FLOATS_5D)
def attend(q, k, v, rows, starts, out, store):
    """Attend T new plies of B games: ``q``, ``k``, ``v`` and ``out`` (B, H, T, S), ``rows`` and ``starts`` (B,).

    ``store`` (2, games, H, plies, S) receives the new keys and values.
    """
    games, heads, length, size = q.shape
    scale = np.float32(1.0 / np.sqrt(size))
    scores = np.empty(store.shape[3], np.float32)
    for b in range(games):
        for h in range(heads):
            keys, values = store[0, rows[b], h], store[1, rows[b], h]
            for t in range(length):
                for i in range(size):
                    keys[starts[b] + t, i] = k[b, h, t, i]
                    values[starts[b] + t, i] = v[b, h, t, i]
            for t in range(length):
                count = starts[b] + t + 1
                most = np.float32(-np.inf)
                for p in range(count):
                    score = np.float32(0.0)
                    for i in range(size):
                        score += q[b, h, t, i] * keys[p, i]
                    scores[p] = score * scale
                    most = max(most, scores[p])
                total = np.float32(0.0)
                for i in range(size):
                    out[b, h, t, i] = 0.0
                for p in range(count):
                    weight = np.exp(scores[p] - most)
                    total += weight
                    for i in range(size):
                        out[b, h, t, i] += weight * values[p, i]
                for i in range(size):
                    out[b, h, t, i] /= total
