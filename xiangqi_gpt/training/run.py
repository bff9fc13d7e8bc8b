"""From record files to a trained model: what ``xiangqi-gpt train`` does."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from xiangqi_gpt.data import sample_games
from xiangqi_gpt.records import GameBatch, RecordError, read_batches
from xiangqi_gpt.records.store import TokenStore, build_store, open_store

from .allocator import keep_freed_memory
from .config import TrainConfig
from .evaluation import Scores
from .settings import write_settings
from .trainer import Trainer, TrainingError, find_device


def train(config: TrainConfig) -> Scores | None:
    """Build the training store in ``out/tokens`` (or open it when resuming), train, and return held-out scores."""
    check(config)
    keep_freed_memory()
    out = Path(config.out)
    tokens = out / "tokens"
    if config.resume:
        store = open_store(tokens)
    elif out.exists() and any(out.iterdir()):
        raise TrainingError(f"{out} is not empty: add --resume to go on with its run, or choose another --out")
    else:
        store = _build(config, tokens)
        write_settings(config)
    return Trainer(store, config).run()


def _build(config: TrainConfig, tokens: Path) -> TokenStore:
    paths = [Path(name) for name in config.corpus] or [sample_games()]
    for path in paths:
        if not path.is_file():
            raise TrainingError(f"no such corpus: {path}")
    broken: list[RecordError] = []
    is_new = not tokens.parent.exists()
    try:
        store = build_store(_wanted(paths, config, broken), tokens)
    except BaseException:
        if is_new:
            with contextlib.suppress(OSError):  # it holds something after all, or was never made
                tokens.parent.rmdir()
        raise
    tqdm.write(f"{store.games:,} games, {store.plies:,} plies")
    if broken:
        tqdm.write(f"{len(broken):,} broken games were left out; the first: {broken[0]}")
    return store


def _wanted(paths: list[Path], config: TrainConfig, broken: list[RecordError]) -> Iterator[GameBatch]:
    """The games to train on: whole ones of the wanted kinds, that are not the beginning of another."""
    for path in paths:
        for batch in read_batches(path, problems=broken):
            keep = np.array([not config.kinds or kind in config.kinds for kind in batch.kinds])
            yield batch.select(keep & ~batch.truncated & ~batch.prefix_of_other)


def check(config: TrainConfig) -> None:
    """Raise ``TrainingError`` for settings that make no sense or a device that is not there, naming the option."""
    for name, value in vars(config).items():
        if isinstance(value, float) and not math.isfinite(value):
            raise _bad(config, name, "a number")
    shares = ("loser_weight", "midgame_starts", "control_dropout", "warmup", "decay")
    for name in shares:
        if not 0 <= getattr(config, name) <= 1:
            raise _bad(config, name, "a number from 0 to 1")
    for name in ("minutes", "batch_plies", "matrix_rate", "table_rate", "evaluate_every", "checkpoint_every"):
        if not getattr(config, name) > 0:
            raise _bad(config, name, "a number above 0")
    for name in ("steps", "threads", "seed", "evaluate_games", "value_weight", "weight_decay"):
        if not getattr(config, name) >= 0:
            raise _bad(config, name, "0 or more")
    for name, most in (("threads", 1024), ("seed", 2**63 - 1)):
        if getattr(config, name) > most:
            raise _bad(config, name, f"at most {most}")
    find_device(config.device)


def _bad(config: TrainConfig, name: str, expected: str) -> TrainingError:
    return TrainingError(f"--{name.replace('_', '-')} {getattr(config, name)}: expected {expected}")
