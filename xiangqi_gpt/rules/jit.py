"""How the kernels are compiled: on their first call, once, and kept on disk; a word on stderr while that lasts."""

from __future__ import annotations

import functools
import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
from numba import config as _numba_config
from numba import njit
from numba.core import event

_config: Any = _numba_config  # numba adds its settings while it runs
_OPTIONS: dict[str, Any] = {"nogil": True, "boundscheck": False}


def jit(function: Callable[..., Any]) -> Any:
    """Compile a kernel on its first call and cache it on disk.

    The cache lies in the package's ``__pycache__``, or in the user's cache folder where that is read-only, or where
    ``NUMBA_CACHE_DIR`` says. Where none can be written, every process compiles for itself.
    """
    return _compiled(function, _OPTIONS)


def jit_sums(function: Callable[..., Any]) -> Any:
    """As ``jit``, for sums of floats that may be added up in any order, eight or sixteen at a time."""
    return _compiled(function, _OPTIONS | {"fastmath": {"reassoc", "contract", "nsz"}})


def _compiled(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    folder = _config.CACHE_DIR or _cache_folder()
    if not folder:
        return njit(**options)(function)
    chosen = _config.CACHE_DIR
    _config.CACHE_DIR = str(folder)
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # numba cannot write there
        return njit(**options)(function)
    finally:
        _config.CACHE_DIR = chosen


@functools.cache
def _cache_folder() -> Path | None:
    """A folder for compiled kernels, named after the source of the rules.

    numba notices when the file of a kernel changes, but kernels are compiled into those that call them, and tables
    too: with any change in this folder all of them are compiled anew.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))).hexdigest()
    for base in (here / "__pycache__", platformdirs.user_cache_path("xiangqi-gpt", appauthor=False)):
        folder = base / f"kernels-{digest[:16]}"
        try:
            if not folder.is_dir():
                folder.mkdir(parents=True)
                for older in base.glob("kernels-*"):
                    if older != folder:
                        shutil.rmtree(older, ignore_errors=True)
            probe = folder / ".writable"
            probe.touch()
        except OSError:
            continue
        return folder
    return None


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
