"""Small models whose weights are random everywhere, so that every input shows in the output."""

from __future__ import annotations

import dataclasses

import torch

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.model.gpt import Gpt


def random_model(seed: int = 0, std: float = 0.2, **shape: object) -> Gpt:
    """The preset ``nano``, but for what ``shape`` says; fresh from training a model's projections would be zero."""
    torch.manual_seed(seed)
    model = Gpt(dataclasses.replace(PRESETS["nano"], **shape))  # type: ignore[arg-type]
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=std)
    return model.eval()
