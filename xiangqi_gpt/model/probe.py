"""A linear probe: what board a model believes in, read off its hidden states.

A blind model is never shown a board. That a linear map of its hidden states names the piece on every square shows
that it keeps one; ``training.evaluation.probe_fitting`` fits the map, this file keeps and applies it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from torch import Tensor

from xiangqi_gpt.inference.config import GptConfig
from xiangqi_gpt.inference.model_folder import CheckpointError
from xiangqi_gpt.rules.pieces import BLACK, PIECE_TYPES, SQUARES

from .checkpoint import write_tensors
from .gpt import Gpt

PROBE: Final = "probe.safetensors"
PIECE_CODES: Final = 2 * PIECE_TYPES + 1
_VERSION: Final = "1"

#: Piece code -> the same piece of the other side.
_OTHER_SIDE: Final = np.array([0, *range(8, 15), *range(1, 8)], np.int8)

Boards = npt.NDArray[np.int8]


def to_model_perspective(boards: Boards, sides: npt.NDArray[np.int8], config: GptConfig) -> Boards:
    """Boards (N, 90) as a model sees them with ``sides`` (N,) to move; its own inverse.

    For a model with input features Black's board is turned and the colours exchanged; a moves-only model keeps the real
    ones.
    """
    if config.features == "none":
        return boards
    return np.where((sides == BLACK)[:, None], _OTHER_SIDE[boards[:, ::-1]], boards)


@contextmanager
def watch(model: Gpt, layers: list[int]) -> Iterator[dict[int, Tensor]]:
    """While open, the hidden states (B, T, D), or packed (N, D), of some layers in the model's latest pass, by layer.

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


@dataclass(frozen=True)
class Probe:
    """A map of the hidden states of one of a model's layers to the piece on each square.

    ``weight`` (90 * 15, D) and ``bias`` (90 * 15,); ``accuracy`` is the share of squares named rightly in games the
    probe was not fitted on.
    """

    config: GptConfig  #: of the model it belongs to
    layer: int
    weight: Tensor
    bias: Tensor
    accuracy: float

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., 90, 15) logits of the piece codes, as the model sees the board, from hidden states (..., D)."""
        logits = F.linear(hidden.float(), self.weight, self.bias)
        return logits.view(*hidden.shape[:-1], SQUARES, PIECE_CODES)

    def decode_boards(self, hidden: Tensor, sides: npt.NDArray[np.int8]) -> tuple[Boards, npt.NDArray[np.float32]]:
        """(N, 90) likeliest piece code on each square and (N, 90) its probability, from hidden states (N, D).

        ``sides`` (N,) are to move. Squares and colours are the real ones.
        """
        shares, codes = self.logits(hidden.cpu()).softmax(-1).max(-1)
        boards = to_model_perspective(codes.numpy().astype(np.int8), sides, self.config)
        probabilities = shares.numpy()
        if self.config.features != "none":
            probabilities = np.where((sides == BLACK)[:, None], probabilities[:, ::-1], probabilities)
        return boards, probabilities

    def decode_board(self, hidden: Tensor, side: int) -> tuple[Boards, npt.NDArray[np.float32]]:
        """(90,) likeliest piece codes and (90,) their probabilities, from one hidden state (D,), ``side`` to move."""
        boards, probabilities = self.decode_boards(hidden[None], np.array([side], np.int8))
        return boards[0], probabilities[0]


def save_probe(probe: Probe, folder: Path) -> None:
    """Write ``probe.safetensors`` beside a model's weights, in bfloat16; it appears whole or not at all."""
    about = {"version": _VERSION, "layer": probe.layer, "accuracy": probe.accuracy}
    tensors = {"weight": probe.weight.to(torch.bfloat16), "bias": probe.bias.to(torch.bfloat16)}
    write_tensors(tensors, folder / PROBE, {"probe": json.dumps(about)})


def load_probe(folder: Path, model: Gpt) -> Probe:
    """The probe beside a model's weights. Raises ``CheckpointError`` when it is missing, damaged or does not fit."""
    path = folder / PROBE
    if not path.is_file():
        raise CheckpointError(f"no probe in {folder}: xiangqi-gpt probe {folder} --corpus FILE fits one")
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})["probe"])
            weight, bias = file.get_tensor("weight").float(), file.get_tensor("bias").float()
        if about["version"] != _VERSION:
            raise ValueError(f"version {about['version']}, expected {_VERSION}")
        probe = Probe(model.config, int(about["layer"]), weight, bias, float(about["accuracy"]))
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from None
    expected = (SQUARES * PIECE_CODES, model.config.width)
    if weight.shape != expected or bias.shape != expected[:1] or not 0 <= probe.layer <= model.config.layers:
        raise CheckpointError(f"{path} belongs to another model: layer {probe.layer}, shape {tuple(weight.shape)}")
    return probe
