"""From record files to a trained model: what ``xiangqi-gpt train`` does."""

from __future__ import annotations

import contextlib
import math
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from xiangqi_gpt.data import sample_games
from xiangqi_gpt.files import one_writer
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.model_folder import find_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.progress_bar import ProgressBar
from xiangqi_gpt.records import RecordError
from xiangqi_gpt.records.corpus.query import unknown_results
from xiangqi_gpt.records.formats.detection import is_corpus
from xiangqi_gpt.records.plural import counted
from xiangqi_gpt.records.results import RESULTS
from xiangqi_gpt.records.store.token_store import StoreError, TokenStore, build_store, open_store

from ..config import TrainConfig
from ..data.corpus_choice import (
    check_has_columns,
    check_names,
    game_condition,
    open_given_store,
    repeats_by_source,
)
from ..data.random_games import warmup_store
from ..errors import TrainingError
from ..evaluation.evaluate_model import whole_games, why_no_store
from ..evaluation.validation import Scores
from ..runtime.allocator import keep_freed_memory
from ..runtime.compute import choose_compute
from ..runtime.processes import Processes, find_device, joined
from .model_card import write_model_card
from .preset_choice import AUTO_PRESET, choose_preset
from .run_settings import command_of, expect_new, write_settings
from .starting_model import resolve_defaults, shape_of, starting_shape
from .trainer import Trainer
from .verdict import judge_run, write_metrics

TOKENS: Final = "tokens"
CORPUS: Final = "corpus.parquet"  #: of a run that ``update`` began
UPDATE: Final = "update.json"  #: its settings
_WARMUP: Final = "warmup-tokens"


def train(
    config: TrainConfig,
    model: Gpt | None = None,
    *,
    make_trainer: Callable[..., Trainer] = Trainer,
    command: str = "",
    on_verdict: Callable[[list[str]], object] = lambda lines: None,
) -> Scores | None:
    """Build the training store in ``out/tokens`` (or open it when resuming), train, and return held-out scores.

    ``model`` is the one to begin with (default: what the settings ask for); ``command``, by default ``train`` with the
    settings, stands on its card; ``on_verdict`` is given the lines of the verdict. Started by ``torchrun``, all
    processes train the one model.
    """
    check(config)
    keep_freed_memory()
    with joined(config.device) as processes, one_writer(config.out) if processes.is_first else contextlib.nullcontext():
        config, reason = _with_compute(config, processes)
        if processes.is_first:
            config = _prepare(config, model)
            print(reason, file=sys.stderr, flush=True)
        processes.wait()
        config = _with_preset_of_first(config, processes)
        store, warmup = _open(config)
        trainer = make_trainer(store, config, model, warmup=warmup, processes=processes)
        if processes.is_first and not config.resume:
            for line in trainer.notes():
                ProgressBar.write(line)
        scores = trainer.run()
        if processes.is_first:
            found = judge_run(trainer)
            on_verdict(found.lines)
            for line in found.lines:
                ProgressBar.write(line)
            try:
                write_metrics(found.metrics, trainer.out)
            except OSError as error:
                ProgressBar.write(f"the metrics could not be written ({error})")
            write_model_card(trainer, command or command_of(config), found.lines)
    return scores


def _with_compute(config: TrainConfig, processes: Processes) -> tuple[TrainConfig, str]:
    """The settings with precision and threads filled in, and why; the precision is the first process's choice."""
    chosen = choose_compute(config.precision, config.threads, processes.device)
    is_bf16 = processes.sum([float(processes.is_first and chosen.precision == "bf16")])[0] > 0
    return replace(config, precision="bf16" if is_bf16 else "fp32", threads=chosen.threads), chosen.reason


def _with_preset_of_first(config: TrainConfig, processes: Processes) -> TrainConfig:
    """The settings with the preset that the first process chose."""
    names = list(PRESETS)
    own = float(names.index(config.preset)) if processes.is_first else 0.0
    return replace(config, preset=names[round(processes.sum([own])[0])])


def _prepare(config: TrainConfig, model: Gpt | None) -> TrainConfig:
    """Make the folder of a new run, with its store and its settings; return these with the preset chosen."""
    out = Path(config.out)
    if config.resume:
        return config
    is_update = (out / UPDATE).exists()  # which has its corpus here, and may have been killed just before the training
    expect_new(out, known=(CORPUS, UPDATE, TOKENS) if is_update else ())
    store = open_store(out / TOKENS) if (out / TOKENS).exists() else build(config, out / TOKENS)
    if config.preset == AUTO_PRESET:
        preset, reason = choose_preset(config, store)
        config = replace(config, preset=preset)
        ProgressBar.write(reason)
    if config.warmup_games:
        warmup_store(config.warmup_games, config.seed, out / _WARMUP)
    write_settings(resolve_defaults(config, model.config if model else starting_shape(config)))
    return config


def _open(config: TrainConfig) -> tuple[TokenStore, TokenStore | None]:
    out = Path(config.out)
    store = open_store(Path(config.corpus[0]) if _is_store(config) else out / TOKENS)
    return store, open_store(out / _WARMUP) if config.warmup_games else None


def _is_store(config: TrainConfig) -> bool:
    """Whether the corpus is a store that was made before."""
    stores = [name for name in config.corpus if Path(name).is_dir()]
    if stores and len(config.corpus) > 1:
        raise TrainingError(f"{stores[0]} is a folder: a training store is given alone, without other files")
    return bool(stores)


def build(config: TrainConfig, tokens: Path, say: Callable[[str], object] = ProgressBar.write) -> TokenStore:
    """Return the training store of the settings: the one given as corpus, or one built in the folder ``tokens``.

    Raises ``TrainingError`` for files without a game that can be used, and for kinds or sources that are not there.
    """
    where = game_condition(config.where, config.years, config.least_rating)
    if _is_store(config):
        if where:
            check_has_columns(Path(config.corpus[0]))
        return _checked(open_given_store(Path(config.corpus[0])), config)
    paths = [Path(name) for name in config.corpus] or [sample_games()]
    for path in paths:
        if not path.is_file():
            raise TrainingError(f"no such corpus: {path}")
    broken: list[RecordError] = []
    is_new, was_there = not tokens.parent.exists(), tokens.exists()
    try:
        store = _checked(build_store(whole_games(paths, broken, where), tokens), config)
    except BaseException as error:
        if not was_there:
            shutil.rmtree(tokens, ignore_errors=True)
        if is_new:
            with contextlib.suppress(OSError):  # it holds something after all, or was never made
                tokens.parent.rmdir()
        if (broken or where) and isinstance(error, StoreError):
            raise TrainingError(why_no_store(error, broken, where)) from None
        raise
    say(f"{counted(store.games, 'game')}, {counted(store.plies, 'ply')}")
    if broken:
        say(f"{len(broken):,} broken games were left out; the first: {broken[0]}")
    for path in filter(is_corpus, paths):
        if words := unknown_results(path):
            named = ", ".join(f"{word!r} of {counted(count, 'game')}" for word, count in list(words.items())[:3])
            say(f"{path}: results in other words count as unknown: {named}; known are {', '.join(RESULTS)}")
    return store


def _checked(store: TokenStore, config: TrainConfig) -> TokenStore:
    check_names(store, config.kinds, config.no_value_from)
    repeats_by_source(store, config.source_weights)
    return store


def check(config: TrainConfig) -> None:
    """Raise ``TrainingError`` for settings that make no sense or a device that is not there, naming the option.

    ``CheckpointError`` for a model to begin with that is not there.
    """
    for name, value in vars(config).items():
        if isinstance(value, float) and not math.isfinite(value):
            raise _bad(config, name, "a number")
    for name in ("loser_weight", "midgame_starts", "mirrored", "control_dropout", "warmup", "decay"):
        if not 0 <= getattr(config, name) <= 1:
            raise _bad(config, name, "a number from 0 to 1")
    for name in ("minutes", "batch_plies", "checkpoint_every", "accumulate"):
        if not getattr(config, name) > 0:
            raise _bad(config, name, "a number above 0")
    not_negative = (
        *("steps", "threads", "seed", "evaluate_every", "evaluate_games", "patience", "warmup_games", "least_rating"),
        *("layers", "width", "heads", "value_weight", "legal_weight", "illegal_weight", "legal_margin"),
        *("weight_decay", "clip", "matrix_rate", "table_rate"),
    )
    for name in not_negative:
        if not getattr(config, name) >= 0:
            raise _bad(config, name, "0 or more")
    for name, most in (("threads", 1024), ("seed", 2**63 - 1)):
        if getattr(config, name) > most:
            raise _bad(config, name, f"at most {most}")
    if any(length < 1 for length in config.lengths):
        raise TrainingError(f"--lengths {' '.join(map(str, config.lengths))}: expected numbers above 0")
    if config.preset == AUTO_PRESET and (config.layers or config.width or config.heads):
        raise TrainingError("--preset auto chooses layers, width and heads itself: leave these out, or name a preset")
    if not config.start_from:
        shape_of(replace(config, preset="small") if config.preset == AUTO_PRESET else config)
    elif not config.resume:
        find_model(config.start_from)
    find_device(config.device)


def _bad(config: TrainConfig, name: str, expected: str) -> TrainingError:
    return TrainingError(f"--{name.replace('_', '-')} {getattr(config, name)}: expected {expected}")
