"""The weights of a model as arrays of numpy, and the checks a file of them must pass.

Letters in shapes: L layers, D width, H heads, S = D / H numbers a head, V tokens of the vocabulary (2112), M moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, deserialize

from xiangqi_gpt.rules.moves import MOVE_COUNT, MOVE_FROM, MOVE_TO
from xiangqi_gpt.rules.position_features import CANDIDATE_FEATURES, FEATURE_COUNT

from .config import GptConfig
from .file_names import name_in_code, name_in_file
from .model_folder import CONFIG, WEIGHTS, CheckpointError, find_model, read_config
from .vocabulary import VOCABULARY_SIZE

Floats = npt.NDArray[np.float32]

_TYPES: Final = {"F32": np.float32, "F64": np.float64, "F16": np.float16}


@dataclass(frozen=True, eq=False)
class Weights:
    """All that a forward pass reads: float32, C-contiguous, in no need of further preparation.

    A model trained in bfloat16 is stored so; each of its numbers is one of float32 with 16 bits of zeros, and whoever
    wants them half as large may cut those off again without loss (``is_bfloat16``).
    """

    config: GptConfig
    #: (V, D) the vector of each token: of a move from-square + to-square + its own, of a control token its own.
    token_emb: Floats
    #: (7952, D) the vector of each position feature (``rules.position_features``); None for a moves-only model. With
    #: features ``board`` only the first 1,260 rows are ever read.
    feature_emb: Floats | None
    qkv: Floats  #: (L, 3 D, D): queries, keys, values, each by head; y = x @ qkv[layer].T
    out: Floats  #: (L, D, D)
    up: Floats  #: (L, 4 D, D)
    down: Floats  #: (L, D, 4 D)
    #: (M, D) the vector of each move in the policy head, summed up like those of ``token_emb``.
    policy_head: Floats
    #: (1597, D) the vector of each feature of a legal move, row 0 ("nothing to say") zero; None unless ``full``.
    candidate_emb: Floats | None
    value: Floats  #: (3, D): win, draw, loss for the side to move
    legality_head: Floats | None  #: (M, D), with ``legality_bias`` (M,); None without a legality head
    legality_bias: Floats | None
    cos: Floats  #: (context, S / 2) of the rotary angles, by ply
    sin: Floats
    #: Whether the file held bfloat16: the matrices above lose nothing when they are cut to their upper 16 bits. (The
    #: tables ``token_emb`` and ``policy_head`` are sums and would.)
    is_bfloat16: bool

    @property
    def head_size(self) -> int:
        """S, the numbers of one head."""
        return self.config.width // self.config.heads


def is_served(config: GptConfig) -> bool:
    """Return whether this package evaluates such a model: the modern body with one token a move."""
    return config.body == "modern" and config.tokenizer.tokens_per_move == 1


def load_weights(name: str | Path = "default") -> Weights:
    """Return the weights of a model folder, or of a shipped model by name.

    Raises ``CheckpointError`` in one line for a model that is missing, damaged, cut short, of another shape or
    vocabulary, or with weights that are not finite; ``ValueError`` for one that ``is_served`` refuses.
    """
    folder = find_model(name)
    config = read_config(folder)
    if not is_served(config):
        raise ValueError(f"{folder} has a body or a tokenizer that needs PyTorch")
    try:
        tensors, kinds = read_tensors(folder / WEIGHTS)
        check_tensors(folder / WEIGHTS, tensors, config)
        return assemble(config, tensors, is_bfloat16=kinds == {"BF16"})
    except MemoryError:
        why = f"{folder / CONFIG}: a model of this shape does not fit into memory"
        raise CheckpointError(why, code="model_too_large", name=str(folder)) from None


def read_tensors(path: Path) -> tuple[dict[str, Floats], set[str]]:
    """Return the tensors of a file as float32, by the names the code has for them, and the types they were stored in.

    Raises ``CheckpointError`` for a file that cannot be read.
    """
    tensors: dict[str, Floats] = {}
    kinds: set[str] = set()
    try:
        for name, tensor in deserialize(path.read_bytes()):  # type: ignore[no-untyped-call]
            tensors[name_in_code(name)] = _floats(tensor["dtype"], tensor["data"]).reshape(tensor["shape"])
            kinds.add(tensor["dtype"])
    except (OSError, SafetensorError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}", code="model_damaged", name=str(path)) from None
    return tensors, kinds


def _floats(kind: str, content: bytes) -> Floats:
    if kind == "BF16":  # the upper half of a float32
        return (np.frombuffer(content, "<u2").astype(np.uint32) << 16).view(np.float32)
    if kind not in _TYPES:
        raise ValueError(f"numbers of type {kind}")
    return np.frombuffer(content, np.dtype(_TYPES[kind]).newbyteorder("<")).astype(np.float32)


def expected_shapes(config: GptConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor that the file of a model must hold, by the names of the code."""
    width = config.width
    shapes: dict[str, tuple[int, ...]] = {}
    for table in ("token_emb", "policy_head"):
        shapes |= {f"{table}.source": (90, width), f"{table}.target": (90, width)}
        shapes[f"{table}.residual_emb"] = (VOCABULARY_SIZE, width)
    if config.features != "none":
        shapes["feature_emb.weight"] = (FEATURE_COUNT, width)
    for layer in range(config.layers):
        block = f"blocks.{layer}"
        shapes |= {f"{block}.attention.qkv.weight": (3 * width, width), f"{block}.attention.out.weight": (width, width)}
        shapes |= {f"{block}.up.weight": (4 * width, width), f"{block}.down.weight": (width, 4 * width)}
    if config.features == "full":
        shapes["candidate_emb"] = (CANDIDATE_FEATURES, width)
    shapes["value.weight"] = (3, width)
    if config.legal_head:
        shapes |= {"legality_head.weight": (MOVE_COUNT, width), "legality_head.bias": (MOVE_COUNT,)}
    return shapes


def check_tensors(path: Path, tensors: Mapping[str, Floats], config: GptConfig) -> None:
    """Raise ``CheckpointError`` unless every tensor is there, with its shape, and all of its numbers are finite."""
    # Of a number of layers that is out of all proportion no list is made: the first that is missing is enough.
    expected = expected_shapes(replace(config, layers=min(config.layers, len(tensors) + 1)))
    for name in sorted(expected.keys() | tensors.keys()):
        known = name_in_file(name)
        if name not in tensors or name not in expected:
            why = f"{path}: tensor {known} is {'missing' if name in expected else 'not of this model'}"
            raise CheckpointError(why, code="model_damaged", name=str(path))
        if tensors[name].shape != expected[name]:
            why = f"{path}: tensor {known} has shape {tensors[name].shape}, expected {expected[name]}"
            raise CheckpointError(why, code="model_damaged", name=str(path))
        # One pass without an array of answers: a sum is finite unless something in it is not, or it is too large.
        if not np.isfinite(tensors[name].sum(dtype=np.float64)):
            why = f"{path}: tensor {known} holds numbers that are not finite"
            raise CheckpointError(why, code="model_damaged", name=str(path))


def assemble(config: GptConfig, tensors: Mapping[str, Floats], *, is_bfloat16: bool = False) -> Weights:
    """Return weights from the tensors of a file (``expected_shapes``); nothing is checked any more."""

    def stack(name: str) -> Floats:
        return np.stack([tensors[f"blocks.{layer}.{name}.weight"] for layer in range(config.layers)])

    candidate_emb = tensors.get("candidate_emb")
    if candidate_emb is not None:
        candidate_emb = candidate_emb.copy()
        candidate_emb[0] = 0.0
    cos, sin = _rotary_angles(config)
    return Weights(
        config=config,
        token_emb=_table(tensors, "token_emb"),
        feature_emb=tensors.get("feature_emb.weight"),
        qkv=stack("attention.qkv"),
        out=stack("attention.out"),
        up=stack("up"),
        down=stack("down"),
        policy_head=np.ascontiguousarray(_table(tensors, "policy_head")[:MOVE_COUNT]),
        candidate_emb=candidate_emb,
        value=tensors["value.weight"],
        legality_head=tensors.get("legality_head.weight"),
        legality_bias=tensors.get("legality_head.bias"),
        cos=cos,
        sin=sin,
        is_bfloat16=is_bfloat16,
    )


def _table(tensors: Mapping[str, Floats], name: str) -> Floats:
    table = tensors[f"{name}.residual_emb"].copy()
    table[:MOVE_COUNT] += tensors[f"{name}.source"][MOVE_FROM] + tensors[f"{name}.target"][MOVE_TO]
    return table


def _rotary_angles(config: GptConfig) -> tuple[Floats, Floats]:
    """Cosines and sines (context + 1, S / 2), computed in float32 as in training.

    The last are of a reply to a game that fills the context.
    """
    half = config.width // config.heads // 2
    frequencies = np.float32(10_000) ** (np.arange(half, dtype=np.float32) / np.float32(half))
    angles = np.arange(config.positions + 1, dtype=np.float32)[:, None] / frequencies
    return np.cos(angles), np.sin(angles)
