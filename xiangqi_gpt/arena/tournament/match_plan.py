"""From what a user asks for to a match that can be played: players, openings, rules, and the file of its games."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.option_text import OptionTextError, read_number
from xiangqi_gpt.players import PlayerError
from xiangqi_gpt.players.spec import check_player, player_files
from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.rules import XiangqiError

from ..elo.sprt import Sprt
from ..match.adjudication import MAX_PLIES, Adjudication, ScoreRule
from ..match.game_file import GameFile
from ..match.match import CONCURRENCY, GameRules
from ..match.schedule import Fixture, schedule
from ..match.start_positions import Opening, draw_openings, read_openings
from .match_job import MatchJob, match_fingerprint
from .standings import Standings
from .tournament import run_tournament

#: Random moves at the start where no openings are given.
_RANDOM_PLIES: Final = 4
_WIN_MOVES: Final = 4
_DRAW_MOVES: Final = 8
_DRAW_AFTER: Final = 80
_MOST_ELO: Final = 100_000


@dataclass
class MatchPlan:
    """A match ready to be played; ``settings`` are what a report tells of it."""

    job: MatchJob
    fixtures: list[Fixture]
    sprt: Sprt | None = None
    anchors: dict[int, float] = field(default_factory=lambda: {0: 0.0})
    settings: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def open(self, path: str | None, *, force: bool = False) -> Iterator[GameFile]:
        """The file of the games: new, or the one in which this match was stopped; None finds a name.

        A file in which no game was written does not stay.
        """
        if path is None:
            file = GameFile.find("match.pgn", self.job.match, force=force)
        else:
            file = GameFile(path, force=True) if force else GameFile.resume(path, self.job.match)
        with file:
            try:
                yield file
            finally:
                file.discard_if_empty()

    def play(
        self,
        file: GameFile,
        *,
        workers: int = 1,
        ray: str = "",
        on_progress: Callable[[Standings], None] | None = None,
    ) -> Standings:
        """Play what is left to play; see ``run_tournament``."""
        standings = Standings(self.job.names, sprt=self.sprt, anchors=self.anchors)
        return run_tournament(
            self.job, self.fixtures, file, standings, workers=workers, ray=ray, on_progress=on_progress
        )


def plan_match(
    players: Sequence[str],
    *,
    checkpoints: str | None = None,
    games: int = 20,
    gauntlet: bool = False,
    openings: str | None = None,
    opening_plies: int | None = None,
    random_plies: int | None = None,
    seed: int = 0,
    control: str | None = None,
    max_plies: int = MAX_PLIES,
    most_checks: int | None = None,
    win: str | None = None,
    draw: str | None = None,
    referee: str | None = None,
    sprt: str | None = None,
    anchor: str | None = None,
    concurrency: int = CONCURRENCY,
) -> MatchPlan:
    """A match from options as text. Raises ``XiangqiError`` for one that cannot be read, and for players not there."""
    specs = [*(checkpoint_specs(checkpoints) if checkpoints else ()), *players]
    for spec in specs:
        check_player(spec, on_clock=control is not None)
    if referee:
        check_player(referee)
    if random_plies is None:
        random_plies = 0 if openings else _RANDOM_PLIES
    book = read_openings(openings, plies=opening_plies) if openings else [Opening()]
    drawn = draw_openings((games + 1) // 2, seed, positions=book, random_plies=random_plies)
    adjudication = Adjudication(
        max_plies,
        ScoreRule.parse(win, moves=_WIN_MOVES) if win else None,
        ScoreRule.parse(draw, moves=_DRAW_MOVES, after=_DRAW_AFTER) if draw else None,
    )
    timed = TimeControl.parse(control, byo_yomi=False) if control else None
    rules = GameRules(adjudication, timed, seed=seed, most_checks=most_checks)
    revisions = [player_revision(spec) for spec in specs]
    match = match_fingerprint(specs, revisions, gauntlet, book, random_plies, rules, referee)
    job = MatchJob(
        tuple(specs),
        rules,
        referee or "",
        seed,
        datetime.date.today().strftime("%Y.%m.%d"),
        match,
        concurrency,
    )
    settings = {
        "date": job.date,
        "games_each": games,
        "seed": seed,
        "openings": openings,
        "random_plies": random_plies,
        "max_plies": max_plies,
        "most_checks": most_checks,
        "tc": control,
        "win": win,
        "draw": draw,
        "referee": referee,
    }
    if checkpoints:
        settings["steps"] = [int(spec.rpartition("-")[2]) for spec in specs[: len(specs) - len(players)]]
    return MatchPlan(
        job,
        list(schedule(drawn, games, players=len(specs), gauntlet=gauntlet)),
        Sprt.parse(sprt) if sprt else None,
        _anchors(anchor, job.names),
        settings,
    )


def checkpoint_specs(run: str) -> list[str]:
    """The checkpoints in a run's folder as players, oldest first. Raises ``PlayerError`` when there are fewer than two.

    Zero-padded or not, ``step-200`` comes before ``step-1000``.
    """
    found = [(int(path.name[5:]), path) for path in Path(run).glob("step-*") if path.name[5:].isdigit()]
    if len(found) < 2:
        raise PlayerError(f"{run}: a match needs two or more checkpoints (folders step-N), found {len(found)}")
    return [f"gpt:{path}" for _, path in sorted(found)]


def player_revision(spec: str) -> list[tuple[str, int, int]]:
    """What tells the files of a player from those of the same name before they were trained on or replaced."""
    stats = [(path.name, path.stat()) for path in player_files(spec)]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]


def _anchors(text: str | None, names: Sequence[str]) -> dict[int, float]:
    if text is None:
        return {0: 0.0}
    try:
        name, elo = read_number(text)
    except OptionTextError:
        name, elo = "", 0.0
    if name not in names or abs(elo) >= _MOST_ELO:
        raise XiangqiError(f"anchor {text!r}: expected one of the players and its rating, as in {names[0]}=0")
    return {names.index(name): elo}
