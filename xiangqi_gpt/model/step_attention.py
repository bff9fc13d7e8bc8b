"""The attention of a few new plies of many games to the games so far, in the cache and without a copy of it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from xiangqi_gpt.rules.jit import jit_sums

from .parallel import in_parts

_GAMES_A_THREAD = 16


def attend_steps(q: Tensor, k: Tensor, v: Tensor, store: Tensor, rows: Tensor, starts: Tensor) -> Tensor:
    """Causal softmax attention of T new plies of B games to each game so far; (B, H, T, D/H) like ``q``, ``k``, ``v``.

    ``store`` (2, games, H, plies, D/H) holds a layer's keys and values; game b is its row ``rows[b]`` (B,) and has
    ``starts[b]`` (B,) plies, after which its new keys and values are put. All float32 on the CPU.
    """
    out = torch.empty(q.shape)
    arrays = [x.contiguous().numpy() for x in (q, k, v, rows, starts, out)]
    kept = store.numpy()
    in_parts(lambda part: _attend(*(x[part] for x in arrays), kept), len(q), _GAMES_A_THREAD)
    return out


@jit_sums
def _attend(q, k, v, rows, starts, out, store):
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
