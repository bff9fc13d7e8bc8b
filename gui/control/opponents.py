"""Whom one can play: the model at its levels, added engines, simple players; how one is added, and taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.players.levels import LEVELS, MODEL_PLAYERS

from ..state.intents import AddEngine, Intent, RemoveEngine, SetAnalyst, UseModel
from ..state.scene import Tone
from ..state.session import HUMAN
from ..state.settings import Settings
from ..worker.messages import Failed, Ready, Reply
from .mode_context import ModeContext

_SIMPLE: Final = ("greedy", "random")
#: The level proposed at the first start.
FIRST_LEVEL: Final = 7
#: How long the model thinks at its full strength where there is no clock.
_FULL_STRENGTH_MS: Final = 5000


def level_spec(level: int, model: str = "") -> str:
    """Return the model of a folder ("" for the shipped one) at a level from 1 to 20."""
    return f"gpt:{model},level={level}" if model else f"gpt,level={level}"


def full_strength_spec(model: str = "") -> str:
    """Return the model of a folder ("" for the shipped one) with a search that the clock alone limits."""
    return f"search:{model or 'default'},movetime={_FULL_STRENGTH_MS}"


def offered(settings: Settings, players: Sequence[str]) -> list[str]:
    """Return the players one can choose from: levels, the model's full strength, added engines, simple players, and who
    is playing now."""
    ours = [*(level_spec(level, settings.model) for level in LEVELS), full_strength_spec(settings.model)]
    return [*dict.fromkeys((*ours, *settings.opponents, *_SIMPLE, *(player for player in players if player != HUMAN)))]


def is_model(spec: str) -> bool:
    """Return whether a player is a model of ours, whose opinion of a position costs little."""
    return spec.partition(",")[0].partition(":")[0] in MODEL_PLAYERS


#: Seconds in which an engine answers in its protocol, where several are tried.
_PATIENCE: Final = 8
#: Failures that another protocol does not mend.
_HOPELESS: Final = ("engine_missing", "engine_not_executable", "engine_start")


@dataclass(frozen=True)
class _Trial:
    """A player that is being started to see whether it works.

    ``spec`` is what is kept then, ``others`` what is tried if it does not; ``failure`` is the first of several.
    """

    intent: AddEngine | UseModel | SetAnalyst
    spec: str
    others: tuple[str, ...] = ()
    failure: Failed | None = None


class Opponents:
    """Takes an engine, a model or an analyst once it has been seen to start, and engines out again."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self._trials: dict[str, _Trial] = {}
        self._removed: set[str] = set()

    @property
    def is_trying(self) -> bool:
        """Whether a player is being started to see whether it works."""
        return bool(self._trials)

    @property
    def proposed(self) -> tuple[str, str]:
        """The players of the next game: those of this one, the model in place of an engine that was taken out."""
        red, black = (
            self._successor if player in self._removed else player for player in self._context.session.players
        )
        return red, black

    @property
    def _successor(self) -> str:
        model = self._context.settings.model
        return f"gpt:{model}" if model else "gpt"

    def apply(self, intent: Intent, now: float) -> bool:
        """Carry out an intent; False when it is not about opponents."""
        if isinstance(intent, AddEngine) or (isinstance(intent, SetAnalyst) and intent.spec):
            self._try(_Trial(intent, intent.spec, intent.others), now)
        elif isinstance(intent, RemoveEngine):
            self._remove(intent.spec, now)
        elif isinstance(intent, UseModel) and intent.folder:
            self._try(_Trial(intent, f"gpt:{intent.folder}"), now)
        elif isinstance(intent, UseModel):
            self._context.change(model="")
        else:
            return False
        return True

    def _try(self, trial: _Trial, now: float) -> None:
        detects = bool(trial.others) or trial.failure is not None
        tried = f"{trial.spec},timeout={_PATIENCE}" if detects else trial.spec
        self._trials[tried] = trial
        self._context.load(tried, again=True)
        self._context.notify(lambda t: t("trying", name=t.player(trial.spec)), now, Tone.QUIET)

    def _remove(self, spec: str, now: float) -> None:
        """Take an engine out; where it plays, the model goes on in its place, and it is no second analyst any more."""
        settings = self._context.settings
        self._removed.add(spec)
        red, black = (self._successor if player == spec else player for player in settings.players)
        others = tuple(known for known in settings.opponents if known != spec)
        analyst = "" if settings.analyst == spec else settings.analyst
        self._context.change(opponents=others, players=(red, black), analyst=analyst)
        self._context.unload(spec, self._successor)
        self._context.notify(lambda t: t("removed", name=t.player(spec)), now)

    def answer(self, reply: Reply, now: float) -> bool:
        """Take in what became of a trial; False when the reply is about something else."""
        if not isinstance(reply, Ready | Failed) or reply.spec not in self._trials:
            return False
        trial = self._trials.pop(reply.spec)
        if isinstance(reply, Failed):
            self._failed(trial, reply, now)
            return True
        spec = trial.spec
        if spec != reply.spec:  # it was tried with little patience; it plays with more
            self._context.unload(reply.spec, self._successor)
            self._context.load(spec, again=True)
        self._keep(trial.intent, spec)
        self._context.notify(lambda t: t("tried", name=t.player(spec)), now, Tone.GOOD)
        return spec != reply.spec

    def _failed(self, trial: _Trial, reply: Failed, now: float) -> None:
        """Try the next protocol, or say what went wrong."""
        first = trial.failure or reply
        if trial.others and reply.error.code not in _HOPELESS:
            self._try(_Trial(trial.intent, trial.others[0], trial.others[1:], first), now)
        elif trial.failure is not None:
            name = trial.spec
            self._context.notify(lambda t: t("engine_mute", name=t.player(name)), now, Tone.BAD)
        else:
            self._context.show_error(reply, now)

    def _keep(self, intent: AddEngine | UseModel | SetAnalyst, spec: str) -> None:
        """It works: keep it."""
        if isinstance(intent, UseModel):
            self._context.change(model=intent.folder)
        elif isinstance(intent, SetAnalyst):
            self._context.change(analyst=spec)
        else:
            self._removed.discard(spec)
            self._context.change(opponents=tuple(dict.fromkeys((*self._context.settings.opponents, spec))))
