"""The layers over leaves with numpy's products: the reference, and what runs where own kernels do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .history_pages import HistoryPages, PackedHistory
from .leaf_kernels import attend_tails, normalize, split_heads
from .leaves import Leaves
from .weights import Weights

Floats = npt.NDArray[np.float32]


def run_layers(
    weights: Weights,
    pages: HistoryPages,
    games: Sequence[tuple[PackedHistory, int]],
    leaves: Leaves,
    store: Floats,
    buffers: Mapping[str, Floats],
) -> None:
    """Run all layers as ``leaf_kernels.run_layers``: ``games`` are the histories and how many leaves each has."""
    count, width = len(leaves), weights.config.width
    x, y, qkv, attended, up = (buffers[name] for name in ("x", "y", "qkv", "attended", "up"))
    product = np.empty((count, width), np.float32)
    for layer in range(weights.config.layers):
        normalize(x, count, y)
        np.matmul(y[:count], weights.qkv[layer].T, out=qkv[:count])
        split_heads(qkv, buffers["q"], store, layer, leaves.kv_slots, leaves.plies, weights.cos, weights.sin)
        _attend_histories(pages, games, layer, weights.head_size, buffers)
        attend_tails(
            buffers["q"],
            buffers["shared"],
            buffers["sums"],
            store,
            layer,
            leaves.kv_slots,
            leaves.tails,
            leaves.lengths,
            buffers["tail_scores"],
            attended,
        )
        x[:count] += np.matmul(attended[:count], weights.out[layer].T, out=product)
        normalize(x, count, y)
        np.matmul(y[:count], weights.up[layer].T, out=up[:count])
        np.square(np.maximum(up[:count], 0, out=up[:count]), out=up[:count])
        x[:count] += np.matmul(up[:count], weights.down[layer].T, out=product)
    normalize(x, count, y)


def _attend_histories(
    pages: HistoryPages,
    games: Sequence[tuple[PackedHistory, int]],
    layer: int,
    size: int,
    buffers: Mapping[str, Floats],
) -> None:
    q, shared, sums = buffers["q"][:, :, :size], buffers["shared"][:, :, :size], buffers["sums"]
    first = 0
    for history, count in games:
        rows = slice(first, first + count)
        keys, values = pages.unpack(history, layer)
        weights = np.exp(np.matmul(q[:, rows], keys) * np.float32(size**-0.5))
        sums[:, rows] = weights.sum(-1)
        shared[:, rows] = np.matmul(weights, values)
        first += count
