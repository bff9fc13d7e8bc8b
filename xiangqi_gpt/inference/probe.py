"""A linear probe: what board a model believes in, read off its hidden states.

A blind model is never shown a board. That a linear map of its hidden states names the piece on every square shows
that it keeps one; ``training.evaluation.probe_fitting`` fits the map, this file keeps and applies it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from xiangqi_gpt.files import parse_json
from xiangqi_gpt.rules.pieces import BLACK, PIECE_TYPES, SQUARES

from .config import GptConfig
from .model_folder import CheckpointError
from .network import Floats, softmax
from .weights import read_tensors

PROBE: Final = "probe.safetensors"
PIECE_CODES: Final = 2 * PIECE_TYPES + 1
PROBE_VERSION: Final = "1"

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


@dataclass(frozen=True)
class Probe:
    """A map of the hidden states of one of a model's layers to the piece on each square.

    ``weight`` (90 * 15, D) and ``bias`` (90 * 15,); ``accuracy`` is the share of squares named rightly in games the
    probe was not fitted on.
    """

    config: GptConfig  #: of the model it belongs to
    layer: int
    weight: Floats
    bias: Floats
    accuracy: float

    def logits(self, hidden: Floats) -> Floats:
        """(..., 90, 15) logits of the piece codes, as the model sees the board, from hidden states (..., D)."""
        logits = hidden @ self.weight.T + self.bias
        return np.asarray(logits.reshape(*hidden.shape[:-1], SQUARES, PIECE_CODES), np.float32)

    def decode_boards(self, hidden: Floats, sides: npt.NDArray[np.int8]) -> tuple[Boards, Floats]:
        """(N, 90) likeliest piece code on each square and (N, 90) its probability, from hidden states (N, D).

        ``sides`` (N,) are to move. Squares and colours are the real ones.
        """
        shares = softmax(self.logits(hidden))
        boards = to_model_perspective(shares.argmax(-1).astype(np.int8), sides, self.config)
        probabilities = shares.max(-1)
        if self.config.features != "none":
            probabilities = np.where((sides == BLACK)[:, None], probabilities[:, ::-1], probabilities)
        return boards, probabilities

    def decode_board(self, hidden: Floats, side: int) -> tuple[Boards, Floats]:
        """(90,) likeliest piece codes and (90,) their probabilities, from one hidden state (D,), ``side`` to move."""
        boards, probabilities = self.decode_boards(hidden[None], np.array([side], np.int8))
        return boards[0], probabilities[0]


def load_probe(folder: Path, config: GptConfig) -> Probe:
    """The probe beside a model's weights. Raises ``CheckpointError`` when it is missing, damaged or does not fit."""
    path = folder / PROBE
    if not path.is_file():
        raise CheckpointError(f"no probe in {folder}: xiangqi-gpt probe {folder} --corpus FILE fits one")
    try:
        with safe_open(path, framework="numpy") as file:
            about = parse_json((file.metadata() or {})["probe"])
        tensors, _ = read_tensors(path)
        weight, bias = tensors["weight"], tensors["bias"]
        if about["version"] != PROBE_VERSION:
            raise ValueError(f"version {about['version']}, expected {PROBE_VERSION}")
        probe = Probe(config, int(about["layer"]), weight, bias, float(about["accuracy"]))
    except (OSError, SafetensorError, CheckpointError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from None
    expected = (SQUARES * PIECE_CODES, config.width)
    if weight.shape != expected or bias.shape != expected[:1] or not 0 <= probe.layer <= config.layers:
        raise CheckpointError(f"{path} belongs to another model: layer {probe.layer}, shape {tuple(weight.shape)}")
    return probe
