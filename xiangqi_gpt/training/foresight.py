"""Heads that only training knows: a model that must also say what comes later may learn more from each ply.

The moves after the next one are said as in Gloeckle et al. 2024 ("Better & faster large language models via multi-token
prediction"): a map of the hidden state for each, read by the model's own table of moves.
"""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.rules.moves import MOVE_COUNT

from .batches import Batch
from .config import TrainConfig
from .errors import TrainingError

_FURTHER_WEIGHT: Final = 0.3  # of all further moves together, beside the next one


class Foresight(nn.Module):
    """Heads for ``further`` moves after the next one, and for the plies that are left of the game."""

    def __init__(self, width: int, further: int, left_weight: float) -> None:
        super().__init__()
        layers = [nn.Linear(width, width, bias=False) for _ in range(further)]
        for layer in layers:
            nn.init.eye_(layer.weight)
        self.further = nn.ModuleList(layers)
        self.left_weight = left_weight
        self.left = nn.Linear(width, 1) if left_weight else None
        if self.left is not None:
            nn.init.zeros_(self.left.weight)
            nn.init.zeros_(self.left.bias)

    def loss(self, model: Gpt, hidden: Tensor, batch: Batch, plies: float) -> Tensor:
        """What N plies of ``plies`` in all add to the loss, in nats a ply; ``hidden`` (N, D) is the model's.

        A further move beyond the end of what is read costs nothing. The plies left are guessed as ln(1 + plies), the
        squared error halved.
        """
        total = hidden.new_zeros((), dtype=torch.float32)
        table = model.policy.table()[:MOVE_COUNT]
        for place, layer in enumerate(self.further):
            scores = F.linear(layer(hidden), table).float()
            nats = F.cross_entropy(scores, batch.further[:, place], ignore_index=-1, reduction="sum")
            total = total + _FURTHER_WEIGHT / len(self.further) * nats
        if self.left is not None:
            guess = self.left(hidden)[:, 0].float()
            total = total + self.left_weight * 0.5 * (guess - batch.left.log1p()).square().sum()
        return total / max(plies, 1.0)


def make_foresight(model: Gpt, config: TrainConfig) -> Foresight | None:
    """The heads that the settings ask for. Raises ``TrainingError`` where moves are spelled."""
    if not (config.further_moves or config.moves_left_weight):
        return None
    if model.config.tokenizer.symbols > 1:
        raise TrainingError("--further-moves and --moves-left-weight need a model that reads a move as one token")
    return Foresight(model.config.width, config.further_moves, config.moves_left_weight)
