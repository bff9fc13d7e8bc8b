"""The games of a match in several processes on this machine; each asks for its next game when it has room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from xiangqi_gpt.records import Game
from xiangqi_gpt.worker_processes import share_out

from ..match.result import GameResult
from ..match.schedule import Fixture
from .match_job import MatchJob

#: Processes that may die one after another, no game finished in between, before the match is given up.
_DEATHS: Final = 3


def play_in_processes(
    job: MatchJob,
    fixtures: Sequence[Fixture],
    workers: int,
    on_game: Callable[[Game, GameResult], None],
    on_round: Callable[[int], None],
    *,
    done: int = 0,
) -> None:
    """Play the games in ``workers`` processes; the listeners are called here.

    The games of a process that dies are played again by another. Raises what a player raises that cannot be loaded,
    and ``WorkerError`` when processes die again and again.
    """

    def hear(message: tuple[Game, GameResult] | int) -> None:
        if isinstance(message, int):
            on_round(message)
        else:
            on_game(*message)

    share_out(
        partial(_play, job, workers, done),
        fixtures,
        hear,
        processes=workers,
        finished=_fixture_of,
        most_deaths=_DEATHS,
    )


def _fixture_of(message: tuple[Game, GameResult] | int) -> Fixture | None:
    return None if isinstance(message, int) else message[1].fixture


def _play(
    job: MatchJob, workers: int, done: int, fixtures: Iterator[Fixture], emit: Callable[[Any], None], number: int
) -> None:
    """Emit each game with its result, and the plies of each round."""
    job.play(fixtures, lambda *game: emit(game), emit, worker=number, workers=workers, done=done)
