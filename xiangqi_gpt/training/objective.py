"""What is minimised: the next move, and win/draw/loss."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.model.gpt import Gpt

from .batches import Batch


@dataclass
class Readings:
    """Per ply (N,): move loss and value loss in nats, whether the likeliest move was the taught one; and the total."""

    loss: Tensor
    move_nats: Tensor
    value_nats: Tensor
    top1: Tensor


def read(model: Gpt, batch: Batch, value_weight: float) -> Readings:
    """Run the model over a batch.

    The loss is the weighted mean of the move losses plus ``value_weight`` times the weighted mean of the value
    losses, in nats a ply. With sight the softmax runs over the legal moves only; a blind model's over all 2086.
    """
    hidden = model(batch.tokens, batch.control, batch.sight).flatten(0, 1)[batch.real]
    scores = model.policy_logits(hidden)
    if batch.candidates is None or batch.slots is None:
        logits = scores.float()
    else:
        logits = model.legal_logits(scores, batch.candidates, batch.slots)
    move_nats = F.cross_entropy(logits, batch.targets, reduction="none")
    value_log = F.log_softmax(model.value_logits(hidden), dim=-1)
    value_nats = -(batch.values * value_log).sum(-1)
    loss = _mean(move_nats, batch.weights) + value_weight * _mean(value_nats, batch.value_weights)
    return Readings(loss, move_nats.detach(), value_nats.detach(), logits.detach().argmax(-1) == batch.targets)


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1.0)
