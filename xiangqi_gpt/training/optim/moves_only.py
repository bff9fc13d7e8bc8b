"""What a moves-only model loses on a batch: over all 2086 moves, which it has to know the legal ones of.

The scores of a batch are tens of megabytes, and written as PyTorch operations the losses and their gradients are
thirty passes over them. On a CPU one function works through them in chunks. It still costs more than a model with
features pays for its moves: two products with 2086 columns, where that one asks for the legal moves' features only.
Shapes: N plies, D width, M = 2086 moves, C the most legal moves of a ply.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.model.fused import add_product, chunks, is_fused, working_dtype
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.rules.moves import MOVE_COUNT

#: Of a chunk: 8.5 megabytes of floats. Larger chunks stay in no cache, smaller ones add up the gradients of the two
#: tables, of 2 megabytes each, more often. ``chunks`` takes sixteen times as many in half precision.
_ROWS: Final = 1024
_HALF_ROWS: Final = 128

Nats = tuple[Tensor, Tensor, Tensor, Tensor | None]


def moves_only_nats(model: Gpt, hidden: Tensor, legal: Tensor, targets: Tensor) -> Nats:
    """Return logits (N, M) of hidden states (N, D), and three losses (N,) in nats.

    Those of the moves ``targets`` (N,); minus the logarithm of the probability on legal moves; and of the 2086 answers
    of the legality head, None without one. ``legal`` (N, C) int64 are the legal moves, -1 as padding.
    """
    if not is_fused(hidden):
        return plain_nats(model, hidden, legal, targets)
    dtype = working_dtype(hidden)
    head = model.legality_head
    weight, bias = (head.weight, head.bias) if head is not None else (None, None)
    table = model.policy_head.table()[:MOVE_COUNT]
    with torch.autocast("cpu", enabled=False):
        found = _MovesOnlyNats.apply(hidden.to(dtype), table, weight, bias, legal, targets)  # type: ignore[no-untyped-call]
    logits, move_nats, illegal_nats, rules_nats = found
    return logits, move_nats, illegal_nats, rules_nats if head is not None else None


def plain_nats(model: Gpt, hidden: Tensor, legal: Tensor, targets: Tensor) -> Nats:
    """Return the same on any device, by PyTorch operations."""
    logits = model.policy_logits(hidden).float()
    is_move = legal >= 0
    among_legal = logits.gather(1, legal.clamp(min=0)).masked_fill(~is_move, -math.inf)
    illegal_nats = logits.logsumexp(-1) - among_legal.logsumexp(-1)
    rules_nats = None
    if model.legality_head is not None:
        odds = model.legal_move_logits(hidden)
        legal_odds = odds.gather(1, legal.clamp(min=0)) * is_move
        rules_nats = F.softplus(odds).sum(-1) - legal_odds.sum(-1)
    return logits, F.cross_entropy(logits, targets, reduction="none"), illegal_nats, rules_nats


def _chunks(hidden: Tensor) -> Iterator[slice]:
    return chunks(hidden, _ROWS if hidden.dtype.itemsize > 2 else _HALF_ROWS)


class _MovesOnlyNats(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        table: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        legal: Tensor,
        targets: Tensor,
    ) -> tuple[Tensor, ...]:
        count, kind = len(hidden), torch.promote_types(hidden.dtype, torch.float32)
        logits = torch.empty(count, len(table), dtype=kind)
        odds = torch.empty_like(logits, dtype=hidden.dtype) if weight is not None else None
        total, legal_total, rules_nats = (torch.zeros(count, dtype=kind) for _ in range(3))
        places, is_move = legal.clamp(min=0), legal >= 0
        table, weight = table.to(hidden.dtype), None if weight is None else weight.to(hidden.dtype)
        for rows in _chunks(hidden):
            own, at = logits[rows], places[rows]
            if weight is None or bias is None or odds is None:
                own.copy_(torch.mm(hidden[rows], table.t()))
            else:
                torch.addmm(bias.to(hidden.dtype), hidden[rows], weight.t(), out=odds[rows])
                legality = odds[rows].to(kind)
                sure = F.logsigmoid(legality)
                if own.dtype == hidden.dtype:
                    torch.mm(hidden[rows], table.t(), out=own).add_(sure)
                else:
                    torch.add(torch.mm(hidden[rows], table.t()), sure, out=own)
                # softplus(x) = x - logsigmoid(x)
                rules_nats[rows] = legality.sum(-1) - sure.sum(-1) - (legality.gather(1, at) * is_move[rows]).sum(-1)
            most = own.amax(-1, keepdim=True)
            total[rows] = torch.sub(own, most).exp_().sum(-1).log_().add_(most[:, 0])
            legal_total[rows] = own.gather(1, at).masked_fill_(~is_move[rows], -math.inf).logsumexp(-1)
        ctx.save_for_backward(hidden, table, weight, legal, targets, logits, odds, total, legal_total)
        ctx.set_materialize_grads(False)
        move_nats = total - logits.gather(1, targets[:, None])[:, 0]
        return logits, move_nats, total - legal_total, rules_nats

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        hidden, table, weight, legal, targets, logits, odds, total, legal_total = ctx.saved_tensors
        dlogits, *per_ply = gradients
        dmove, dillegal, drules = (total.new_zeros(len(total)) if d is None else d for d in per_ply)
        dhidden = torch.empty_like(hidden)
        dtable = dweight = None
        dbias = logits.new_zeros(len(weight)) if weight is not None else None
        places, is_move = legal.clamp(min=0), legal >= 0
        for rows in _chunks(hidden):
            own, at = logits[rows], places[rows]
            among = (
                own.gather(1, at).sub_(legal_total[rows, None]).exp_().mul_(dillegal[rows, None]).mul_(is_move[rows])
            )
            change = torch.sub(own, total[rows, None]).exp_().mul_((dmove + dillegal)[rows, None])
            change.scatter_add_(1, at, among.mul_(is_move[rows]).neg_())
            change.scatter_add_(1, targets[rows, None], -dmove[rows, None])
            if dlogits is not None:
                change += dlogits[rows]
            dscores = change.to(hidden.dtype)
            dtable = add_product(dtable, dscores.t(), hidden[rows])
            torch.mm(dscores, table, out=dhidden[rows])
            if weight is None or odds is None or dbias is None:
                continue
            # of score + logsigmoid(odds), and of softplus(odds), which is sigmoid(odds)
            sure = torch.sigmoid(odds[rows].to(change.dtype))
            change.lerp_(drules[rows, None].expand_as(change), sure)
            change.scatter_add_(1, at, is_move[rows] * -drules[rows, None])
            dbias += change.sum(0)
            dodds = change.to(hidden.dtype)
            dweight = add_product(dweight, dodds.t(), hidden[rows])
            dhidden[rows].addmm_(dodds, weight)
        return dhidden, dtable, dweight, dbias, None, None
