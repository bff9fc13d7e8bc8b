"""Making a model smaller: a student learns what its teacher says, or grows into the teacher's place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records.store.token_store import TokenStore

from ..config import TrainConfig
from ..data.batches import Batch
from ..optim.objective import ForwardOutput, Totals, forward
from ..run.trainer import Trainer

#: Share of the steps after which every block of the teacher has been replaced for good.
_REPLACED_AT = 0.6
_FIRST_SHARE = 0.3


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
        readings, hard = super()._forward(batch, totals)
        with torch.no_grad():
            said = forward(self.teacher, batch)
        moves = _cross_entropy(said.logits.log_softmax(-1), readings.logits.log_softmax(-1))
        values = _cross_entropy(said.value_log, readings.value_log)
        soft = (moves + self.config.value_weight * values) / max(totals.plies, 1.0)
        return readings, (1 - self.soft) * hard + self.soft * soft


def _cross_entropy(teacher_log: Tensor, student_log: Tensor) -> Tensor:
    """The sum over the plies of a batch; places that are -inf for both are no moves and count nothing."""
    chances = teacher_log.exp()
    return -(chances * student_log.masked_fill(chances == 0, 0.0)).sum()


class Theseus(Trainer):
    """Replaces the teacher's blocks one by one by the student's (Xu et al. 2020, "BERT-of-Theseus").

    The student has fewer blocks of the same width. While the share of its blocks that take part rises to one, each
    drawn anew at every step, the others' places are taken by the teacher's, and only the student's blocks learn, from
    the usual loss; after that the student learns as a whole.
    """

    def __init__(self, store: TokenStore, config: TrainConfig, student: Gpt, *, teacher: Gpt, **more: Any) -> None:
        super().__init__(store, config, student, **more)
        teacher = teacher.to(self.device).eval().requires_grad_(False)
        bounds = np.linspace(0, len(teacher.blocks), len(student.blocks) + 1).round().astype(int).tolist()
        self._places = [
            _Place(block, list(teacher.blocks)[first:last])
            for block, first, last in zip(student.blocks, bounds[:-1], bounds[1:], strict=True)
        ]
        in_blocks = {id(p) for p in student.blocks.parameters()}
        self._others = [p for p in student.parameters() if id(p) not in in_blocks]

    def _share(self) -> float:
        """Share of the student's blocks that take part in this step."""
        progress = self.progress
        done = progress.step / progress.steps / _REPLACED_AT if progress.steps else 0.0
        return min(1.0, _FIRST_SHARE + (1 - _FIRST_SHARE) * done)

    def _forward(self, batch: Batch, totals: Totals) -> tuple[ForwardOutput, Tensor]:
        share = self._share()
        drawn = np.random.default_rng([self.config.seed, self.progress.step]).random(len(self._places))
        for parameter in self._others:
            parameter.requires_grad_(share >= 1)
        for place, chance in zip(self._places, drawn, strict=True):
            place.is_replaced = bool(chance < share or chance == drawn.min())  # one at least has to learn
        try:
            return super()._forward(batch, totals)
        finally:
            for place in self._places:
                place.is_replaced = True


class _Place:
    """A place in the model: the student's block, or the teacher's blocks that it is to replace."""

    def __init__(self, block: nn.Module, teachers: list[nn.Module]) -> None:
        self.is_replaced = True
        self._own = cast(Callable[..., Tensor], block.forward)
        self._teachers = teachers
        block.forward = self

    def __call__(self, x: Tensor, *more: Any) -> Tensor:
        if self.is_replaced:
            return self._own(x, *more)
        for teacher in self._teachers:
            x = teacher(x, *more)
        return x
