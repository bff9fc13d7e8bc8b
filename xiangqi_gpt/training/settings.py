"""The settings a run was started with, kept in its folder, so that going on needs nothing but the folder."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.rules import XiangqiError

from .config import TrainConfig

_FILE: Final = "settings.json"

#: Options that change nothing of what is learned, and may differ when a run goes on.
_FREE: Final = ("out", "resume", "threads", "device", "evaluate_every", "evaluate_games", "checkpoint_every")


class SettingsError(XiangqiError):
    """A run that cannot go on as asked."""


def write_settings(config: TrainConfig) -> None:
    """Keep a run's settings in its folder."""
    path = Path(config.out) / _FILE
    partial = path.with_name(f".{_FILE}.partial")
    partial.write_text(json.dumps(dataclasses.asdict(config), ensure_ascii=False, indent=1), encoding="utf-8")
    partial.replace(path)


def resumed(out: str, given: Mapping[str, Any]) -> TrainConfig:
    """The settings of the run in ``out``; ``given`` options (by field name) must agree with them.

    Raises ``SettingsError`` when there is no run, its settings cannot be read, or an option differs.
    """
    path = Path(out) / _FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        kept = TrainConfig(**{name: tuple(v) if isinstance(v, list) else v for name, v in values.items()})
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
    return dataclasses.replace(kept, **(free | {"out": out, "resume": True}))
