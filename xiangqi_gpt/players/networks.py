"""The network of a model folder: in numpy where it can be, in PyTorch where it must."""

from __future__ import annotations

from pathlib import Path

from xiangqi_gpt.extras import how_to_add
from xiangqi_gpt.inference.model_folder import find_model, read_config
from xiangqi_gpt.inference.network import Network
from xiangqi_gpt.inference.numpy_network import NumpyNetwork
from xiangqi_gpt.inference.weights import is_served, load_weights

from .player import PlayerError


def load_network(name: str | Path = "default", device: str = "cpu") -> Network:
    """Return a model ready to be evaluated, from its folder or the name of a shipped one.

    PyTorch is loaded for GPT-2's body, for models that spell their moves, and for a ``device`` other than ``cpu``.
    Raises ``CheckpointError`` for a model that is missing or damaged, ``PlayerError`` where PyTorch is needed and
    missing.
    """
    folder = find_model(name)
    config = read_config(folder)
    if device == "cpu" and is_served(config):
        return NumpyNetwork(load_weights(folder))
    try:
        import torch
    except ImportError:
        why = f"device={device}" if device != "cpu" else "its body or its tokenizer"
        raise PlayerError(f"{folder} needs PyTorch, which is not installed ({why}): {how_to_add('train')}") from None
    from xiangqi_gpt.model.checkpoint import load_model
    from xiangqi_gpt.model.torch_network import TorchNetwork

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise PlayerError(f"device={device}: PyTorch finds no GPU here")
    return TorchNetwork(load_model(folder), device)
