"""A moving average of the weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

from xiangqi_gpt.model.gpt import Gpt


class Average:
    """An exponential moving average of a model's weights.

    ``decay`` is the share of the average that stays at a step; it rises from 0.1 to this in the first steps, so that
    the start is soon forgotten.
    """

    def __init__(self, model: Gpt, decay: float) -> None:
        self.model, self.decay = model, decay
        self.tensors = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after a step, the first of which is 0."""
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        current = self.model.state_dict()
        for name, tensor in self.tensors.items():
            tensor.lerp_(current[name], share)

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Put back an average that was saved. Raises ``KeyError`` or ``RuntimeError`` if it is of another model."""
        for name, tensor in self.tensors.items():
            tensor.copy_(tensors[name])

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model has the averaged weights in this block."""
        own = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        self.model.load_state_dict(self.tensors)
        try:
            yield
        finally:
            self.model.load_state_dict(own)
