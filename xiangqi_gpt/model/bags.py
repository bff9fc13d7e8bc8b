"""Sums of vectors of a table, and their gradient without sorting half a million numbers."""

from __future__ import annotations

from typing import Any, Final, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.rules.jit import jit_sums

from .fused import is_fused
from .parallel import in_parts

_COLUMNS_A_THREAD: Final = 64


def sum_bags(table: Tensor, features: Tensor, offsets: Tensor) -> Tensor:
    """(N, D): bag n is the sum of rows ``features[offsets[n]:offsets[n + 1]]`` of ``table`` (V, D)."""
    if not (is_fused(table) and torch.is_grad_enabled()):
        return F.embedding_bag(features, table, offsets, mode="sum")
    return cast(Tensor, _SumBags.apply(table, features, offsets))  # type: ignore[no-untyped-call]


class _SumBags(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, table: Tensor, features: Tensor, offsets: Tensor) -> Tensor:
        ctx.save_for_backward(features, offsets)
        ctx.rows = len(table)
        return F.embedding_bag(features, table, offsets, mode="sum")

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        features, offsets = (x.numpy() for x in ctx.saved_tensors)
        dy = gradients[0].contiguous()
        dtable = dy.new_zeros(ctx.rows, dy.shape[1])
        bags, into = dy.numpy(), dtable.numpy()
        in_parts(
            lambda part: _add_bags(bags, features, offsets, into, part.start, part.stop), dy.shape[1], _COLUMNS_A_THREAD
        )
        return dtable, None, None


@jit_sums
def _add_bags(bags, features, offsets, table, first, last):  # type: ignore[no-untyped-def]
    """Add each bag's gradient, columns ``first`` to ``last``, to those of the rows it is the sum of."""
    count = len(offsets)
    for n in range(count):
        end = offsets[n + 1] if n + 1 < count else len(features)
        for m in range(offsets[n], end):
            row = features[m]
            for i in range(first, last):
                table[row, i] += bags[n, i]
