"""A model on disk: a folder with ``model.safetensors`` and ``config.json``. Nothing is ever unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.inference.file_names import name_in_code, name_in_file, settings_in_file
from xiangqi_gpt.inference.model_folder import CONFIG, WEIGHTS, CheckpointError, find_model, read_config

from .gpt import Gpt

__all__ = [
    "CONFIG",
    "WEIGHTS",
    "CheckpointError",
    "find_model",
    "load_model",
    "load_weights",
    "read_config",
    "save_model",
    "write_tensors",
]


def load_model(name: str | Path) -> Gpt:
    """Return a model ready for play, in fp32 on the CPU. Raises ``CheckpointError``."""
    folder = find_model(name)
    try:
        model = Gpt(read_config(folder))
    except (RuntimeError, MemoryError):
        raise CheckpointError(f"{folder / CONFIG}: a model of this shape does not fit into memory") from None
    load_weights(model, folder / WEIGHTS)
    return model.eval()


def load_weights(model: Gpt, path: Path) -> None:
    """Read weights into a model. Raises ``CheckpointError`` unless every tensor is there, with its shape."""
    try:
        weights = {name_in_code(name): tensor.float() for name, tensor in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from None
    expected = model.state_dict()
    for name in sorted(expected.keys() | weights.keys()):
        if name not in weights or name not in expected:
            state = "missing" if name in expected else "not of this model"
            raise CheckpointError(f"{path}: tensor {name_in_file(name)} is {state}")
        if weights[name].shape != expected[name].shape:
            found, wanted = tuple(weights[name].shape), tuple(expected[name].shape)
            raise CheckpointError(f"{path}: tensor {name_in_file(name)} has shape {found}, expected {wanted}")
    model.load_state_dict(weights)


def save_model(model: Gpt, folder: Path, extra: Mapping[str, Any] | None = None, *, half: bool = False) -> None:
    """Write weights and ``config.json`` into an existing folder; ``half`` stores bfloat16.

    Each file appears whole or not at all. ``extra`` is kept in ``config.json`` beside the shape.
    """
    tensors = {
        name_in_file(name): t.detach().to("cpu", torch.bfloat16 if half else torch.float32)
        for name, t in model.state_dict().items()
    }
    write_tensors(tensors, folder / WEIGHTS)
    text = json.dumps({"model": settings_in_file(asdict(model.config)), **(extra or {})}, indent=1, ensure_ascii=False)
    _write(folder / CONFIG, f"{text}\n".encode())


def write_tensors(tensors: Mapping[str, Tensor], path: Path, about: Mapping[str, str] | None = None) -> None:
    """Write a safetensors file that appears whole or not at all, readable by whom the umask allows.

    ``about`` goes into its header.
    """
    metadata = {"format": "pt", **(about or {})}
    _write(path, save({name: tensor.contiguous() for name, tensor in tensors.items()}, metadata=metadata))


def _write(path: Path, content: bytes) -> None:
    with atomic_write(path) as unfinished:
        unfinished.write_bytes(content)
