"""A level's place on the ladder, found by bisection: one option of a player is moved until its games give an Elo."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from xiangqi_gpt.option_text import OptionTextError, read_range
from xiangqi_gpt.players.levels import LADDER_ELO
from xiangqi_gpt.players.spec import check_player
from xiangqi_gpt.rules import XiangqiError

from ..elo.ratings import fit_ratings
from ..match.result import GameResult
from ..match.schedule import Fixture
from ..match.start_positions import Opening
from ..runtime.journal import Journal
from ..tournament.match_plan import plan_match, player_revision
from .spsa import Parameter
from .tuning import with_options

#: Options that a level can be moved by, and whether more of it makes a player stronger.
MORE_IS_STRONGER: Final = {"temperature": False, "top_p": False, "overlook": False, "nodes": True}
_WHOLE: Final = "nodes"


class LevelFitError(XiangqiError):
    """A fit that cannot be planned, or games that say nothing of strength."""


def fitted_parameter(text: str) -> Parameter:
    """Return the option that ``NAME=LOW..HIGH`` names; ``nodes`` are whole numbers. Raises ``LevelFitError``.

    >>> fitted_parameter("temperature=1..3")
    Parameter(name='temperature', low=1.0, high=3.0, step=0.0, is_whole=False)
    """
    try:
        found = read_range(text)
    except OptionTextError as error:
        example = ", for example temperature=0.2..3" if ".." not in text else ""
        raise LevelFitError(f"parameter {text!r}: {error}{example}") from None
    if found.name not in MORE_IS_STRONGER:
        raise LevelFitError(f"{found.name} cannot be fitted; possible are {', '.join(MORE_IS_STRONGER)}")
    if found.name == _WHOLE and not (found.low.is_integer() and found.high.is_integer()):
        raise LevelFitError(f"parameter {text!r}: {found.name} are whole numbers")
    return Parameter(found.name, found.low, found.high, 0.0, is_whole=found.name == _WHOLE)


@dataclass(frozen=True)
class Reference:
    """An opponent and its Elo on the ladder, taken as exact."""

    spec: str
    elo: float

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read ``SPEC@ELO``. Raises ``LevelFitError``.

        >>> Reference.parse("gpt,level=5@-254")
        Reference(spec='gpt,level=5', elo=-254.0)
        """
        spec, _, elo = text.rpartition("@")
        try:
            value = float(elo)
        except ValueError:
            value = math.nan
        if not spec or not abs(value) <= 10_000:
            raise LevelFitError(f"opponent {text!r}: expected SPEC@ELO, for example gpt,level=5@-254")
        return cls(spec, value)


@dataclass(frozen=True)
class Probe:
    """A value that was tried: its Elo given the references', the ends of the 95 % interval, and the games."""

    value: str
    elo: float
    low: float
    high: float
    games: int


@dataclass(frozen=True)
class LevelFit:
    """What is fitted: ``spec`` with ``parameter`` between its bounds, so that it has ``target`` Elo.

    ``pairs`` of games are played against each reference for each of at most ``steps`` values; ``games`` are options of
    ``plan_match``.
    """

    spec: str
    parameter: Parameter
    target: float
    references: tuple[Reference, ...]
    pairs: int
    steps: int
    seed: int
    games: Mapping[str, Any]

    def check(self) -> None:
        """Raise ``XiangqiError`` for players that cannot be played."""
        for value in (self.parameter.low, self.parameter.high):
            check_player(self.spec_with(value))
        for reference in self.references:
            check_player(reference.spec)

    def spec_with(self, value: float) -> str:
        """Return the player's spec with a value of the parameter."""
        return with_options(self.spec, [self.parameter], np.array([value]))

    def journal(self, out: str) -> Journal:
        """Open the journal of the fit beside its output. Raises ``JournalError`` where it is that of another."""
        players = [self.spec, *(reference.spec for reference in self.references)]
        return Journal(out, {"levels fit": asdict(self), "files": [player_revision(spec) for spec in players]})


def nearest_references(target: float) -> tuple[Reference, ...]:
    """Return the two levels whose Elo is nearest to a target."""
    levels = sorted(LADDER_ELO, key=lambda level: abs(LADDER_ELO[level] - target))[:2]
    return tuple(Reference(f"gpt,level={level}", float(LADDER_ELO[level])) for level in sorted(levels))


def fit_level(fit: LevelFit, journal: Journal, on_probe: Callable[[Probe], None] = lambda _: None) -> list[Probe]:
    """Return the values that were tried, in turn; the games against one reference are one piece of the journal.

    Each value is the middle of what is left, of whole numbers one that was not tried; games decide which half goes on.
    With noise a wrong half may be taken: the probe nearest to the target (``best_probe``) is the result, and its
    interval says what it is worth.
    Raises ``LevelFitError`` where a player breaks down or moves illegally.
    """
    low, high = fit.parameter.low, fit.parameter.high
    beside = 1.0 if fit.parameter.is_whole else 0.0
    probes: list[Probe] = []
    for step in range(fit.steps):
        value = fit.parameter.text((low + high) / 2)
        if low > high or value in [probe.value for probe in probes]:
            break  # none is left between
        scores = [_scores(fit, journal, step, float(value), place) for place in range(len(fit.references))]
        probes.append(_rate(fit, value, scores))
        on_probe(probes[-1])
        is_too_strong = probes[-1].elo > fit.target
        if is_too_strong == MORE_IS_STRONGER[fit.parameter.name]:
            high = float(value) - beside
        else:
            low = float(value) + beside
    return probes


def best_probe(probes: Sequence[Probe], target: float) -> Probe:
    """Return the probe whose Elo is nearest to the target."""
    return min(probes, key=lambda probe: abs(probe.elo - target))


def _scores(fit: LevelFit, journal: Journal, step: int, value: float, place: int) -> list[list[float]]:
    """Return (side of the fitted player, its score) of each game against a reference, played unless it is known."""
    number = step * len(fit.references) + place
    if number not in journal:
        players = [fit.spec_with(value), fit.references[place].spec]
        seed = int(np.random.SeedSequence([fit.seed, number]).generate_state(1)[0])
        plan = plan_match(players, games=2 * fit.pairs, seed=seed, **fit.games)
        results: list[GameResult] = []
        plan.job.play(iter(plan.fixtures), lambda _, result: results.append(result))
        for result in results:
            if result.failure:
                raise LevelFitError(f"{players[0]} against {players[1]}: {result.failure}")
        journal.add(number, {"scores": [[result.fixture.first_color, result.score] for result in results]})
    (piece,) = journal.pieces(range(number, number + 1))
    scores: list[list[float]] = piece["scores"]
    return scores


def _rate(fit: LevelFit, value: str, scores: Sequence[Sequence[Sequence[float]]]) -> Probe:
    games = [
        GameResult(Fixture(1, 0, (0, place), int(color), Opening()), float(score), "")
        for place, played in enumerate(scores, 1)
        for color, score in played
    ]
    anchors = {place: reference.elo for place, reference in enumerate(fit.references, 1)}
    ratings = fit_ratings(len(anchors) + 1, games, anchors)
    low, high = ratings.interval(0)
    return Probe(value, float(ratings.elo[0]), low, high, len(games))
