"""Small models whose weights are random everywhere, so that every input shows in the output."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import save_file

from xiangqi_gpt.inference.config import PRESETS, GptConfig
from xiangqi_gpt.inference.file_names import name_in_file, settings_in_file
from xiangqi_gpt.inference.numpy_network import NumpyNetwork
from xiangqi_gpt.inference.weights import Weights, assemble, expected_shapes

if TYPE_CHECKING:  # the players are tested without PyTorch too
    from xiangqi_gpt.model.gpt import Gpt


def random_model(seed: int = 0, std: float = 0.2, **shape: object) -> Gpt:
    """The preset ``nano``, but for what ``shape`` says; fresh from training a model's projections would be zero."""
    import torch

    from xiangqi_gpt.model.gpt import Gpt

    torch.manual_seed(seed)
    model = Gpt(_config(shape))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=std)
    return model.eval()


def random_weights(seed: int = 0, std: float = 0.2, **shape: object) -> Weights:
    """The same without PyTorch, with other random numbers."""
    config = _config(shape)
    return assemble(config, _random_tensors(config, seed, std))


def random_network(seed: int = 0, std: float = 0.2, **shape: object) -> NumpyNetwork:
    """``random_weights``, ready to be evaluated."""
    return NumpyNetwork(random_weights(seed, std, **shape))


def save_random_model(folder: Path, seed: int = 0, std: float = 0.2, **shape: object) -> GptConfig:
    """Write the model of ``random_weights`` into an existing folder, without PyTorch."""
    config = _config(shape)
    tensors = _random_tensors(config, seed, std)
    save_file({name_in_file(name): tensor for name, tensor in tensors.items()}, folder / "model.safetensors")
    settings = {"model": settings_in_file(dataclasses.asdict(config))}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    return config


def _config(shape: dict[str, object]) -> GptConfig:
    return dataclasses.replace(PRESETS["nano"], **shape)  # type: ignore[arg-type]


def _random_tensors(config: GptConfig, seed: int, std: float) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {
        name: (std * random.standard_normal(shape)).astype(np.float32)
        for name, shape in expected_shapes(config).items()
    }
