"""Knowledge distillation: a student learns from its teacher's probabilities, beside the games."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records.store.token_store import TokenStore

from ..config import TrainConfig
from ..data.batches import Batch
from ..optim.objective import ForwardOutput, Totals, forward
from ..run.trainer import Trainer


class Distiller(Trainer):
    """Trains a student on its teacher's distributions, mixed with the labels.

    The loss is (1 - ``soft``) times the usual one, plus ``soft`` times the cross-entropy with the teacher's legal moves
    and, weighted as usual, with its win, draw and loss (Hinton, Vinyals, Dean 2015, at temperature 1).
    """

    def __init__(
        self, store: TokenStore, config: TrainConfig, student: Gpt, *, teacher: Gpt, soft: float, **more: Any
    ) -> None:
        super().__init__(store, config, student, **more)
        self.soft = soft
        self.teacher = teacher.to(self.device).eval().requires_grad_(False)

    def _forward(self, batch: Batch, totals: Totals) -> tuple[ForwardOutput, Tensor]:
        output, hard = super()._forward(batch, totals)
        with torch.no_grad():
            said = forward(self.teacher, batch)
        moves = _cross_entropy(said.logits.log_softmax(-1), output.logits.log_softmax(-1))
        values = _cross_entropy(said.value_log, output.value_log)
        soft = (moves + self.config.value_weight * values) / max(totals.plies, 1.0)
        return output, (1 - self.soft) * hard + self.soft * soft


def _cross_entropy(teacher_log: Tensor, student_log: Tensor) -> Tensor:
    """The sum over the plies of a batch; places that are -inf for both are no moves and count nothing."""
    chances = teacher_log.exp()
    return -(chances * student_log.masked_fill(chances == 0, 0.0)).sum()
