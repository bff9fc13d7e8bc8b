"""Players by name: one string says who plays, with what and how strong.

``name[:TARGET][,key=value...]``, for example ``random``, ``gpt``, ``gpt:runs/first,temperature=0.5``,
``uci:fairy-stockfish,nodes=1000`` or ``xboard:hoixiangqi,depth=3``. The target is a model for ``gpt`` and a program
for an engine; commas and colons inside it are fine, since only ``,key=value`` at the end are options.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xiangqi_gpt.inference.model_folder import check_model, find_model, read_config
from xiangqi_gpt.option_text import OptionTextError, convert_options, split_options
from xiangqi_gpt.rules.errors import XiangqiError

from .baselines import Greedy2Player, GreedyPlayer, RandomPlayer
from .engine_process import EngineError, find_program
from .external import PROTOCOLS, ExternalPlayer
from .levels import LEVEL_SEARCH, LEVELS
from .opening_bias import OPENINGS
from .player import Player, PlayerError, SearchLimit

if TYPE_CHECKING:
    from .gpt import Evaluators

#: What a spec may look like, for messages and help texts.
SPEC_HELP: Final = (
    "random, greedy, greedy2, gpt[:MODEL][,level=1..20][,temperature=T][,top_p=P][,source=master][,overlook=SHARE], "
    "search[:MODEL],nodes=N[,movetime=MS][,threads=N], or an engine as "
    "uci:PROGRAM,nodes=N, ucci:PROGRAM,depth=N or xboard:PROGRAM,depth=N"
)

_BASELINES: Final = {"random": RandomPlayer, "greedy": GreedyPlayer, "greedy2": Greedy2Player}
#: Options of ``gpt`` that choose among the legal moves, so that ``masked=no`` has no use for them.
MASKED_OPTIONS: Final = frozenset({"temperature", "top_p", "overlook", "opening"})

_MODEL_FILES: Final = (".safetensors", ".json")
_MODEL_PLAYERS: Final = ("gpt", "default", "search")
_NAMES: Final = (*_BASELINES, *_MODEL_PLAYERS, *PROTOCOLS)


@dataclass(frozen=True)
class PlayerSpec:
    """A spec taken apart: who (``name``), the model or program (``target``, "" for none), and the options as text."""

    text: str
    name: str
    target: str = ""
    options: dict[str, str] = field(default_factory=dict)

    def error(self, message: str | XiangqiError) -> PlayerError:
        """Return an error that names this spec; it keeps the code of the error it is made from."""
        text = f"player {self.text!r}: {message}"
        if isinstance(message, XiangqiError):
            return PlayerError(text, code=message.code, **{"name": self.target or self.name, **message.values})
        return PlayerError(text, name=self.target or self.name)


def parse_spec(text: str) -> PlayerSpec:
    """Take a spec apart. Raises ``PlayerError`` for an unknown name or an option given twice."""
    try:
        rest, options = split_options(text.strip())
    except OptionTextError as error:
        raise PlayerError(f"player {text!r}: {error}") from None
    name, _, target = rest.partition(":")
    spec = PlayerSpec(text, name.strip(), target.strip(), options)
    if spec.name not in _NAMES:
        hint = f"; a model folder is written gpt:{text}" if Path(rest).exists() and rest else ""
        where = f" in {text!r}" if spec.name != text else ""
        raise PlayerError(
            f"unknown player {spec.name!r}{where}{hint}; possible are {SPEC_HELP}",
            code="player_unknown",
            name=spec.name,
        )
    return spec


def check_player(text: str, *, on_clock: bool = False) -> None:
    """Raise what ``load_player`` would for a wrong spec, a missing program and a missing or damaged model.

    Nothing is loaded or started.
    """
    spec = parse_spec(text)
    if spec.name in _BASELINES:
        _check_baseline(spec)
    elif spec.name in PROTOCOLS:
        _engine_options(spec, on_clock)
    else:
        _model_options(spec)
        check_model(spec.target or "default")


def thinks_ahead(text: str) -> bool:
    """Whether a player of this project searches: ``search``, or a level that does."""
    spec = parse_spec(text)
    level = spec.options.get("level", "")
    levels = {str(number): level for number, level in LEVELS.items()}
    return spec.name == "search" or (spec.name in _MODEL_PLAYERS and level in levels and bool(levels[level].nodes))


def player_files(text: str) -> list[Path]:
    """The files that a player is read from, a model's or a program's: where they change, so does the player.

    Raises ``PlayerError`` and ``CheckpointError`` for a player that is not there.
    """
    spec = parse_spec(text)
    if spec.name in PROTOCOLS:
        return [Path(find_program(spec.target))] if spec.target else []
    if spec.name in _BASELINES:
        return []
    return sorted(path for path in find_model(spec.target or "default").iterdir() if path.suffix in _MODEL_FILES)


def has_position_features(text: str) -> bool:
    """Whether a player is a model that sees the board. Raises ``PlayerError`` and ``CheckpointError``."""
    spec = parse_spec(text)
    if spec.name not in _MODEL_PLAYERS:
        return False
    return read_config(find_model(spec.target or "default")).features != "none"


def load_player(
    text: str, *, seed: int | None = None, on_clock: bool = False, evaluators: Evaluators | None = None
) -> Player:
    """The player a spec names, ready to play; ``seed`` fixes its random choices, if it makes any.

    ``on_clock``: an engine may do without a limit, because it will be told what time is left. ``evaluators``, an empty
    dictionary at first, lets policies of one model that play in the same thread read each game once for all of them.

    >>> load_player("greedy", seed=1).name
    'greedy'

    Raises ``PlayerError`` for an unknown name, option or value, a missing program or an engine that does not start,
    and ``XiangqiError`` for a missing or damaged model. Close the player after use.
    """
    spec = parse_spec(text)
    if spec.name in _BASELINES:
        _check_baseline(spec)
        return _BASELINES[spec.name](seed)
    if spec.name in PROTOCOLS:
        return load_engine(text, on_clock=on_clock)
    return _make_gpt(spec, seed, _model_options(spec), evaluators)


def load_engine(text: str, *, on_clock: bool = False) -> ExternalPlayer:
    """Return the engine a spec names, ready to play. Raises ``PlayerError``, also for a player of another kind."""
    spec = parse_spec(text)
    if spec.name not in PROTOCOLS:
        raise spec.error("no engine; one is written as uci:fairy-stockfish,nodes=1000")
    limit, engine_options, options = _engine_options(spec, on_clock)
    return ExternalPlayer(spec.name, spec.target, limit, name=spec.text, engine_options=engine_options, **options)


def _check_baseline(spec: PlayerSpec) -> None:
    if spec.target:
        raise spec.error(f"{spec.name} takes nothing after a colon")
    _read(spec, {})


def _model_options(spec: PlayerSpec) -> dict[str, Any]:
    """The options of a model's policy, or, with ``nodes`` among them, of its search."""
    if spec.name == "default" and spec.target:
        raise spec.error("default takes nothing after a colon")
    from xiangqi_gpt.inference.vocabulary import SOURCES

    conversions = {"temperature": _at_least_zero, "source": _one_of(SOURCES), "top_p": _share, "overlook": _chance}
    if "level" in spec.options:
        options = _read(spec, {"level": _level, "threads": _positive})
        level = LEVELS[options.pop("level")]
        options |= {"temperature": level.temperature, "top_p": level.top_p, "source": level.source}
        options |= {name: value for name in ("overlook", "nodes") if (value := getattr(level, name))}
        if level.nodes:
            options |= LEVEL_SEARCH
        return options
    if spec.name == "search":
        return {"nodes": None, **_read(spec, conversions | _SEARCH_OPTIONS)}
    options = _read(spec, conversions | _GPT_OPTIONS, also="level")
    if not options.get("masked", True) and (refused := sorted(MASKED_OPTIONS & options.keys())):
        raise spec.error(f"masked=no plays the one move the model would say; {', '.join(refused)} cannot go with it")
    return options


def _make_gpt(spec: PlayerSpec, seed: int | None, options: dict[str, Any], evaluators: Evaluators | None) -> Player:
    """The model's policy, or with ``nodes`` among the options (None: the search's own) its search."""
    model = spec.target or "default"
    threads = options.pop("threads", 1)
    if "nodes" not in options:
        from .gpt import GptPlayer  # compiled kernels are loaded: only for those who ask for a model

        policy: Player = GptPlayer.load(model, seed=seed, evaluators=evaluators, **options)
        return policy
    from .search import SearchPlayer
    from .tree import TreeSettings

    limits = {kind: options.pop(kind) for kind in ("nodes", "movetime") if options.get(kind)}
    names = {f.name for f in fields(TreeSettings)}
    settings = TreeSettings(**{name: options.pop(name) for name in sorted(names & set(options))})
    limit = SearchLimit(**limits) if limits else None
    options.pop("nodes", None)
    search: Player = SearchPlayer.load(model, limit=limit, threads=threads, settings=settings, seed=seed, **options)
    return search


def _engine_options(spec: PlayerSpec, on_clock: bool) -> tuple[SearchLimit, dict[str, str], dict[str, Any]]:
    """The limit of an engine, its own options, and those of ``ExternalPlayer``."""
    if not spec.target:
        raise spec.error(f"which program? for example {spec.name}:fairy-stockfish,nodes=1000")
    try:
        find_program(spec.target)
    except EngineError as error:
        raise spec.error(error) from None
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
    if len(limits) != 1 and (limits or not on_clock):
        raise spec.error("one limit is needed: nodes=N, depth=N or movetime=MILLISECONDS")
    return SearchLimit(**limits), engine_options, options


def _read(spec: PlayerSpec, conversions: dict[str, Callable[[str], Any]], also: str = "") -> dict[str, Any]:
    """The options as values. Raises ``PlayerError`` for an unknown key or a value its reader refuses."""
    try:
        return convert_options(spec.options, conversions, also)
    except OptionTextError as error:
        raise spec.error(str(error)) from None


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


def _level(text: str) -> int:
    if text not in map(str, LEVELS):
        raise ValueError(f"expected a whole number from {min(LEVELS)} to {max(LEVELS)}")
    return int(text)


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("expected yes or no")
    return text == "yes"


def _mate_plies(text: str) -> int:
    if text == "off":
        return 0
    if text not in ("1", "3", "5", "7", "9"):
        raise ValueError("expected 1, 3, 5, 7 or 9 plies, or off")
    return int(text)


_seconds = _number("a number of seconds above 0, at most a million", lambda value: 0 < value <= 1e6)
_at_least_zero = _number("a number from 0 on", lambda value: value >= 0)
_above_zero = _number("a number above 0", lambda value: value > 0)
_chance = _number("a number from 0 to 1", lambda value: 0 <= value <= 1)
_share = _number("a number above 0 and at most 1", lambda value: 0 < value <= 1)

_GPT_OPTIONS: Final[dict[str, Callable[[str], Any]]] = {
    "masked": _yes_or_no,
    "opening": _one_of(OPENINGS),
    "device": _one_of(("cpu", "cuda")),
}
_SEARCH_OPTIONS: Final[dict[str, Callable[[str], Any]]] = {
    "nodes": _positive,
    "movetime": _positive,
    "threads": _positive,
    "megabytes": _positive,
    "adaptive": _yes_or_no,
    "cpuct": _at_least_zero,
    "fpu": _at_least_zero,
    "prior_temperature": _above_zero,
    "mate_plies": _mate_plies,
    "captures": _at_least_zero,
    "root_cpuct": _at_least_zero,
    "cpuct_growth": _at_least_zero,
    "cpuct_base": _above_zero,
    "visit_exponent": _share,
    "in_flight": _one_of(("loss", "visit")),
    "contempt": _number("a number from -1 to 1", lambda value: -1 <= value <= 1),
    "quiescence": _one_of(("captures", "checks")),
}
