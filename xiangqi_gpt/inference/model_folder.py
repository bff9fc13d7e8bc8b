"""Where a model lies, and whether its files are whole: what can be said without loading PyTorch."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError, safe_open

from xiangqi_gpt.data import models
from xiangqi_gpt.files import parse_json
from xiangqi_gpt.rules import XiangqiError

from .config import GptConfig
from .file_names import settings_in_code
from .tokenizers import VERSIONS

WEIGHTS: Final = "model.safetensors"
CONFIG: Final = "config.json"


class CheckpointError(XiangqiError):
    """A model that is missing, damaged, or made for another vocabulary."""

    code = "model"


def find_model(name: str | Path) -> Path:
    """The folder of a model: the name of a shipped model (``default``), or a path.

    A run's folder stands for its finished model, or its newest checkpoint while it has none.
    """
    shipped: dict[str, Path] = {folder.name: folder for folder in models().iterdir() if (folder / CONFIG).is_file()}
    path = shipped.get(str(name), Path(name))
    if not str(name) or not path.exists():
        raise CheckpointError(
            f"no model named {str(name)!r}: neither a folder nor a shipped model", code="model_missing", name=str(name)
        )
    if path.is_file():
        why = f"{path} is a file; a model is a folder with {CONFIG} and {WEIGHTS}"
        raise CheckpointError(why, code="model_is_file", name=str(path))
    if not (path / CONFIG).exists():
        checkpoints = sorted(p for p in path.glob("step-*") if (p / CONFIG).exists())
        if not checkpoints:
            raise CheckpointError(f"no model in {path}: {CONFIG} is missing", code="model_missing", name=str(path))
        path = checkpoints[-1]
    return path


def read_shape(folder: Path) -> dict[str, Any]:
    """The settings of a model's shape, by name. Raises ``CheckpointError`` naming what is wrong in ``config.json``."""
    path = folder / CONFIG
    try:
        shape = settings_in_code(dict(parse_json(path.read_text(encoding="utf-8"))["model"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{path} is damaged: {error}", code="model_damaged", name=str(path)) from None
    if str(shape.get("vocabulary")) not in VERSIONS:
        known = ", ".join(map(repr, VERSIONS))
        raise CheckpointError(f"{path} is for vocabulary {shape.get('vocabulary')!r}, this program speaks {known}")
    return shape


def read_config(folder: Path) -> GptConfig:
    """The shape of a model. Raises ``CheckpointError`` naming what is wrong in ``config.json``."""
    shape = read_shape(folder)
    try:
        unknown = set(shape) - {f.name for f in fields(GptConfig)}
        if unknown:
            raise ValueError(f"unknown settings {', '.join(sorted(unknown))}")
        return GptConfig(**shape)
    except (ValueError, TypeError) as error:
        why = f"{folder / CONFIG} is damaged: {error}"
        raise CheckpointError(why, code="model_damaged", name=str(folder / CONFIG)) from None


def check_model(name: str | Path) -> None:
    """Raise ``CheckpointError`` for a model that is missing, or whose files are cut short or no model at all."""
    folder = find_model(name)
    read_shape(folder)
    try:
        with safe_open(folder / WEIGHTS, framework="numpy"):
            pass
    except (OSError, SafetensorError) as error:
        why = f"{folder / WEIGHTS} cannot be read: {error}"
        raise CheckpointError(why, code="model_damaged", name=str(folder / WEIGHTS)) from None
