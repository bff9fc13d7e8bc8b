"""What is minimised: the next move, win/draw/loss, and for a moves-only model which moves are legal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.model.gpt import Gpt

from ..config import TrainConfig
from ..data.batches import Batch
from .moves_only import moves_only_nats


@dataclass
class ForwardOutput:
    """What a model says of the N plies of a batch, each (N,).

    Move and value loss in nats; ``rules_nats``, of "which moves are legal now", None without a legality head;
    ``illegal_nats``, minus the logarithm of the probability on legal moves, None where the softmax sees only those;
    ``top1``, whether the likeliest move was the target; ``legal``, whether the likeliest was legal, None of
    a character model. ``logits`` (N, C) are those the softmax runs over, (N, S, characters) of a character model;
    ``value_log`` (N, 3) the logarithms of win, draw and loss. ``hidden`` (N, D) is what the heads read, of a character
    model that of the first character.
    """

    move_nats: Tensor
    value_nats: Tensor
    rules_nats: Tensor | None
    illegal_nats: Tensor | None
    top1: Tensor
    legal: Tensor | None
    logits: Tensor
    value_log: Tensor
    hidden: Tensor


def forward(model: Gpt, batch: Batch) -> ForwardOutput:
    """Run the model over a batch.

    With input features the softmax runs over the legal moves only; a moves-only model's over all 2086, or over the
    characters of a move, one after the other.
    """
    symbols = model.config.tokenizer.tokens_per_move
    hidden = model(batch.tokens, batch.control, batch.feature_bags, batch.packing)
    hidden = hidden.view(-1, symbols, hidden.shape[-1])  # (N, S, D)
    value_log = F.log_softmax(model.value_logits(hidden[:, 0]), dim=-1)
    value_nats = -(batch.values * value_log).sum(-1)
    if symbols > 1:
        return _forward_characters(model, hidden, batch.targets, value_nats, value_log)
    hidden = hidden[:, 0]
    rules_nats = illegal_nats = None
    if batch.legal is not None:
        logits, move_nats, illegal_nats, rules_nats = moves_only_nats(model, hidden, batch.legal, batch.targets)
        chosen = logits.detach().argmax(-1)
        legal = (batch.legal == chosen[:, None]).any(-1)
    else:
        assert batch.candidates is not None and batch.feature_ids is not None
        logits = model.candidate_logits(hidden, batch.candidates, batch.feature_ids)
        move_nats = F.cross_entropy(logits, batch.targets, reduction="none")
        chosen = logits.detach().argmax(-1)
        legal = torch.ones_like(chosen, dtype=torch.bool)
    top1 = chosen == batch.targets
    return ForwardOutput(move_nats, value_nats, rules_nats, illegal_nats, top1, legal, logits, value_log, hidden)


def _forward_characters(
    model: Gpt, hidden: Tensor, moves: Tensor, value_nats: Tensor, value_log: Tensor
) -> ForwardOutput:
    """The nats of a move are those of its characters; the likeliest of each in turn give it if all are right."""
    spelling = torch.from_numpy(model.config.tokenizer.move_tokens).to(moves.device)[moves]  # (N, S)
    logits = model.policy_logits(hidden).float()
    nats = F.cross_entropy(logits.flatten(0, 1), spelling.flatten(), reduction="none").view_as(spelling).sum(-1)
    right = (logits.detach().argmax(-1) == spelling).all(-1)
    return ForwardOutput(nats, value_nats, None, None, right, None, logits, value_log, hidden[:, 0])


@dataclass(frozen=True)
class Totals:
    """What a batch teaches in all, over every piece it is read in: the sums of the weights, and the plies."""

    moves: float
    values: float
    plies: float

    @classmethod
    def of(cls, batches: list[Batch]) -> Totals:
        """Return the totals of some pieces of a batch."""
        return cls(
            sum(float(batch.weights.sum()) for batch in batches),
            sum(float(batch.value_weights.sum()) for batch in batches),
            float(sum(len(batch.targets) for batch in batches)),
        )


def loss_parts(output: ForwardOutput, batch: Batch, totals: Totals) -> dict[str, Tensor]:
    """Return a batch's, or one piece's, share of each part of the loss, in nats a ply and unweighted.

    ``move`` is the weighted mean of the move losses, which are cross-entropies with the shares of several moves where
    a ply has such targets; ``value`` is that of the value losses; where there are such,
    ``legal`` is the mean of the legality losses, each summed over the 2086 moves, and ``illegal`` that of minus the
    logarithm of the probability on legal moves.
    """
    parts = {
        "move": (_target_nats(output, batch) * batch.weights).sum() / max(totals.moves, 1.0),
        "value": (output.value_nats * batch.value_weights).sum() / max(totals.values, 1.0),
    }
    for name, nats in (("legal", output.rules_nats), ("illegal", output.illegal_nats)):
        if nats is not None:
            parts[name] = nats.sum() / max(totals.plies, 1.0)
    return parts


def _target_nats(output: ForwardOutput, batch: Batch) -> Tensor:
    """(N,) cross-entropy with the targets of several moves where a ply has them, with its one target elsewhere."""
    if batch.policy_places is None or batch.policy_shares is None:
        return output.move_nats
    log_chances = output.logits.log_softmax(-1).gather(-1, batch.policy_places)
    has_several = batch.policy_shares.sum(-1) > 0
    several = -(batch.policy_shares * log_chances.masked_fill(batch.policy_shares == 0, 0.0)).sum(-1)
    return torch.where(has_several, several, output.move_nats)


def weighted_sum(parts: Mapping[str, Tensor], config: TrainConfig) -> Tensor:
    """Return the loss of ``loss_parts``: of the pieces of a batch, the sum is the loss."""
    loss = parts["move"] + config.value_weight * parts["value"]
    for name, weight in (("legal", config.legal_weight), ("illegal", config.illegal_weight)):
        if name in parts:
            loss = loss + weight * parts[name]
    return loss


def loss_of(output: ForwardOutput, batch: Batch, totals: Totals, config: TrainConfig) -> Tensor:
    """Return a batch's, or one piece's, part of the loss in nats a ply."""
    return weighted_sum(loss_parts(output, batch, totals), config)
