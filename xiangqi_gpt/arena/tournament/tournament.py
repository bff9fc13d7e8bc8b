"""Plays a match of two or many players to its end, or from where it stopped: here, in processes, or on a cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import XiangqiError

from ..match.game_file import GameFile, read_result
from ..match.result import GameResult
from ..match.schedule import Fixture
from ..runtime.cluster import run_on_cluster
from .game_pool import play_in_processes
from .match_job import MatchJob
from .standings import Standings

#: Most games a machine of a cluster plays before it reports.
_CHUNK: Final = 64


class _Decided(Exception):
    """The test has accepted one side."""


def run_tournament(
    job: MatchJob,
    fixtures: Sequence[Fixture],
    file: GameFile,
    standings: Standings,
    *,
    workers: int = 1,
    ray: str = "",
    on_progress: Callable[[Standings], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Standings:
    """Play the fixtures that ``file`` does not hold yet; every game that ends is written there and counted.

    With a test in the ``standings`` it stops when that is decided. ``ray`` is the address of a cluster. Raises what
    ``GameFile`` and ``MatchJob.play`` raise.
    """
    done = _count_finished(fixtures, file, standings)
    left = [fixture for fixture in fixtures if fixture.number not in done]
    start = clock()

    def on_game(record: Game, result: GameResult) -> None:
        file.add(record)
        standings.add(result)
        if standings.decision:
            raise _Decided

    def on_round(plies: int) -> None:
        standings.plies += plies
        standings.seconds = clock() - start
        if on_progress:
            on_progress(standings)

    try:
        if standings.decision or not left:
            pass
        elif ray:
            for games in run_on_cluster(partial(_ChunkPlayer, job), _chunks(left, job), ray):
                for record, result in games:
                    on_game(record, result)
                    on_round(sum(result.moves))
        elif workers > 1:
            play_in_processes(job, left, workers, on_game, on_round, done=len(done))
        else:
            job.play(iter(left), on_game, on_round, done=len(done))
    except _Decided:
        pass
    standings.seconds = clock() - start
    if on_progress:
        on_progress(standings)
    return standings


def _count_finished(fixtures: Sequence[Fixture], file: GameFile, standings: Standings) -> set[int]:
    """Count the games in the file; the numbers of those that need not be played."""
    by_round = {fixture.round: fixture for fixture in fixtures}
    found = set()
    for record in file.games():
        fixture = by_round.get(record.tags.get("Round", ""))
        if fixture is None or fixture.number in found:
            continue  # of a longer match with the same settings
        names = {record.tags.get("Red"), record.tags.get("Black")}
        if not names <= set(standings.names):
            raise XiangqiError(f"{file.path}: round {fixture.round} was played by {' and '.join(map(str, names))}")
        found.add(fixture.number)
        standings.add(read_result(record, fixture))
    return found


def _chunks(fixtures: Sequence[Fixture], job: MatchJob) -> Iterator[Sequence[Fixture]]:
    size = min(_CHUNK, job.concurrency)
    for first in range(0, len(fixtures), size):
        yield fixtures[first : first + size]


class _ChunkPlayer:
    """A worker of a cluster: plays some games from first to last."""

    def __init__(self, job: MatchJob) -> None:
        self._job = job

    def __call__(self, fixtures: Sequence[Fixture]) -> list[tuple[Game, GameResult]]:
        games: list[tuple[Game, GameResult]] = []
        # Each machine's random players play anew: the number of its first game goes into their seeds.
        self._job.play(iter(fixtures), lambda *game: games.append(game), done=fixtures[0].number - 1)
        return games
