"""Auxiliary heads, which only training knows: a model that must also say other things may learn more from each ply.

The moves after the next one are said as in Gloeckle et al. 2024 ("Better & faster large language models via multi-token
prediction"): a map of the hidden state for each, read by the model's own table of moves.
"""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xiangqi_gpt.inference.probe import PIECE_CODES
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.rules.moves import MOVE_COUNT
from xiangqi_gpt.rules.pieces import SQUARES

from ..config import TrainConfig
from ..data.batches import Batch
from ..errors import TrainingError

_FURTHER_WEIGHT: Final = 0.3  # of all further moves together, beside the next one


class AuxiliaryHeads(nn.Module):
    """Heads for ``further`` moves after the next one, the plies that are left of the game, and the board of now."""

    def __init__(self, width: int, *, further: int = 0, left_weight: float = 0.0, board_weight: float = 0.0) -> None:
        super().__init__()
        layers = [nn.Linear(width, width, bias=False) for _ in range(further)]
        for layer in layers:
            nn.init.eye_(layer.weight)
        self.further = nn.ModuleList(layers)
        self.left_weight, self.board_weight = left_weight, board_weight
        self.left = _zero_linear(width, 1) if left_weight else None
        self.board = _zero_linear(width, SQUARES * PIECE_CODES) if board_weight else None

    def loss(self, model: Gpt, hidden: Tensor, batch: Batch, plies: float) -> Tensor:
        """What N plies of ``plies`` in all add to the loss, in nats a ply; ``hidden`` (N, D) is the model's.

        A further move beyond the end of what is read costs nothing. The plies left are guessed as ln(1 + plies), the
        squared error halved. What stands on the squares costs the sum of their 90 cross entropies.
        """
        total = hidden.new_zeros((), dtype=torch.float32)
        table = model.policy_head.table()[:MOVE_COUNT]
        for place, layer in enumerate(self.further):
            scores = F.linear(layer(hidden), table).float()
            nats = F.cross_entropy(scores, batch.further[:, place], ignore_index=-1, reduction="sum")
            total = total + _FURTHER_WEIGHT / len(self.further) * nats
        if self.left is not None:
            guess = self.left(hidden)[:, 0].float()
            total = total + self.left_weight * 0.5 * (guess - batch.left.log1p()).square().sum()
        if self.board is not None:
            guess = self.board(hidden).float().view(-1, PIECE_CODES)
            total = total + self.board_weight * F.cross_entropy(guess, batch.boards.long().flatten(), reduction="sum")
        return total / max(plies, 1.0)


def _zero_linear(width: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(width, outputs)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def make_auxiliary_heads(model: Gpt, config: TrainConfig) -> AuxiliaryHeads | None:
    """The heads that the settings ask for. Raises ``TrainingError`` where moves are spelled, or the board is shown."""
    if not (config.further_moves or config.moves_left_weight or config.board_weight):
        return None
    if model.config.tokenizer.tokens_per_move > 1:
        raise TrainingError(
            "--further-moves, --moves-left-weight and --board-weight need a model that reads a move as one token"
        )
    if config.board_weight and model.config.features != "none":
        raise TrainingError(f"--board-weight is for a blind model: this one has features {model.config.features}")
    return AuxiliaryHeads(
        model.config.width,
        further=config.further_moves,
        left_weight=config.moves_left_weight,
        board_weight=config.board_weight,
    )
