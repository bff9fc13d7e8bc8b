"""Parts of the training step on a CPU that PyTorch would do in many passes over memory, each as one function.

A step multiplies small matrices, and what lies between the products costs as much as they do where each operation
reads and writes megabytes. These functions work through the rows in chunks that stay in a processor's cache and know
their own gradients. Each has a plain formulation beside it, for other devices, ``torch.compile`` and the tests.
Shapes: N plies, D width.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

import torch
import torch.nn.functional as F
from torch import Tensor

#: Rows of a chunk: 512 x 1024 floats are 2 MB.
_ROWS: Final = 512
#: Rows of a chunk of scores, a few thousand floats each.
_SCORE_ROWS: Final = 256


def is_fused(x: Tensor) -> bool:
    """Return whether this module takes its fused way: on a CPU, unless a compiler is tracing."""
    return x.device.type == "cpu" and not torch.compiler.is_compiling()


def working_dtype(x: Tensor) -> torch.dtype:
    """Return the type that products of ``x`` are computed in: that of autocast where it is on."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype


def chunks(x: Tensor, most: int) -> Iterator[slice]:
    """Return slices of at most ``most`` rows that cover those of ``x``.

    In half precision they are sixteen times as long: adding up products in float32 costs more than chunks spare.
    """
    rows, most = len(x), most if x.dtype.itemsize > 2 else 16 * most
    return (slice(first, min(first + most, rows)) for first in range(0, rows, most))


# --- the feed-forward layer


def squared_relu_layer(x: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """Return ``relu(x @ up.T) ** 2 @ down.T``: x (..., D), ``up`` (U, D), ``down`` (D, U)."""
    if not (is_fused(x) and torch.is_grad_enabled()):
        return F.linear(F.relu(F.linear(x, up)).square(), down)
    dtype = working_dtype(x)
    with torch.autocast("cpu", enabled=False):
        y = cast(Tensor, _SquaredReluLayer.apply(x.flatten(0, -2).to(dtype), up, down))  # type: ignore[no-untyped-call]
    return y.view(x.shape)


class _SquaredReluLayer(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, up: Tensor, down: Tensor) -> Tensor:
        up, down = up.to(x.dtype), down.to(x.dtype)
        r, y = x.new_empty(len(x), len(up)), torch.empty_like(x)
        for rows in chunks(x, _ROWS):
            torch.mm(x[rows], up.t(), out=r[rows]).clamp_min_(0)
            torch.mm(r[rows] * r[rows], down.t(), out=y[rows])
        ctx.save_for_backward(x, up, down, r)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (dy,) = gradients
        x, up, down, r = ctx.saved_tensors
        dx = torch.empty_like(x)
        dup = ddown = None
        for rows in chunks(x, _ROWS):
            part = r[rows]
            ddown = add_product(ddown, dy[rows].t(), part * part)
            half = torch.mm(dy[rows], down).mul_(part)  # of the gradient of x @ up.T
            dup = add_product(dup, half.t(), x[rows], 2)
            torch.addmm(dx[rows], half, up, beta=0, alpha=2, out=dx[rows])
        return dx, dup, ddown


def add_product(total: Tensor | None, a: Tensor, b: Tensor, factor: float = 1) -> Tensor:
    """Return ``total + factor * a @ b`` in at least float32; ``total`` is changed, and None at first."""
    kind = torch.promote_types(a.dtype, torch.float32)
    if total is None:
        product = torch.mm(a, b).to(kind)
        return product if factor == 1 else product.mul_(factor)
    return total.addmm_(a, b, alpha=factor) if a.dtype == kind else total.add_(torch.mm(a, b), alpha=factor)


# --- the scores of the legal moves


def legal_scores(hidden: Tensor, table: Tensor, places: Tensor) -> Tensor:
    """Return (N, C) float: for each candidate the sum of S of the scores ``hidden @ table.T``.

    ``hidden`` (N, D), ``table`` (V, D) with zeros in row 0, ``places`` (N, C, S) int64 rows of the table.
    """
    if not is_fused(hidden):
        found = F.linear(hidden, table).gather(1, places.flatten(1)).view(places.shape)
        return found.sum(-1, dtype=torch.promote_types(found.dtype, torch.float32))
    dtype = working_dtype(hidden)
    with torch.autocast("cpu", enabled=False):
        return cast(Tensor, _LegalScores.apply(hidden.to(dtype), table, places))  # type: ignore[no-untyped-call]


class _LegalScores(torch.autograd.Function):
    """Neighbours in a batch are plies of the same games: of the table only the rows that a chunk asks for are read."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, table: Tensor, places: Tensor) -> Tensor:
        kind = torch.promote_types(hidden.dtype, torch.float32)
        table = table.to(hidden.dtype)
        out = torch.empty(places.shape[:2], dtype=kind)
        asked = []
        for rows in chunks(hidden, _SCORE_ROWS):
            used, at = _used_rows(places[rows], len(table))
            found = torch.mm(hidden[rows], table[used].t()).gather(1, at.flatten(1)).view(at.shape)
            torch.sum(found, dim=-1, dtype=kind, out=out[rows])
            asked += [used, at]
        ctx.save_for_backward(hidden, table, *asked)
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (dout,) = gradients
        hidden, table, *asked = ctx.saved_tensors
        dhidden = torch.empty_like(hidden)
        dtable = torch.zeros(table.shape, dtype=dout.dtype)
        for rows, used, at in zip(chunks(hidden, _SCORE_ROWS), asked[::2], asked[1::2], strict=True):
            own = hidden.new_zeros(len(at), len(used))
            spread = dout[rows].to(hidden.dtype)[..., None].expand(at.shape)
            own.scatter_add_(1, at.flatten(1), spread.flatten(1))
            dtable.index_add_(0, used, torch.mm(own.t(), hidden[rows]).to(dout.dtype))
            torch.mm(own, table[used], out=dhidden[rows])
        return dhidden, dtable, None


def _used_rows(places: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """(U,) which of ``count`` numbers occur in ``places``, in order, and ``places`` as places among those."""
    occurs = torch.zeros(count, dtype=torch.bool)
    occurs[places.flatten()] = True
    return occurs.nonzero()[:, 0], (occurs.cumsum(0) - 1)[places]
