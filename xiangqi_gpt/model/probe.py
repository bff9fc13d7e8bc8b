"""Watching the hidden states of a model, and keeping the probe that was fitted on them (``inference.probe``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.inference.probe import PROBE, PROBE_VERSION, Probe

from .checkpoint import write_tensors
from .gpt import Gpt


@contextmanager
def watch(model: Gpt, layers: list[int]) -> Iterator[dict[int, Tensor]]:
    """Yield the hidden states (B, T, D), or packed (N, D), of some layers in the latest pass, by layer.

    Layer 0 is what goes into the first block, layer n what comes out of the n-th; each normalised, so that the last
    is what the model's heads read.
    """
    states: dict[int, Tensor] = {}

    def keep(layer: int, x: Tensor) -> None:
        states[layer] = F.layer_norm(x, (x.shape[-1],))

    def before(layer: int) -> Any:
        return lambda _module, inputs: keep(layer, inputs[0])

    def after(layer: int) -> Any:
        return lambda _module, _inputs, output: keep(layer, output)

    handles = [
        model.blocks[0].register_forward_pre_hook(before(0))
        if layer == 0
        else model.blocks[layer - 1].register_forward_hook(after(layer))
        for layer in layers
    ]
    try:
        yield states
    finally:
        for handle in handles:
            handle.remove()


def save_probe(probe: Probe, folder: Path) -> None:
    """Write ``probe.safetensors`` beside a model's weights, in bfloat16; it appears whole or not at all."""
    about = {"version": PROBE_VERSION, "layer": probe.layer, "accuracy": probe.accuracy}
    tensors = {"weight": probe.weight, "bias": probe.bias}
    halves = {name: torch.from_numpy(array).to(torch.bfloat16) for name, array in tensors.items()}
    write_tensors(halves, folder / PROBE, {"probe": json.dumps(about)})
