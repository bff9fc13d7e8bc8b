"""A player's options tuned by paired games, each iteration in a journal, and the result tested against the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from xiangqi_gpt.files import final_target, is_special
from xiangqi_gpt.players.spec import check_player, parse_spec

from ..match.game_file import GameFile
from ..match.result import GameResult
from ..runtime.journal import Journal
from ..tournament.match_plan import plan_match, player_revision
from ..tournament.standings import Standings
from .spsa import Parameter, Spsa, TuningError, Values, start_values

#: What decides how the games go, as ``plan_match`` takes it.
GameSettings = Mapping[str, Any]


@dataclass
class Tuning:
    """A run of SPSA: ``path`` (K + 1, P) are the values before the first iteration and after each of K.

    ``points`` (K,) are those of the first of the two candidates, of ``2 * pairs`` games each.
    """

    spec: str
    spsa: Spsa
    pairs: int
    games: GameSettings
    path: list[Values]
    points: list[float] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Whether all iterations are played."""
        return len(self.points) >= self.spsa.iterations

    @property
    def tuned(self) -> str:
        """The spec with the values reached."""
        return self.spec_with(self.path[-1])

    def spec_with(self, values: Values) -> str:
        """Return the spec with other values of the parameters."""
        return with_options(self.spec, self.spsa.parameters, values)

    def count(self, points: float) -> None:
        """Take in the points of the first candidate of the iteration."""
        lead = 2 * (points - self.pairs) / self.pairs
        self.path.append(self.spsa.moved(self.path[-1], len(self.points), lead))
        self.points.append(points)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        names = [parameter.name for parameter in self.spsa.parameters]
        return {
            "player": self.spec,
            "tuned": self.tuned,
            "iterations": len(self.points),
            "pairs": self.pairs,
            "rate": self.spsa.rate,
            "seed": self.spsa.seed,
            "start": dict(zip(names, self.path[0].tolist(), strict=True)),
            "end": dict(zip(names, self.path[-1].tolist(), strict=True)),
        }

    def summary(self) -> str:
        """Return it as a table of lines: each parameter's start and end."""
        width = max(len(parameter.name) for parameter in self.spsa.parameters)
        lines = [f"{len(self.points)} iterations of {2 * self.pairs} games"]
        for parameter, start, end in zip(self.spsa.parameters, self.path[0], self.path[-1], strict=True):
            lines.append(f"  {parameter.name:{width}}  {parameter.text(start):>8} -> {parameter.text(end):>8}")
        return "\n".join([*lines, f"  {self.tuned}"])


def with_options(spec: str, parameters: Sequence[Parameter], values: Values) -> str:
    """Return a spec with the values of some options replaced."""
    parsed = parse_spec(spec)
    found = {p.name: p.text(value) for p, value in zip(parameters, values, strict=True)}
    options = parsed.options | found
    head = f"{parsed.name}:{parsed.target}" if parsed.target else parsed.name
    return ",".join([head, *(f"{key}={options[key]}" for key in options)])


def plan_tuning(
    spec: str, parameters: Sequence[Parameter], *, iterations: int, pairs: int, rate: float, seed: int, **games: Any
) -> Tuning:
    """Return a run that has not begun. Raises ``XiangqiError`` for a player or bounds that cannot be played."""
    start = start_values(parameters, parse_spec(spec).options, spec)
    tuning = Tuning(spec, Spsa(tuple(parameters), iterations, rate, seed), pairs, games, [start])
    for end in ("low", "high"):
        check_player(tuning.spec_with(np.array([getattr(parameter, end) for parameter in parameters])))
    check_player(spec)
    return tuning


def tune(tuning: Tuning, journal: Journal, on_iteration: Callable[[Tuning], None] = lambda _: None) -> None:
    """Play the iterations that the journal does not hold yet, after those that it holds.

    Raises ``TuningError`` when a player breaks down or moves illegally: its games say nothing of its strength.
    """
    for number in range(tuning.spsa.iterations):
        if number not in journal:
            journal.add(number, {"points": _play(tuning, number)})
        (piece,) = journal.pieces(range(number, number + 1))
        tuning.count(float(piece["points"]))
        on_iteration(tuning)


def is_begun(out: str) -> bool:
    """Whether a run that writes its page to ``out`` was stopped before its end."""
    return not is_special(out) and Path(f"{final_target(out)}.unfinished").exists()


def journal_of(out: str, tuning: Tuning) -> Journal:
    """Open the journal of a run beside its page; raises ``JournalError`` where it is that of another run."""
    spsa = tuning.spsa
    work = {
        "tune": tuning.spec,
        "files": player_revision(tuning.spec),
        "parameters": [[p.name, p.low, p.high, p.step, p.is_whole] for p in spsa.parameters],
        "iterations": spsa.iterations,
        "pairs": tuning.pairs,
        "rate": spsa.rate,
        "seed": spsa.seed,
        "games": dict(tuning.games),
    }
    return Journal(out, work)


def _play(tuning: Tuning, number: int) -> float:
    """Play an iteration; returns the points of the first candidate."""
    first, second = (tuning.spec_with(values) for values in tuning.spsa.candidates(tuning.path[-1], number))
    seed = int(np.random.SeedSequence([tuning.spsa.seed, number, 1]).generate_state(1)[0])
    plan = plan_match([first, second], games=2 * tuning.pairs, seed=seed, **tuning.games)
    results: list[GameResult] = []
    plan.job.play(iter(plan.fixtures), lambda _, result: results.append(result))
    for result in results:
        if result.failure:
            raise TuningError(f"iteration {number + 1}, {first} against {second}: {result.failure}")
    return sum(result.score for result in results)


def test_result(
    tuning: Tuning,
    pgn: str,
    *,
    sprt: str,
    games: int,
    on_progress: Callable[[Standings], None] | None = None,
) -> Standings:
    """Play the tuned player against the one at the start, on other openings, until the test is decided.

    The games go into ``pgn``, or, where that holds others, ``NAME-2`` and so on; a stopped test goes on from there.
    """
    seed = int(np.random.SeedSequence([tuning.spsa.seed, 2]).generate_state(1)[0])
    plan = plan_match([tuning.tuned, tuning.spec], games=games, seed=seed, sprt=sprt, **tuning.games)
    with GameFile.find(pgn, plan.job.match) as file:
        try:
            return plan.play(file, on_progress=on_progress)
        finally:
            file.discard_if_empty()
