"""How the kernels are compiled: on their first call, once, and kept on disk; a word on stderr while that lasts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core import event

_OPTIONS: dict[str, Any] = {"nogil": True, "boundscheck": False}


def jit(function: Callable[..., Any]) -> Any:
    """Compile a kernel on its first call and cache it on disk.

    The cache lies beside the source file; numba moves it to the user's cache folder where that is read-only. Where
    neither can be written, every process compiles for itself.
    """
    try:
        return njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # numba has found no folder to write to
        return njit(**_OPTIONS)(function)


class _Announcer(event.Listener):
    """Says once a process why the first call of a kernel takes seconds."""

    said = False

    def on_start(self, pass_: event.Event) -> None:
        if not self.said and pass_.data["module"].startswith("xiangqi_gpt."):
            self.said = True
            print("xiangqi-gpt: compiling the rules for the first time, this takes some seconds ...", file=sys.stderr)

    def on_end(self, pass_: event.Event) -> None:
        pass


event.register("numba:run_pass", _Announcer())  # type: ignore[no-untyped-call]
