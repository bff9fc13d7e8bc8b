"""The games of a match in several processes on this machine; each asks for its next game when it has room."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import XiangqiError

from ..match.result import GameResult
from ..match.schedule import Fixture
from ..runtime.workers import WorkerError
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
    _Pool(job, fixtures, workers, on_game, on_round, done).run()


class _Pool:
    def __init__(
        self,
        job: MatchJob,
        fixtures: Sequence[Fixture],
        workers: int,
        on_game: Callable[[Game, GameResult], None],
        on_round: Callable[[int], None],
        done: int,
    ) -> None:
        self._job, self._workers, self._done = job, workers, done
        self._on_game, self._on_round = on_game, on_round
        self._waiting = deque(fixtures)
        self._given: dict[Connection, dict[int, Fixture]] = {}
        self._processes: dict[Connection, Any] = {}
        self._started = self._deaths = 0

    def run(self) -> None:
        try:
            for _ in range(min(self._workers, len(self._waiting))):
                self._start()
            while self._processes:
                for ready in wait(list(self._processes)):
                    assert isinstance(ready, Connection)
                    self._hear(ready)
        finally:
            for connection, process in self._processes.items():
                connection.close()  # without it the process ends by itself, and its engines with it
                process.terminate()
                process.join()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(
            target=_work, args=(there, self._job, self._started, self._workers, self._done), daemon=False
        )
        process.start()
        there.close()
        self._started += 1
        self._processes[here], self._given[here] = process, {}

    def _hear(self, connection: Connection) -> None:
        try:
            kind, value = connection.recv()
            if kind == "next":
                self._give(connection)
        except (EOFError, OSError):
            self._bury(connection)
            return
        if kind == "next":
            return
        if kind == "game":
            record, result = value
            del self._given[connection][result.fixture.number]
            self._deaths = 0
            self._on_game(record, result)
        elif kind == "plies":
            self._on_round(value)
        else:
            raise value

    def _give(self, connection: Connection) -> None:
        fixture = self._waiting.popleft() if self._waiting else None
        if fixture is not None:
            self._given[connection][fixture.number] = fixture
        connection.send(fixture)

    def _bury(self, connection: Connection) -> None:
        """A process has ended; if it had games in play, another one plays them."""
        process, given = self._processes.pop(connection), self._given.pop(connection)
        connection.close()
        process.join()
        if process.exitcode == 0 and not given:
            return
        self._deaths += 1
        if self._deaths >= _DEATHS:
            raise WorkerError(f"{_DEATHS} worker processes died one after another (exit status {process.exitcode})")
        self._waiting.extendleft(reversed(given.values()))
        self._start()


def _work(connection: Connection, job: MatchJob, worker: int, workers: int, done: int) -> None:
    """The life of a process: it asks for games until there are none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the parent, which ends the match in order
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))  # before torch is imported

    def tell(kind: str, value: object) -> None:
        with _end_with_parent():
            connection.send((kind, value))

    def ask() -> Fixture | None:
        tell("next", None)
        with _end_with_parent():
            fixture: Fixture | None = connection.recv()
        return fixture

    try:
        job.play(
            iter(ask, None),
            lambda record, result: tell("game", (record, result)),
            lambda plies: tell("plies", plies),
            worker=worker,
            workers=workers,
            done=done,
        )
    except XiangqiError as error:
        tell("error", error)
    except Exception as error:
        tell("error", WorkerError(f"{type(error).__name__}: {error}"))


@contextmanager
def _end_with_parent() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError):
        os._exit(1)  # the parent has gone
