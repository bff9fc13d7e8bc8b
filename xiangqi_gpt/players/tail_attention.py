"""The attention of a tree's leaves to their own lines, merged with that to the game they share."""

from __future__ import annotations

import numpy as np

from xiangqi_gpt.rules.jit import FLOAT_TABLE, FLOATS_3D, FLOATS_5D, INT, INT32_TABLE, INT32S, jit_sums


@jit_sums(*[FLOATS_3D] * 4, FLOAT_TABLE, FLOATS_5D, INT, INT32S, INT32_TABLE, INT32S, FLOATS_3D)
def attend_tails(q, k, v, shared, shared_log_sum, store, layer, kv_slots, tails, lengths, out):
    """Softmax attention of B leaves to a shared game, to the positions on the way from there, and to themselves.

    ``q``, ``k``, ``v`` (B, H, S) are a layer's of the leaves; ``shared`` (H, B, S) is their attention to the shared
    game and ``shared_log_sum`` (H, B) the log of the sum of its exponentials. The keys and values of leaf b are put
    into ``store[kv_slots[b], layer]`` (slots, layers, 2, H, S); those of the positions before it lie at
    ``tails[b, :lengths[b]]``. The parts are weighted by their sums: ``out`` (B, H, S) is one softmax over all of them.
    """
    leaves, heads, size = q.shape
    scale = np.float32(1.0 / np.sqrt(size))
    scores = np.empty(tails.shape[1] + 1, np.float32)
    for b in range(leaves):
        own = store[kv_slots[b], layer]
        for h in range(heads):
            for i in range(size):
                own[0, h, i] = k[b, h, i]
                own[1, h, i] = v[b, h, i]
        count = lengths[b] + 1
        for h in range(heads):
            most = shared_log_sum[h, b]
            for t in range(count):
                key = store[kv_slots[b] if t == count - 1 else tails[b, t], layer, 0, h]
                score = np.float32(0.0)
                for i in range(size):
                    score += q[b, h, i] * key[i]
                scores[t] = score * scale
                most = max(most, scores[t])
            total = np.exp(shared_log_sum[h, b] - most)
            for i in range(size):
                out[b, h, i] = total * shared[h, b, i]
            for t in range(count):
                value = store[kv_slots[b] if t == count - 1 else tails[b, t], layer, 1, h]
                weight = np.exp(scores[t] - most)
                total += weight
                for i in range(size):
                    out[b, h, i] += weight * value[i]
            for i in range(size):
                out[b, h, i] /= total
