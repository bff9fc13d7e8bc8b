"""How a run begins: its model, and the settings its preset brings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from xiangqi_gpt.inference.config import PRESETS, GptConfig
from xiangqi_gpt.inference.tokenizers import TOKENIZERS
from xiangqi_gpt.model.checkpoint import find_model, load_model, read_config
from xiangqi_gpt.model.gpt import Gpt

from ..config import TrainConfig
from ..errors import TrainingError

_GROWING: dict[str, Any] = {"lengths": (16, 32, 64, 128)}
#: Settings that belong to a preset besides its shape. Those of ``kexue2020`` are its article's and its script's: a
#: batch of 16 games of 512 tokens, AdamW at a constant 1e-5, every move worth the same, no value, no mirror images. Not
#: had are the weights of a BERT that it began with, norms after the blocks, dropout, and parts of unequal length.
RECIPES: dict[str, dict[str, Any]] = {
    "characters": _GROWING,
    "kexue2020": _GROWING
    | {"optimizer": "adamw", "matrix_rate": 1e-5, "table_rate": 1e-5, "weight_decay": 0.0, "clip": 0.0}
    | {"warmup": 0.0, "decay": 0.0, "loser_weight": 1.0, "value_weight": 0.0, "mirrored": 0.0, "batch_plies": 2048},
}
_HEAD_WIDTH = 64
_NO_LEGALITY = "--legal-margin is for a moves-only model that learns which moves are legal (--features none)"


def starting_model(config: TrainConfig) -> Gpt:
    """Return the model of ``start_from``, or a fresh one fixed by the seed. Raises ``CheckpointError``."""
    if config.start_from:
        model = load_model(config.start_from).train()
        if config.legal_margin:
            if model.legality_head is None:
                raise TrainingError(_NO_LEGALITY)
            model.config = replace(model.config, legal_margin=config.legal_margin)
        return model
    torch.manual_seed(config.seed)
    return Gpt(shape_of(config))


def starting_shape(config: TrainConfig) -> GptConfig:
    """Return the shape of ``starting_model``, without making it."""
    return read_config(find_model(config.start_from)) if config.start_from else shape_of(config)


def shape_of(config: TrainConfig) -> GptConfig:
    """Return the shape of a fresh model. Raises ``TrainingError`` for options that do not go together."""
    if config.preset not in PRESETS:
        raise TrainingError(f"--preset {config.preset} is for train: name a shape")
    preset = PRESETS[config.preset]
    tokenizer = TOKENIZERS[config.tokenizer] if config.tokenizer else preset.tokenizer
    is_character_model = tokenizer.tokens_per_move > 1
    features = config.features or ("none" if is_character_model else preset.features)
    legal_head = features == "none" and not is_character_model and config.legal_weight > 0
    if config.legal_margin and not legal_head:
        raise TrainingError(_NO_LEGALITY)
    try:
        return replace(
            preset,
            layers=config.layers or preset.layers,
            width=config.width or preset.width,
            heads=config.heads or (max(1, config.width // _HEAD_WIDTH) if config.width else preset.heads),
            features=features,
            vocabulary=tokenizer.version,
            body=config.body or preset.body,
            legal_head=legal_head,
            legal_margin=config.legal_margin,
        )
    except ValueError as error:
        raise TrainingError(str(error)) from None


def resolve_defaults(config: TrainConfig, shape: GptConfig) -> TrainConfig:
    """Return the settings with all filled in that was left to the preset, the body or the optimizer."""
    is_gpt2 = shape.body == "gpt2"
    adamw_rate = 0.001 if is_gpt2 else 0.0005
    optimizer = config.optimizer or ("adamw" if is_gpt2 else "muon")
    recipe = RECIPES.get(config.preset, {}) if not config.start_from else {}
    return replace(
        config,
        optimizer=optimizer,
        matrix_rate=config.matrix_rate or (0.02 if optimizer == "muon" else adamw_rate),
        table_rate=config.table_rate or (0.001 if is_gpt2 else 0.003),
        lengths=config.lengths or recipe.get("lengths", ()),
    )
