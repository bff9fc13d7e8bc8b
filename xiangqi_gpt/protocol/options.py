"""The options an engine offers: how they are declared, read, and what they mean."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from xiangqi_gpt.players.levels import LADDER_ELO, SHOWN_ELO, STRONGEST_LEVEL, nearest_level
from xiangqi_gpt.rules import XiangqiError


class ProtocolError(XiangqiError):
    """A line that cannot be understood or obeyed; it is answered by an ``info string`` and otherwise ignored."""


@dataclass(frozen=True)
class EngineSettings:
    """How the engine thinks. ``level`` 0 is none: then ``nodes``, ``temperature`` and ``source`` count.

    With ``limit_strength`` it plays as the level nearest to ``elo``, whatever ``level`` says.
    ``nodes`` is how long to search where ``go`` does not say; 0 plays the model's policy at once, whatever it says.
    """

    model: str = "default"
    level: int = 0
    nodes: int = 400
    temperature: float = 0.0
    source: str = "master"
    multipv: int = 1
    threads: int = 1
    megabytes: int = 256
    show_wdl: bool = True
    milliseconds: bool = False
    ponder: bool = False
    variant: str = "xiangqi"
    batch: bool = False
    limit_strength: bool = False
    elo: int = SHOWN_ELO + LADDER_ELO[STRONGEST_LEVEL]
    seed: int | None = None

    @property
    def playing_level(self) -> int:
        """The level that is played, 0 for none."""
        return nearest_level(self.elo - SHOWN_ELO) if self.limit_strength else self.level


@dataclass(frozen=True)
class Option:
    """One option: ``field`` of the settings it changes, its UCI type and what it may be."""

    name: str
    field: str
    kind: str
    least: int = 0
    most: int = 0
    choices: tuple[str, ...] = ()

    def declare(self, default: object, *, ucci: bool = False) -> str:
        """The line that offers it."""
        text = {True: "true", False: "false"}[default] if isinstance(default, bool) else str(default)
        values = f" min {self.least} max {self.most}" if self.kind == "spin" else ""
        values += "".join(f" var {choice}" for choice in self.choices)
        if ucci:  # its own options are lower-case, and the default comes last
            return f"option {self.name.lower()} type {self.kind}{values} default {text}"
        return f"option name {self.name} type {self.kind} default {text}{values}"

    def read(self, text: str) -> object:
        """The value a line gives. Raises ``ProtocolError``."""
        if self.kind == "spin":
            if not (text.isascii() and text.isdigit() and len(text) < 12 and self.least <= int(text) <= self.most):
                raise ProtocolError(f"{self.name} is a whole number from {self.least} to {self.most}, not {text!r}")
            return int(text)
        if self.kind == "check":
            if text.lower() not in ("true", "false", "on", "off"):
                raise ProtocolError(f"{self.name} is true or false, not {text!r}")
            return text.lower() in ("true", "on")
        if self.kind == "combo" and text not in self.choices:
            raise ProtocolError(f"{self.name} is one of {', '.join(self.choices)}, not {text!r}")
        if self.field == "temperature":
            return _temperature(text)
        return text


def _temperature(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 10:
        raise ProtocolError(f"Temperature is a number from 0 to 10, not {text!r}")
    return value


#: The program that sets it counts ranks from 1 to 10 from then on.
VARIANT: Final = "UCI_Variant"
SOURCES: Final = ("any", "master", "online", "engine", "self-play")
_OPTIONS: Final = (
    Option("Model", "model", "string"),
    Option("Level", "level", "spin", 0, STRONGEST_LEVEL),
    Option("Nodes", "nodes", "spin", 0, 10_000_000),
    Option("Temperature", "temperature", "string"),
    Option("Source", "source", "combo", choices=SOURCES),
    Option("Threads", "threads", "spin", 1, 256),
    Option("Ponder", "ponder", "check"),
)
_UCI_ONLY: Final = (
    Option("Hash", "megabytes", "spin", 1, 65_536),
    Option("MultiPV", "multipv", "spin", 1, 100),
    Option("UCI_ShowWDL", "show_wdl", "check"),
    Option("UCI_LimitStrength", "limit_strength", "check"),
    Option("UCI_Elo", "elo", "spin", SHOWN_ELO + LADDER_ELO[1], SHOWN_ELO + LADDER_ELO[STRONGEST_LEVEL]),
    Option(VARIANT, "variant", "combo", choices=("xiangqi",)),
)
_UCCI_ONLY: Final = (
    Option("hashsize", "megabytes", "spin", 1, 65_536),
    Option("usemillisec", "milliseconds", "check"),
    Option("batch", "batch", "check"),
)

#: Options that some programs send to every engine: accepted, and without effect here.
_INDIFFERENT: Final = frozenset({"clear hash", "uci_analysemode", "uci_opponent"})


def options(ucci: bool) -> tuple[Option, ...]:
    """What is offered in a protocol."""
    return (*_OPTIONS, *(_UCCI_ONLY if ucci else _UCI_ONLY))


def with_option(settings: EngineSettings, name: str, value: str) -> EngineSettings:
    """The settings after ``setoption``. Raises ``ProtocolError`` for an unknown option or a value it cannot have."""
    if name.lower() in _INDIFFERENT:
        return settings
    for option in (*_OPTIONS, *_UCI_ONLY, *_UCCI_ONLY):
        if option.name.lower() == name.lower():
            return replace(settings, **{option.field: option.read(value)})  # type: ignore[arg-type]
    raise ProtocolError(f"no option {name!r}; there are {', '.join(option.name for option in options(False))}")
