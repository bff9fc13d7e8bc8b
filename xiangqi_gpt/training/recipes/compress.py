"""What ``xiangqi-gpt compress`` does: a large model, games, and a smaller model that plays like it."""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch

from xiangqi_gpt.files import atomic_write, parse_json
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.model_folder import find_model
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records.store.token_store import TokenStore

from ..config import CompressConfig, TrainConfig, check_types
from ..data.games_read import load_games_read
from ..errors import TrainingError
from ..evaluation.validation import Scores
from ..run.run_settings import SettingsError, command_of, expect_new, without_lost_switches
from ..run.train import train
from ..run.trainer import Trainer
from .distil import Distiller

_SETTINGS: Final = "compress.json"


def compress(compression: CompressConfig, config: TrainConfig) -> Scores | None:
    """Train a student of ``compression.teacher`` as ``config`` says, into ``config.out``; its held-out scores.

    Raises ``TrainingError`` for a student that is not smaller than its teacher, and what ``train`` raises.
    """
    if not 0 <= compression.soft <= 1:
        raise TrainingError(f"--soft {compression.soft}: expected a number from 0 to 1")
    if not config.resume:
        expect_new(Path(config.out), _SETTINGS)
    teacher = load_model(compression.teacher)
    student = make_student(teacher, compression, config)

    def make_trainer(store: TokenStore, training: TrainConfig, model: Gpt, **more: Any) -> Trainer:
        with atomic_write(Path(training.out) / _SETTINGS) as path:
            path.write_text(json.dumps(dataclasses.asdict(compression), indent=1), encoding="utf-8")
        more["base"] = load_games_read(find_model(compression.teacher))
        return Distiller(store, training, model, teacher=teacher, soft=compression.soft, **more)

    return train(config, student, make_trainer=make_trainer, command=_command(compression, config))


def kept_compression(out: str, given: Mapping[str, Any]) -> CompressConfig:
    """Return what the run in ``out`` compresses; ``given`` options must agree. Raises ``SettingsError``."""
    path = Path(out) / _SETTINGS
    try:
        values = without_lost_switches(parse_json(path.read_text(encoding="utf-8")), out)
        kept = CompressConfig(**values)
        check_types(kept)
    except SettingsError:
        raise
    except FileNotFoundError:
        raise SettingsError(f"no run to go on with in {out}") from None
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{path} is damaged: {error}") from None
    for name, value in given.items():
        if value != getattr(kept, name):
            raise SettingsError(f"{name} {value}: the run in {out} has {getattr(kept, name)}; leave it out")
    return kept


def _command(compression: CompressConfig, config: TrainConfig) -> str:
    """The command that does this again."""
    shape = f" --layers {compression.layers}" if compression.layers else f" --preset {config.preset}"
    rest = command_of(dataclasses.replace(config, preset=TrainConfig.preset)).removeprefix("xiangqi-gpt train")
    return f"xiangqi-gpt compress {shlex.quote(compression.teacher)}{shape} --soft {compression.soft:g}{rest}"


def make_student(teacher: Gpt, compression: CompressConfig, config: TrainConfig) -> Gpt:
    """Return a model to train: the preset's shape with fresh weights, or the teacher's with some of its blocks."""
    whole = teacher.config
    if not compression.layers:
        if config.preset not in PRESETS:
            raise TrainingError(f"--preset {config.preset}: name the shape that the student is to have")
        preset = PRESETS[config.preset]
        shape = dataclasses.replace(whole, layers=preset.layers, width=preset.width, heads=preset.heads)
    else:
        shape = dataclasses.replace(whole, layers=compression.layers)
    if shape.layers >= whole.layers and shape.width >= whole.width:
        raise TrainingError(
            f"a student of {shape.layers} × {shape.width} is not smaller than its teacher of "
            f"{whole.layers} × {whole.width}"
        )
    torch.manual_seed(config.seed)
    student = Gpt(shape)
    if shape.width == whole.width and shape.heads == whole.heads:
        _inherit(student, teacher)
    return student


def _inherit(student: Gpt, teacher: Gpt) -> None:
    """Take over the teacher's tables and heads, and of its blocks the first of each group that one is to replace."""
    kept = [round(i * teacher.config.layers / student.config.layers) for i in range(student.config.layers)]
    weights = {name: tensor for name, tensor in teacher.state_dict().items() if not name.startswith("blocks.")}
    for own, theirs in enumerate(kept):
        block = teacher.blocks[theirs].state_dict()
        weights |= {f"blocks.{own}.{name}": tensor for name, tensor in block.items()}
    student.load_state_dict(weights)
