"""The network in numpy: products by ``layer_products``, everything between them by ``network_kernels``.

It serves the modern body with one token a move (``weights.is_served``), with every set of input features. Letters in
shapes: N plies, B games, D width, H heads, S = D / H.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from xiangqi_gpt.rules.moves import MOVE_COUNT

from .config import GptConfig
from .encoding import PositionFeatures
from .kv_cache import KvCache
from .layer_products import layer_products
from .leaf_kernels import square_positive
from .network import Cache, Floats, Integers, Plies
from .network_kernels import (
    attend,
    attend_branches,
    causal_softmax,
    embed,
    normalize,
    rotate_branches,
    rotate_into_cache,
    score_moves,
)
from .weights import Weights

#: New plies of a game from which attention is two matrix products rather than a pass over the cache for each of them.
_LONG: Final = 8
#: Rows of a chunk of the feed-forward layer: what lies between its two products stays in a processor's cache.
_ROWS: Final = 256


class NumpyNetwork:
    """``network.Network`` on weights in numpy. It keeps nothing between calls, so that threads may share it."""

    def __init__(self, weights: Weights, *, own_kernels: bool = True) -> None:
        self.weights = weights
        self._add_product = layer_products(weights, own_kernels=own_kernels)

    @property
    def config(self) -> GptConfig:
        """The shape of the model."""
        return self.weights.config

    def new_cache(self) -> KvCache:
        """Return an empty cache for this model's games."""
        return KvCache(self.config)

    def forward(self, plies: Plies, control: Integers, cache: Cache, layer: int | None = None) -> Floats:
        """See ``Network``."""
        assert isinstance(cache, KvCache)
        cache.extend(plies.rows, plies.starts + plies.lengths)
        firsts = np.cumsum(plies.lengths) - plies.lengths  # (B,) the first new ply of each game
        rows = np.repeat(plies.rows, plies.lengths)
        numbers = np.arange(len(plies.tokens)) + np.repeat(plies.starts - firsts, plies.lengths)
        x = self._embedded(plies.tokens, plies.features)
        opening = firsts[plies.starts == 0]
        x[opening] += self.weights.token_emb[control].sum(0)
        normalize(x, x)
        heads, size = self.config.heads, self.weights.head_size
        q, mixed = np.empty((len(x), heads, size), np.float32), np.empty((len(x), heads, size), np.float32)
        long = np.flatnonzero(plies.lengths >= _LONG)
        short = np.repeat(plies.lengths < _LONG, plies.lengths)
        scratch = Scratch(len(x), self.config.width)
        state = x.copy() if layer == 0 else x
        scores = np.empty(int(numbers.max()) + 1, np.float32)
        store, pages = cache.store, cache.pages
        for number in range(self.config.layers):
            qkv = self._qkv(x, number, scratch)
            rotate_into_cache(qkv, self.weights.cos, self.weights.sin, rows, numbers, q, store, pages, number)
            if not len(long):
                attend(q, rows, numbers + 1, store, pages, number, scores, mixed)
            else:
                if short.any():
                    part = np.empty((int(short.sum()), heads, size), np.float32)
                    attend(q[short], rows[short], numbers[short] + 1, store, pages, number, scores, part)
                    mixed[short] = part
                for game in long:
                    new = slice(firsts[game], firsts[game] + plies.lengths[game])
                    kept = cache.layer(int(plies.rows[game]), number, int(plies.starts[game] + plies.lengths[game]))
                    _attend_long(q[new], int(plies.starts[game]), kept, mixed[new])
            self._finish_block(x, mixed, number, scratch)
            if layer == number + 1:
                state = x.copy()
        out = np.empty_like(x)
        normalize(x if layer is None else state, out)
        return out

    def forward_branches(
        self, tokens: Integers, features: PositionFeatures | None, cache: Cache, row: int, ends: Integers
    ) -> Floats:
        """See ``Network``."""
        x = self._embedded(tokens, features)
        normalize(x, x)
        count, heads, size = len(x), self.config.heads, self.weights.head_size
        q, mixed = np.empty((count, heads, size), np.float32), np.empty((count, heads, size), np.float32)
        k, scratch = np.empty_like(q), Scratch(count, self.config.width)
        kept = np.ascontiguousarray(cache.view(row, int(ends.max())))
        for number in range(self.config.layers):
            qkv = self._qkv(x, number, scratch)
            rotate_branches(qkv, self.weights.cos, self.weights.sin, ends, q, k)
            attend_branches(q, k, qkv, ends, kept[number], mixed)
            self._finish_block(x, mixed, number, scratch)
        normalize(x, x)
        return x

    def legal_logits(self, hidden: Floats, candidates: Integers, feature_ids: Integers) -> Floats:
        """See ``Network``."""
        weights = self.weights
        logits = np.empty(candidates.shape, np.float32)
        none = np.empty((*candidates.shape, 0), np.int64)
        if weights.candidate_emb is not None:
            score_moves(hidden, candidates, feature_ids, weights.policy_head, weights.candidate_emb, logits)
        else:
            score_moves(hidden, candidates, none, weights.policy_head, weights.policy_head, logits)
        if weights.legality_head is not None and weights.legality_bias is not None:
            odds = np.empty(candidates.shape, np.float32)
            score_moves(hidden, candidates, none, weights.legality_head, weights.legality_head, odds)
            logits += np.where(candidates >= 0, _log_sigmoid(odds + weights.legality_bias[candidates]), 0)
        return logits

    def unmasked_logits(self, hidden: Floats) -> Floats:
        """See ``Network``."""
        weights = self.weights
        logits = np.empty((len(hidden), MOVE_COUNT), np.float32)
        np.matmul(hidden, weights.policy_head.T, out=logits)
        if weights.legality_head is not None and weights.legality_bias is not None:
            odds = hidden @ weights.legality_head.T + weights.legality_bias
            logits += _log_sigmoid(odds - np.float32(self.config.legal_margin))
        return logits

    def value_logits(self, hidden: Floats) -> Floats:
        """See ``Network``."""
        # Each row by itself: how a product of matrices rounds depends on how many rows it has.
        return np.asarray((hidden[:, None] * self.weights.value).sum(-1), np.float32)

    def _embedded(self, tokens: Integers, features: PositionFeatures | None) -> Floats:
        x = np.empty((len(tokens), self.config.width), np.float32)
        table = self.weights.token_emb
        if self.weights.feature_emb is None:
            embed(tokens, tokens[:0], np.zeros(len(tokens) + 1, np.int64), table, table, x)
        elif features is None:
            raise ValueError("this model needs the input features of each position")
        else:
            embed(tokens, features.features, features.starts, table, self.weights.feature_emb, x)
        return x

    def _qkv(self, x: Floats, layer: int, scratch: Scratch) -> Floats:
        """Return queries, keys and values (N, 3, H, S) of a block's input (N, D)."""
        qkv = scratch.qkv
        qkv.fill(0)
        for rows in _chunks(len(x)):
            normed = scratch.normed[: len(x[rows])]
            normalize(x[rows], normed)
            self._add_product("qkv", layer, normed, qkv[rows])
        return qkv.reshape(len(x), 3, self.config.heads, -1)

    def _finish_block(self, x: Floats, mixed: Floats, layer: int, scratch: Scratch) -> None:
        """Add to ``x`` (N, D) what a block makes of its attention's ``mixed`` values (N, H, S)."""
        attended = mixed.reshape(x.shape)
        for rows in _chunks(len(x)):
            part = x[rows]
            normed, inner = scratch.normed[: len(part)], scratch.inner[: len(part)]
            self._add_product("out", layer, attended[rows], part)
            normalize(part, normed)
            inner.fill(0)
            self._add_product("up", layer, normed, inner)
            square_positive(inner, len(inner))
            self._add_product("down", layer, inner, part)


class Scratch:
    """What a pass over N plies writes to in every layer: given by the system once, not layer by layer."""

    def __init__(self, plies: int, width: int) -> None:
        rows = min(plies, _ROWS)
        self.qkv = np.empty((plies, 3 * width), np.float32)
        self.normed, self.inner = np.empty((rows, width), np.float32), np.empty((rows, 4 * width), np.float32)


def _chunks(rows: int) -> Iterator[slice]:
    return (slice(first, min(first + _ROWS, rows)) for first in range(0, rows, _ROWS))


def _attend_long(q: Floats, start: int, kept: Floats, mixed: Floats) -> None:
    """Write the causal attention of T plies of a game from ``start`` on into ``mixed`` (T, H, S).

    ``q`` is (T, H, S), ``kept`` (2, H, start + T, S) the keys and values of a layer.
    """
    length, heads, size = q.shape
    keys, values = kept
    scores = np.empty((heads, length, start + length), np.float32)
    np.matmul(q.transpose(1, 0, 2), keys.transpose(0, 2, 1), out=scores)
    causal_softmax(scores, start, size)
    np.matmul(scores, values, out=mixed.transpose(1, 0, 2))


def _log_sigmoid(x: Floats) -> Floats:
    return np.asarray(-np.logaddexp(np.float32(0), -x), np.float32)
