"""The same work for many tasks, in this process, in several, or on a cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Protocol

from xiangqi_gpt.worker_processes import share_out

from .cluster import run_on_cluster


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
        for results in run_on_cluster(partial(_Collector, make), tasks, ray):
            for result in results:
                on_result(result)
    elif processes == 1:
        _work(make, iter(tasks), on_result)
    else:
        share_out(partial(_work, make), tasks, on_result, processes=processes)


class _Collector:
    """A worker whose results come together, when its task is done."""

    def __init__(self, make: Callable[[], Worker]) -> None:
        self._worker = make()

    def __call__(self, task: Any) -> list[Any]:
        results: list[Any] = []
        self._worker(task, results.append)
        return results


def _work(make: Callable[[], Worker], tasks: Iterator[Any], emit: Callable[[Any], None], number: int = 0) -> None:
    with contextlib.closing(make()) as worker:
        for task in tasks:
            worker(task, emit)
