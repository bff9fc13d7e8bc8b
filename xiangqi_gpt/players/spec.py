"""Players by name: one string says who plays, with what and how strong.

``name[:TARGET][,key=value...]``, for example ``random``, ``gpt``, ``gpt:runs/first,temperature=0.5``,
``uci:fairy-stockfish,nodes=1000`` or ``xboard:hoixiangqi,depth=3``. The target is a model for ``gpt`` and a program
for an engine; commas and colons inside it are fine, since only ``,key=value`` at the end are options.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.model.folder import check_model

from .baselines import Greedy2Player, GreedyPlayer, RandomPlayer
from .dialects import Limit
from .external import PROTOCOLS, ExternalPlayer
from .player import Player, PlayerError

#: What a spec may look like, for messages and help texts.
SPEC_HELP: Final = (
    "random, greedy, greedy2, gpt[:MODEL][,temperature=T][,top_p=P][,source=master], or an engine as "
    "uci:PROGRAM,nodes=N, ucci:PROGRAM,depth=N or xboard:PROGRAM,depth=N"
)

_BASELINES: Final = {"random": RandomPlayer, "greedy": GreedyPlayer, "greedy2": Greedy2Player}
_OPTION: Final = re.compile(r",(?P<key>option\.[^=,]+|\w+)=(?P<value>[^,]*)\Z")
_NAMES: Final = (*_BASELINES, "gpt", "default", *PROTOCOLS)


@dataclass(frozen=True)
class PlayerSpec:
    """A spec taken apart: who (``name``), the model or program (``target``, "" for none), and the options as text."""

    text: str
    name: str
    target: str = ""
    options: dict[str, str] = field(default_factory=dict)

    def error(self, message: str) -> PlayerError:
        """An error that names this spec."""
        return PlayerError(f"player {self.text!r}: {message}")


def parse_spec(text: str) -> PlayerSpec:
    """Take a spec apart. Raises ``PlayerError`` for an unknown name or an option given twice."""
    rest = text.strip()
    options: dict[str, str] = {}
    while match := _OPTION.search(rest):
        if match["key"] in options:
            raise PlayerError(f"player {text!r}: {match['key']} is given twice")
        options[match["key"]] = match["value"].strip()
        rest = rest[: match.start()]
    name, _, target = rest.partition(":")
    spec = PlayerSpec(text, name.strip(), target.strip(), options)
    if spec.name not in _NAMES:
        hint = f"; a model folder is written gpt:{text}" if Path(rest).exists() and rest else ""
        raise spec.error(f"unknown player {spec.name!r}{hint}; possible are {SPEC_HELP}")
    return spec


def check_player(text: str) -> None:
    """Raise what ``load_player`` would for a wrong spec or a missing or damaged model, without loading the player."""
    spec = parse_spec(text)
    if spec.name in ("gpt", "default"):
        check_model(spec.target or "default")


def load_player(text: str, *, seed: int | None = None) -> Player:
    """The player a spec names, ready to play; ``seed`` fixes its random choices, if it makes any.

    >>> load_player("greedy", seed=1).name
    'greedy'

    Raises ``PlayerError`` for an unknown name, option or value, a missing program or an engine that does not start,
    and ``XiangqiError`` for a missing or damaged model. Close the player after use.
    """
    spec = parse_spec(text)
    if spec.name in _BASELINES:
        if spec.target:
            raise spec.error(f"{spec.name} takes nothing after a colon")
        _read(spec, {})
        return _BASELINES[spec.name](seed)
    if spec.name in PROTOCOLS:
        return _load_engine(spec)
    return _load_gpt(spec, seed)


def _load_gpt(spec: PlayerSpec, seed: int | None) -> Player:
    if spec.name == "default" and spec.target:
        raise spec.error("default takes nothing after a colon")
    from xiangqi_gpt.model.vocabulary import SOURCES

    options = _read(spec, {"temperature": _at_least_zero, "top_p": _share, "source": _one_of(SOURCES)})

    from .gpt import GptPlayer  # torch takes seconds to import: only for those who ask for a model

    player: Player = GptPlayer.load(spec.target or "default", seed=seed, **options)
    return player


def _load_engine(spec: PlayerSpec) -> Player:
    if not spec.target:
        raise spec.error(f"which program? for example {spec.name}:fairy-stockfish,nodes=1000")
    engine_options = {key.removeprefix("option."): v for key, v in spec.options.items() if key.startswith("option.")}
    plain = PlayerSpec(spec.text, spec.name, spec.target, {k: v for k, v in spec.options.items() if "." not in k})
    options = _read(
        plain,
        {
            "nodes": _positive,
            "depth": _positive,
            "movetime": _positive,
            "timeout": _seconds,
            "processes": _positive,
            "args": str,
        },
        also="option.NAME",
    )
    limits = {kind: options.pop(kind) for kind in ("nodes", "depth", "movetime") if kind in options}
    if len(limits) != 1:
        raise spec.error("one limit is needed: nodes=N, depth=N or movetime=MILLISECONDS")
    return ExternalPlayer(
        spec.name, spec.target, Limit(**limits), name=spec.text, engine_options=engine_options, **options
    )


def _read(spec: PlayerSpec, readers: dict[str, Callable[[str], Any]], also: str = "") -> dict[str, Any]:
    """The options as values. Raises ``PlayerError`` for an unknown key or a value its reader refuses."""
    values = {}
    for key, text in spec.options.items():
        if key not in readers:
            known = ", ".join([*readers, also] if also else readers)
            raise spec.error(f"unknown option {key!r}; " + (f"possible are {known}" if known else "it takes none"))
        try:
            values[key] = readers[key](text)
        except ValueError as error:
            raise spec.error(f"{key}={text}: {error}") from None
    return values


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**31):
        raise ValueError("expected a whole number above 0")
    return int(text)


def _number(what: str, allowed: Callable[[float], bool]) -> Callable[[str], float]:
    """A reader of numbers that takes those that are ``allowed``; ``what`` names them."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and allowed(value)):
            raise ValueError(f"expected {what}")
        return value

    return read


def _one_of(choices: Collection[str]) -> Callable[[str], str]:
    """A reader that takes the choices only."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"possible are {', '.join(choices)}")
        return text

    return read


_seconds = _number("a number of seconds above 0, at most a million", lambda value: 0 < value <= 1e6)
_at_least_zero = _number("a number from 0 on", lambda value: value >= 0)
_share = _number("a number above 0 and at most 1", lambda value: 0 < value <= 1)
