"""The same work on many machines: tasks run on a Ray cluster (the extra ``cluster``)."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from xiangqi_gpt.extras import how_to_add
from xiangqi_gpt.rules import XiangqiError

#: Does a task and gives its result; made once a process.
Work = Callable[[Any], Any]

#: Tasks handed out for each core: enough that none is idle, few enough that memory stays bounded.
_WAITING: Final = 2


class ClusterError(XiangqiError):
    """Ray is missing, its cluster cannot be reached, or a task failed."""


def run_on_cluster(make: Callable[[], Work], tasks: Iterable[Any], address: str) -> Iterator[Any]:
    """Results of the tasks as they come, like ``map``, from the Ray cluster at ``address``.

    ``local`` starts one on this machine, ``auto`` takes the one this machine belongs to. A task whose machine is lost
    is done again elsewhere. Models and programs must be there under the same names on every machine. Raises
    ``ClusterError``, and what a task raised of ours.
    """
    ray = _connect(address)
    remote = ray.remote(max_retries=-1)(_work)
    name, shared = uuid.uuid4().hex, ray.put(make)
    queue = iter(tasks)
    room = _WAITING * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting = [remote.remote(name, shared, task) for task in islice(queue, room)]
    try:
        while waiting:
            done, waiting = ray.wait(waiting)
            waiting += [remote.remote(name, shared, task) for task in islice(queue, len(done))]
            for reference in done:
                yield _result(ray, reference)
    finally:
        for reference in waiting:
            ray.cancel(reference, force=True)


def _connect(address: str) -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # else Ray tells its makers of it
    try:
        import ray
    except ImportError:
        raise ClusterError(f"Ray is not installed: {how_to_add('cluster')}") from None
    if not ray.is_initialized():
        more: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}  # of one that is started here
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **more)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise ClusterError(f"no Ray cluster at {address!r}: {' '.join(str(error).split())}") from None
    return ray


def _result(ray: Any, reference: Any) -> Any:
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, XiangqiError):
            raise error.cause from None
        raise ClusterError(f"a task failed: {' '.join(str(error.cause).split())}") from None
    except ray.exceptions.RayError as error:
        raise ClusterError(f"a task was lost: {' '.join(str(error).split())}") from None


# --- on a machine of the cluster, whose processes do one task after another

_workers: dict[str, Work] = {}


def _work(name: str, make: Callable[[], Work], task: Any) -> Any:
    if name not in _workers:
        _workers.clear()  # of a work that is over
        _workers[name] = make()
    return _workers[name](task)
