"""Where a run stands: its settings and what came of each generation, in one file that is replaced atomically."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.files import atomic_write, parse_json
from xiangqi_gpt.rules import XiangqiError
from xiangqi_gpt.training.config import check_types

from .config import ImproveConfig

STATE: Final = "improve.json"
#: Folder of the models in that of the run.
MODELS: Final = "models"
_VERSION: Final = 1


class ImproveError(XiangqiError):
    """Settings that make no sense, or a run that cannot be gone on with."""


@dataclass
class Generation:
    """One round: its games (number and plies), what was learned, and the test.

    ``before`` and ``after`` are nats a move on held-out games, of the model that it began with and of the new one;
    ``test`` is the result of the match as ``Standings.as_dict`` has it, None until it is decided.
    """

    number: int
    begins_with: str
    games: int = 0
    plies: int = 0
    steps: int = 0
    before: float | None = None
    after: float | None = None
    is_trained: bool = False
    test: dict[str, Any] | None = None
    accepted: bool = False
    seconds: float = 0.0


@dataclass
class State:
    """A run. ``best`` is the best model so far: a folder within the run's, or the model that it began with.

    ``command`` is the call that began it.
    """

    config: ImproveConfig
    best: str
    command: str = ""
    generations: list[Generation] = field(default_factory=list)
    final: dict[str, Any] | None = None

    @property
    def seconds(self) -> float:
        """Time spent so far."""
        return sum(generation.seconds for generation in self.generations)

    def path_of(self, model: str) -> str:
        """Return a model of the run as a path, wherever the run's folder lies now; the first one as it was given."""
        return str(Path(self.config.out).resolve() / model) if model.startswith(f"{MODELS}/") else model

    def save(self) -> None:
        """Write the state into its folder. Raises ``OSError``."""
        with atomic_write(Path(self.config.out) / STATE) as path:
            values = {"version": _VERSION} | dataclasses.asdict(self)
            path.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")


def load_state(out: str) -> State:
    """Return the run in ``out``. Raises ``ImproveError`` when there is none, or its file is damaged."""
    path = Path(out) / STATE
    try:
        values = parse_json(path.read_text(encoding="utf-8"))
        if values.pop("version") != _VERSION:
            raise ImproveError(f"{path} is of another version")
        kept: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values["config"].items()}
        config = ImproveConfig(**(kept | {"out": out}))
        check_types(config)
        generations = [Generation(**generation) for generation in values["generations"]]
        for generation in generations:
            check_types(generation)
        return State(config, str(values["best"]), str(values["command"]), generations, values["final"])
    except FileNotFoundError:
        raise ImproveError(f"no run to go on with in {out}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ImproveError(f"{path} is damaged: {error}") from None
