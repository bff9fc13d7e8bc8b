"""Rows of arrays shared out among threads, for kernels that run without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from itertools import pairwise
from typing import TypeVar

_Made = TypeVar("_Made")


def parallel_map(work: Callable[[slice], _Made], rows: int, least: int, threads: int) -> list[_Made]:
    """What ``work`` makes of each part of ``rows`` rows, in order.

    As many parts as ``threads``, but none of fewer than ``least`` rows: those are not worth the handing over.
    """
    threads = max(1, min(threads, rows // least))
    parts = [slice(first, last) for first, last in pairwise(rows * i // threads for i in range(threads + 1))]
    if threads == 1:
        return [work(parts[0])]
    made = [_pool().submit(work, part) for part in parts]
    try:
        return [future.result() for future in made]
    finally:
        wait(made)  # after an interruption too: none may go on to write


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="parallel")
