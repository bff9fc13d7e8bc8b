"""The same work for many tasks, in this process or in several."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final, Protocol

from xiangqi_gpt.rules import XiangqiError

_RESULT: Final = "result"
_DONE: Final = "done"
_ERROR: Final = "error"


class WorkerError(XiangqiError):
    """A worker process that died."""


class Worker(Protocol):
    """Does one task after another. It is made once a process, so it may hold players or an engine."""

    def __call__(self, task: Any, emit: Callable[[Any], None]) -> None:
        """Do a task and emit its results, each as soon as it is there. Tasks and results must pickle."""
        ...

    def close(self) -> None:
        """Free what the worker holds."""
        ...


def run_tasks(
    make: Callable[[], Worker],
    tasks: Iterable[Any],
    on_result: Callable[[Any], None],
    *,
    processes: int = 1,
    ray: str | None = None,
) -> None:
    """Do all tasks; ``on_result`` hears of each result, here, in the order in which they come.

    ``make`` makes a worker, in this process when one is asked for; it must pickle (a ``functools.partial`` of a class
    does). What a worker raises is raised here, and the other processes end at once, whatever they do. Raises
    ``WorkerError`` when a process dies. With ``ray`` the work is done on the Ray cluster at that address (see
    ``run_on_cluster``), and results come a task at a time.
    """
    if ray is not None:
        from .cluster import run_on_cluster

        for results in run_on_cluster(partial(_Collector, make), tasks, ray):
            for result in results:
                on_result(result)
        return
    if processes == 1:
        with contextlib.closing(make()) as worker:
            for task in tasks:
                worker(task, on_result)
        return
    queue = iter(tasks)
    team = [_start(make, processes) for _ in range(processes)]
    busy = {connection for connection, _ in team}
    try:
        for connection in list(busy):
            _send_next(connection, queue, busy)
        while busy:
            for connection in [connection for connection in wait(list(busy)) if isinstance(connection, Connection)]:
                kind, value = connection.recv()
                if kind == _RESULT:
                    on_result(value)
                elif kind == _DONE:
                    _send_next(connection, queue, busy)
                else:
                    raise value
    except (EOFError, ConnectionError):
        raise WorkerError("a worker process died; the same command goes on where it stopped") from None
    finally:
        for connection, process in team:
            connection.close()
            if busy:  # something went wrong: nobody waits for what they do
                process.kill()
            process.join()


class _Collector:
    """A worker whose results come together, when its task is done."""

    def __init__(self, make: Callable[[], Worker]) -> None:
        self._worker = make()

    def __call__(self, task: Any) -> list[Any]:
        results: list[Any] = []
        self._worker(task, results.append)
        return results


def _start(make: Callable[[], Worker], processes: int) -> tuple[Connection, SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    threads = max(1, (os.cpu_count() or 1) // processes)
    process = context.Process(target=_serve, args=(make, theirs, threads), daemon=True)
    process.start()
    theirs.close()  # so that the end of the process is the end of the pipe
    return ours, process


def _send_next(connection: Connection, queue: Any, busy: set[Connection]) -> None:
    """Give a process its next task, or, when there is none, its end."""
    task = next(queue, _DONE)
    if task is _DONE:
        busy.discard(connection)
        with contextlib.suppress(ConnectionError):
            connection.send((_DONE, None))
    else:
        connection.send((_RESULT, task))


def _serve(make: Callable[[], Worker], connection: Connection, threads: int) -> None:
    """The life of a worker process; it ends with its parent, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the parent, which ends the work in order
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))  # torch, which is not loaded yet, would take all cores
    with contextlib.suppress(EOFError, ConnectionError):
        try:
            with contextlib.closing(make()) as worker:
                while (message := connection.recv())[0] != _DONE:
                    worker(message[1], lambda result: connection.send((_RESULT, result)))
                    connection.send((_DONE, None))
        except (EOFError, ConnectionError):
            raise
        except Exception as error:
            error.add_note(traceback.format_exc())
            connection.send((_ERROR, _portable(error)))


def _portable(error: Exception) -> Exception:
    """The error as the parent can receive it."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return WorkerError(f"{type(error).__name__}: {error}")
    return error
