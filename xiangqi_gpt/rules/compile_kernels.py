"""Compile kernels now rather than at their first use."""

from __future__ import annotations

from collections.abc import Callable, Collection

from numba.core import event

from . import chase, kernels, mate_kernels, position_features, proof_kernels, quiescence
from .jit import KERNELS, Kernel

_MODULES = (kernels, chase, position_features, quiescence, mate_kernels, proof_kernels)

#: Called with how many kernels are ready and how many will be, when one of them is about to be compiled.
Report = Callable[[int, int], None]


def compile_kernels() -> int:
    """Make every kernel of the rules ready; returns how many had to be compiled.

    Compiled kernels are kept on disk, so the second time this takes a fraction of a second. A program that starts
    worker processes calls it first, lest they all wait for the same kernels.
    """
    return make_ready([kernel for module in _MODULES for kernel in kernels_of(module.__name__)])


def kernels_of(module: str) -> list[Kernel]:
    """The kernels that an imported module declares, in the order of its text."""
    return [kernel for kernel in KERNELS if kernel.py_func.__module__ == module]


def make_ready(wanted: Collection[Kernel], report: Report | None = None) -> int:
    """Load kernels from the cache or compile them; returns how many had to be compiled, those they call included."""
    listener = _Listener(len(wanted), report)
    event.register("numba:compile", listener)  # type: ignore[no-untyped-call]
    try:
        for kernel in wanted:
            kernel.ready()
            listener.ready += 1
    finally:
        event.unregister("numba:compile", listener)  # type: ignore[no-untyped-call]
    return listener.compiled


class _Listener(event.Listener):
    """Counts the kernels that are compiled, and reports each."""

    def __init__(self, wanted: int, report: Report | None) -> None:
        self.ready, self.compiled, self._wanted, self._report = 0, 0, wanted, report

    def on_start(self, compiling: event.Event) -> None:
        if isinstance(compiling.data["dispatcher"], Kernel):
            self.compiled += 1
            if self._report is not None:
                self._report(self.ready, self._wanted)

    def on_end(self, compiling: event.Event) -> None:
        pass
