"""Causal attention within each of many games that lie packed, one after another, without padding.

Shapes: N tokens of all games, H heads, D width; a game's tokens are neighbours.
"""

from __future__ import annotations

import copy
import itertools
import math
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.inference.parallel import parallel_map

from .fused import is_fused
from .rotary_kernels import normalize_and_rotate, normalize_and_rotate_backward

_TOKENS_A_THREAD = 512


class Packing:
    """Where each game of a pack begins and ends: ``lengths`` are their numbers of tokens."""

    def __init__(self, lengths: Tensor) -> None:
        self.lengths: list[int] = lengths.tolist()
        ends = list(itertools.accumulate(self.lengths, initial=0))
        self.games = list(itertools.pairwise(ends))  #: (first, end) of each
        self.starts = torch.tensor(ends[:-1], device=lengths.device)  #: (B,) int64
        #: (N,) int64: the number of each token in its game.
        self.positions = torch.arange(ends[-1], device=lengths.device) - self.starts.repeat_interleave(lengths)

    def to(self, device: torch.device) -> Packing:
        """Return the same with its tensors on a device."""
        moved = copy.copy(self)
        moved.starts, moved.positions = self.starts.to(device), self.positions.to(device)
        return moved

    def pad(self, x: Tensor) -> Tensor:
        """Return (B, T, ...) of packed (N, ...), zeros after a game's end."""
        padded = x.new_zeros(len(self.lengths) * max(self.lengths), *x.shape[1:])
        return padded.index_put((self._places(),), x).view(len(self.lengths), -1, *x.shape[1:])

    def unpad(self, x: Tensor) -> Tensor:
        """Undo ``pad``."""
        return x.flatten(0, 1)[self._places()]

    def _places(self) -> Tensor:
        games = torch.arange(len(self.lengths), device=self.positions.device)
        lengths = torch.tensor(self.lengths, device=self.positions.device)
        return games.repeat_interleave(lengths) * max(self.lengths) + self.positions


Rope = tuple[Tensor, Tensor]


def packed_attention(qkv: Tensor, heads: int, rope: Rope | None, packing: Packing) -> Tensor:
    """Return causal softmax attention (N, D) within each game, of queries, keys and values (N, 3 D).

    With ``rope``, cosines and sines (N, D/H/2), queries and keys are normalised and turned before.
    """
    if not is_fused(qkv) or (rope is not None and qkv.dtype == torch.float64):  # the kernels know float32 alone
        return _plain(qkv, heads, rope, packing)
    with torch.autocast("cpu", enabled=False):
        # In bfloat16 the small products are no faster, and each would copy its parts.
        exact = qkv.to(torch.promote_types(qkv.dtype, torch.float32))
        y = cast(Tensor, _PackedAttention.apply(exact, heads, rope, packing.games))  # type: ignore[no-untyped-call]
        return y.to(qkv.dtype)


def _plain(qkv: Tensor, heads: int, rope: Rope | None, packing: Packing) -> Tensor:
    """The same on any device, with the games padded to the longest."""
    q, k, v = packing.pad(qkv.view(len(qkv), 3, heads, -1)).permute(2, 0, 3, 1, 4)
    if rope is not None:
        cos, sin = (packing.pad(x)[:, None] for x in rope)
        q, k = (rotate(F.layer_norm(x, x.shape[-1:]), (cos, sin)).to(v.dtype) for x in (q, k))
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return packing.unpad(y.transpose(1, 2)).flatten(1)


def rotate(x: Tensor, rope: Rope) -> Tensor:
    """Turn the two halves of the last axis of ``x`` by the angles whose cosines and sines ``rope`` holds."""
    cos, sin = rope[0].to(x.dtype), rope[1].to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class _PackedAttention(torch.autograd.Function):
    """On a CPU: the probabilities are kept for the backward pass, which is then five small products a game."""

    @staticmethod
    def forward(ctx: Any, qkv: Tensor, heads: int, rope: Rope | None, games: list[tuple[int, int]]) -> Tensor:
        count = len(qkv)
        parts = qkv.view(count, 3, heads, -1).permute(1, 2, 0, 3)  # (3, H, N, D/H)
        turned, scale = parts[:2], qkv.new_empty(0)
        if rope is not None:
            turned, scale = _turn(qkv, heads, rope)
        (q, k), v = turned, parts[2]
        if not any(ctx.needs_input_grad):
            return _attend(q, k, v, games)
        y = torch.empty(count, heads, v.shape[-1], dtype=qkv.dtype)
        longest = max(end - first for first, end in games)
        future = torch.full((longest, longest), -math.inf, dtype=qkv.dtype).triu(1)
        shares = []
        for own_q, own_k, own_v, out in zip(*(_by_game(x, games) for x in (q, k, v, y.transpose(0, 1))), strict=True):
            mask = future[: own_q.shape[1], : own_q.shape[1]]
            scores = torch.baddbmm(mask, own_q, own_k.transpose(1, 2), alpha=v.shape[-1] ** -0.5)
            shares.append(torch.softmax(scores, dim=-1))
            out.copy_(torch.bmm(shares[-1], own_v))
        ctx.save_for_backward(qkv, turned, scale, *(rope or ()), *shares)
        ctx.heads, ctx.games, ctx.has_rope = heads, games, rope is not None
        return y.flatten(1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (dy,) = gradients
        qkv, turned, scale, *rest = ctx.saved_tensors
        rope, shares = (tuple(rest[:2]), rest[2:]) if ctx.has_rope else (None, rest)
        (q, k), v = turned, qkv.view(len(qkv), 3, ctx.heads, -1)[:, 2].transpose(0, 1)
        dqkv = torch.empty_like(qkv)
        parts = dqkv.view(len(qkv), 3, ctx.heads, -1).permute(1, 2, 0, 3)
        dy = dy.view(len(qkv), ctx.heads, -1).transpose(0, 1)
        dturned = parts[:2] if rope is None else torch.empty_like(turned)
        scale_of_scores = v.shape[-1] ** -0.5
        own = zip(*(_by_game(x, ctx.games) for x in (q, k, v, dy, *dturned, parts[2])), shares, strict=True)
        for own_q, own_k, own_v, own_dy, dq, dk, dv, share in own:
            dv.copy_(torch.bmm(share.transpose(1, 2), own_dy))
            dshare = torch.bmm(own_dy, own_v.transpose(1, 2))
            dscores = torch._softmax_backward_data(dshare, share, -1, share.dtype).mul_(scale_of_scores)
            dq.copy_(torch.bmm(dscores, own_k))
            dk.copy_(torch.bmm(dscores.transpose(1, 2), own_q))
        if rope is not None:
            _turn_back(turned, dturned, scale, rope, dqkv)
        return dqkv, None, None, None


def _by_game(x: Tensor, games: list[tuple[int, int]]) -> tuple[Tensor, ...]:
    """The parts of ``x`` (H, N, D/H) that belong to each game."""
    return torch.split(x, [end - first for first, end in games], dim=1)


def _attend(q: Tensor, k: Tensor, v: Tensor, games: list[tuple[int, int]]) -> Tensor:
    """(N, D) without a gradient: PyTorch's fused attention, whose backward pass is slower than plain products."""
    y = torch.empty(v.shape[1], *v.shape[::2], dtype=v.dtype)
    for own_q, own_k, own_v, out in zip(*(_by_game(x, games) for x in (q, k, v, y.transpose(0, 1))), strict=True):
        out.copy_(F.scaled_dot_product_attention(own_q[None], own_k[None], own_v[None], is_causal=True)[0])
    return y.flatten(1)


def _turn(qkv: Tensor, heads: int, rope: Rope) -> tuple[Tensor, Tensor]:
    """Queries and keys (2, H, N, D/H), normalised and turned, and (N, 2, H) what they were multiplied with."""
    given, cos, sin = (x.float().contiguous().numpy() for x in (qkv, *rope))
    parts = given.reshape(len(qkv), 3, heads, -1)
    turned = np.empty((2, heads, len(qkv), parts.shape[-1]), np.float32)
    scale = np.empty((len(qkv), 2, heads), np.float32)
    parallel_map(
        lambda part: normalize_and_rotate(parts, cos, sin, turned, scale, part.start, part.stop),
        len(qkv),
        _TOKENS_A_THREAD,
        torch.get_num_threads(),
    )
    return torch.from_numpy(turned), torch.from_numpy(scale)


def _turn_back(turned: Tensor, dturned: Tensor, scale: Tensor, rope: Rope, dqkv: Tensor) -> None:
    """Write the gradient of queries and keys into ``dqkv`` (N, 3 D)."""
    arrays = [x.float().contiguous().numpy() for x in (turned, dturned, scale, *rope)]
    out = dqkv.view(len(dqkv), 3, turned.shape[1], -1).numpy()
    parallel_map(
        lambda part: normalize_and_rotate_backward(*arrays, out, part.start, part.stop),
        len(dqkv),
        _TOKENS_A_THREAD,
        torch.get_num_threads(),
    )
