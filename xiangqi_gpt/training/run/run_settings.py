"""The settings a run was started with, kept in its folder, so that going on needs nothing but the folder."""

from __future__ import annotations

import dataclasses
import json
import shlex
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import torch

from xiangqi_gpt.files import atomic_write, is_work_folder, parse_json, terminal_text
from xiangqi_gpt.inference.file_names import settings_in_code, settings_in_file
from xiangqi_gpt.machine import machine_line, this_machine, usable_cores

from ..config import AUTO, TrainConfig, check_types
from ..errors import TrainingError
from ..runtime.processes import is_first_process
from .starting_model import RECIPES

_FILE: Final = "settings.json"
MACHINE: Final = "machine"  #: the key of the machine a run was begun on, beside its settings

#: Options that change nothing of what is learned, and may differ when a run goes on.
_FREE: Final = (
    *("out", "resume", "threads", "device", "evaluate_every", "evaluate_games", "checkpoint_every"),
    *("keep_checkpoints", "more_minutes", "more_steps"),
)


#: What settings stand for that were kept before there was an option for it.
_OF_BEFORE: Final[dict[str, Any]] = {"procedure": 1, "clip": 0.0}


#: Settings of experiments that were lost, with what they stood at where they were off. EXPERIMENTS.md has the numbers.
_LOST: Final[dict[str, Any]] = {
    "sparse": 0,
    "further_moves": 0,
    "moves_left_weight": 0.0,
    "board_weight": 0.0,
    "average": 0.0,
    "method": "distil",
}
_LAST_WITH_LOST: Final = "0a709c7"  #: the last commit that has them


class SettingsError(TrainingError):
    """A run that cannot go on as asked."""


def expect_new(out: Path, settings: str = _FILE, *, known: Collection[str] = ()) -> None:
    """Raise ``SettingsError`` where a folder holds anything for a new run to spoil, with what to do about it.

    ``settings`` is the file from which a run in it could go on, ``known`` what may be there; what killed programs left
    unfinished does not count.
    """
    if not out.is_dir() or not {path.name for path in out.iterdir() if not is_work_folder(path.name)} - set(known):
        return
    if (out / settings).exists():
        raise SettingsError(f"{out} is not empty: add --resume to go on with its run, or choose another --out")
    raise SettingsError(
        f"{out} is not empty, and no run in it was begun far enough to go on with: delete it, or choose another --out"
    )


def write_settings(config: TrainConfig) -> None:
    """Keep a run's settings in its folder, with the machine it was begun on."""
    kept = settings_in_file(dataclasses.asdict(config)) | {MACHINE: machine_line()}
    with atomic_write(Path(config.out) / _FILE) as path:
        path.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")


def new_config(given: Mapping[str, Any]) -> TrainConfig:
    """Return the settings of a new run. Raises ``SettingsError`` for options that contradict each other."""
    if given.get("start_from"):
        for name in ("preset", "layers", "width", "heads", "features", "tokenizer", "body"):
            if name in given:
                raise SettingsError(f"--{name} {given[name]}: a run with --start-from has the shape of that model")
    recipe = RECIPES.get(given.get("preset", TrainConfig.preset), {})
    return TrainConfig(**(recipe | dict(given)))


def command_of(config: TrainConfig) -> str:
    """Return the command that starts a run with these settings again."""
    words = ["xiangqi-gpt", "train"]
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if value == field.default or field.name == "resume" or field.metadata.get("is_hidden"):
            continue
        words.append(f"--{field.name.replace('_', '-')}")
        if not isinstance(value, bool):
            words += map(str, value) if isinstance(value, tuple) else [str(value)]
    return shlex.join(words)


def resumed_config(out: str, given: Mapping[str, Any]) -> TrainConfig:
    """Return the settings of the run in ``out``; ``given`` options (by field name) must agree with them.

    Precision and threads stay those that the run was begun with, on another machine too, which is said in a line; only
    threads that this machine has no cores for are chosen anew. Raises ``SettingsError`` when there is no run, its
    settings cannot be read, or an option differs.
    """
    given = {name: value for name, value in given.items() if (name, value) != ("precision", AUTO)}
    path = Path(out) / _FILE
    try:
        values = _OF_BEFORE | settings_in_code(parse_json(path.read_text(encoding="utf-8")))
        values = without_lost_switches(values, out)
        begun_on = values.pop(MACHINE, "")
        if values["procedure"] == 1 and values.get("preset") == "kexue2020":
            values["preset"] = "characters"  # as it is called now
        fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        kept = _with_old_rate(TrainConfig(**fields))
        check_types(kept)
    except SettingsError:
        raise
    except FileNotFoundError:
        raise SettingsError(f"no run to go on with in {out}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path} is damaged: {error}") from None
    for name, value in given.items():
        if name not in _FREE and value != getattr(kept, name):
            flag = f"--{name.replace('_', '-')}"
            raise SettingsError(
                f"{flag} {value}: the run in {out} was started with {getattr(kept, name)}; leave it out"
            )
    free = {name: value for name, value in given.items() if name in _FREE}
    threads = threads_here(begun_on, kept.precision, given.get("threads", kept.threads))
    return dataclasses.replace(kept, **({"threads": threads} | free | {"out": out, "resume": True}))


def without_lost_switches(values: Mapping[str, Any], out: str) -> dict[str, Any]:
    """Return settings of the run in ``out`` without the lost ones. Raises ``SettingsError`` if one was in use."""
    for name, off in _LOST.items():
        if values.get(name, off) != off:
            raise SettingsError(
                f"the run in {out} uses --{name.replace('_', '-')} {values[name]}, which was removed, for it gained "
                f"nothing: only version 0.1 and commit {_LAST_WITH_LOST} can go on with it"
            )
    return {name: value for name, value in values.items() if name not in _LOST}


def _with_old_rate(kept: TrainConfig) -> TrainConfig:
    """The settings of version 0.1, which kept a rate of 0 where none was named: AdamW's default was 0.001 then."""
    if kept.optimizer == "adamw" and not kept.matrix_rate:
        return dataclasses.replace(kept, matrix_rate=0.001)
    return kept


def threads_here(begun_on: str, precision: str, threads: int) -> int:
    """Return the threads of a resumed run: those it had, or 0 where this machine lacks the cores.

    Says in a line what a run keeps that was begun on another machine.
    """
    is_emulated = precision == "bf16" and not (this_machine().has_bf16_units or torch.cuda.is_available())
    if is_emulated and is_first_process():
        print("the run was begun in bf16, which is slow here: the processor has no bf16 units", file=sys.stderr)
    if begun_on in ("", machine_line()):
        return threads
    kept = threads if threads <= usable_cores() else 0
    count = f"{threads} thread(s)" if kept else f"threads chosen anew, for it had {threads}"
    if is_first_process():
        said = f"begun on: {begun_on}; now on: {machine_line()}; the run keeps {precision}, {count}"
        print(terminal_text(said), file=sys.stderr)
    return kept
