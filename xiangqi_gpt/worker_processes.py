"""Work shared out among processes of this machine, each of which asks for its next task when it has room for one."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any, Final, cast

from xiangqi_gpt.rules.errors import XiangqiError

Emit = Callable[[Any], None]
#: What a process does: ``work(tasks, emit, number)`` takes tasks as it has room for them and emits results.
Work = Callable[[Iterator[Any], Emit, int], None]

_NEXT: Final = "next"
_TASK: Final = "task"
_END: Final = "end"
_RESULT: Final = "result"
_ERROR: Final = "error"
#: Seconds the processes have to end in order (their engines with them) before they are killed.
_GRACE: Final = 5.0


class WorkerError(XiangqiError):
    """A worker process that died."""


def share_out(
    work: Work,
    tasks: Iterable[Any],
    on_result: Callable[[Any], None],
    *,
    processes: int,
    finished: Callable[[Any], Any] | None = None,
    most_deaths: int = 1,
) -> None:
    """Do all tasks in ``processes`` processes; ``on_result`` hears of each result, here, in the order they come.

    ``work`` must pickle (a ``functools.partial`` of a function does), and so must tasks and results; ``number`` counts
    the processes from 0. ``finished`` returns the task that a result finishes, None for none; without it a process has
    one task at a time, finished when it asks for the next. What a process raises is raised here, and the others end.
    The unfinished tasks of a process that dies go to a new one, until ``most_deaths`` have died with no task finished
    in between; then ``WorkerError`` is raised. The processes end with this one, however it ends.
    """
    _Team(work, tasks, on_result, processes, finished, most_deaths).run()


class _Team:
    """The side of the process that shares out."""

    def __init__(
        self,
        work: Work,
        tasks: Iterable[Any],
        on_result: Callable[[Any], None],
        processes: int,
        finished: Callable[[Any], Any] | None,
        most_deaths: int,
    ) -> None:
        self._work, self._size, self._most_deaths = work, processes, most_deaths
        self._on_result, self._finished = on_result, finished
        self._tasks = iter(tasks)
        self._waiting = deque(islice(self._tasks, processes))  # no more processes than there are tasks
        self._given: dict[Connection, list[Any]] = {}
        self._processes: dict[Connection, SpawnProcess] = {}
        self._started = self._deaths = 0
        self._told_the_end: set[Connection] = set()

    def run(self) -> None:
        try:
            for _ in range(len(self._waiting)):
                self._start()
            while self._processes:
                for ready in wait(list(self._processes)):
                    self._hear(cast(Connection, ready))
        finally:
            for connection, process in self._processes.items():
                connection.close()
                process.terminate()
            deadline = time.monotonic() + _GRACE
            for process in self._processes.values():
                process.join(max(0.0, deadline - time.monotonic()))
                process.kill()
                process.join()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(self._work, there, self._started, self._size), daemon=True)
        with _held_interrupts():
            process.start()
        there.close()  # so that the end of the process is the end of the pipe
        self._started += 1
        self._processes[here], self._given[here] = process, []

    def _hear(self, connection: Connection) -> None:
        given = self._given[connection]
        try:
            kind, value = connection.recv()
        except (EOFError, OSError):
            self._bury(connection)
            return
        if kind == _NEXT:
            if self._finished is None:
                given.clear()
            self._give(connection)
        elif kind == _ERROR:
            raise value
        else:
            if self._finished is not None and (task := self._finished(value)) is not None:
                given.remove(task)
                self._deaths = 0
            self._on_result(value)

    def _give(self, connection: Connection) -> None:
        try:
            task = self._waiting.popleft() if self._waiting else next(self._tasks)
        except StopIteration:
            self._told_the_end.add(connection)
            message: tuple[str, Any] = (_END, None)
        else:
            self._given[connection].append(task)
            message = (_TASK, task)
        try:
            connection.send(message)
        except OSError:  # it died while it waited
            self._bury(connection)

    def _bury(self, connection: Connection) -> None:
        """A process has ended; if it had tasks, another one does them."""
        process, given = self._processes.pop(connection), self._given.pop(connection)
        connection.close()
        process.join()
        if connection in self._told_the_end and not given:
            return
        self._deaths += 1
        if self._deaths >= self._most_deaths:
            who = "a worker process" if self._deaths == 1 else f"{self._deaths} worker processes, one after another,"
            raise WorkerError(
                f"{who} died (exit status {process.exitcode}), perhaps for want of memory; "
                "the same command goes on where it stopped"
            )
        self._waiting.extendleft(reversed(given))
        self._start()


@contextlib.contextmanager
def _held_interrupts() -> Iterator[None]:
    """Keep Ctrl-C from a process that is being started until it ignores it; this one hears of it right afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # else it is started now, and lets signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(work: Work, connection: Connection, number: int, processes: int) -> None:
    """The life of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the parent, which ends the work in order
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threads = max(1, (os.cpu_count() or 1) // processes)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))  # torch, which is not loaded yet, would take all cores

    def tell(kind: str, value: object) -> None:
        with _pipe_of_the_parent():
            connection.send((kind, value))

    def tasks() -> Iterator[Any]:
        while True:
            tell(_NEXT, None)
            with _pipe_of_the_parent():
                kind, task = connection.recv()
            if kind == _END:
                return
            yield task

    with ended_by_sigterm(1):
        threading.Thread(target=_end_with_parent, daemon=True).start()
        try:
            work(tasks(), lambda result: tell(_RESULT, result), number)
        except Exception as error:
            error.add_note(traceback.format_exc())
            tell(_ERROR, _portable(error))


@contextlib.contextmanager
def ended_by_sigterm(status: int) -> Iterator[None]:
    """Let SIGTERM raise SystemExit(``status``), so that this process ends in order.

    A process that is ending already does not hear it: raised among its last steps it would break them off, and be
    printed as an exception that nobody could catch. So it is ignored after the first, and from the end of the block on.
    """

    def end(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(status)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


@contextlib.contextmanager
def _pipe_of_the_parent() -> Iterator[None]:
    """Where the pipe has no other end any more, the process ends in order."""
    try:
        yield
    except (EOFError, ConnectionError):
        raise SystemExit(1) from None


def _end_with_parent() -> None:
    """Wait for the end of the parent, in a thread: a long task would not see it."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    os._exit(1)


def _portable(error: Exception) -> Exception:
    """The error as the parent can receive it: one that can be sent and made anew, else its text."""
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))
    except Exception:
        return WorkerError(f"{type(error).__name__}: {error}")
    return error
