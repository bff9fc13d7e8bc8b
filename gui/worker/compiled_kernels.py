"""Kernels that lie compiled on the disk: compiling them takes up to a minute, in which nobody else is answered."""

from __future__ import annotations

from pathlib import Path

from xiangqi_gpt.players.player import Stop
from xiangqi_gpt.rules.jit import KERNELS, Kernel
from xiangqi_gpt.rules.kernel_cache import cache_folder


def load_kernels(stop: Stop) -> bool:
    """Load all kernels that have been imported if none has to be compiled for it; False then, and after ``stop()``."""
    missing = [kernel for kernel in KERNELS if not kernel.overloads]
    if not all(map(_is_kept, missing)):
        return False
    for kernel in missing:
        if stop():
            return False
        kernel.ready()
    return True


def _is_kept(kernel: Kernel) -> bool:
    folder = cache_folder(kernel.py_func.__module__, Path(kernel.py_func.__code__.co_filename))
    return folder is not None and any(folder.glob(f"*.{kernel.py_func.__qualname__}-*.nbi"))
