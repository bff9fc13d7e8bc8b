"""The attention of a few new plies of many games to the games so far, in the cache and without a copy of it."""

from __future__ import annotations

import torch
from torch import Tensor

from xiangqi_gpt.inference.parallel import parallel_map

from .step_kernels import attend

_GAMES_A_THREAD = 16


def attend_steps(q: Tensor, k: Tensor, v: Tensor, store: Tensor, rows: Tensor, starts: Tensor) -> Tensor:
    """Return causal softmax attention of T new plies of B games to each game so far; (B, H, T, D/H).

    ``store`` (2, games, H, plies, D/H) holds a layer's keys and values; game b is its row ``rows[b]`` (B,) and has
    ``starts[b]`` (B,) plies, after which its new keys and values are put. All float32 on the CPU.
    """
    out = torch.empty(q.shape)
    arrays = [x.contiguous().numpy() for x in (q, k, v, rows, starts, out)]
    kept = store.numpy()
    parallel_map(
        lambda part: attend(*(x[part] for x in arrays), kept), len(q), _GAMES_A_THREAD, torch.get_num_threads()
    )
    return out
