"""Keys and values of games that were read: what makes a further ply cost one ply."""

from __future__ import annotations

import contextlib
import math
import mmap

import numpy as np
import numpy.typing as npt

from .config import GptConfig


class KvCache:
    """Keys and values of the plies read so far, a row a game.

    ``store`` (layers, 2, rows, H, context, S) float32: keys first, then values. Rows are added as needed; the system
    gives memory, a few megabytes at a time, as plies are written.
    """

    def __init__(self, config: GptConfig) -> None:
        shape = (config.layers, 2, 0, config.heads, config.positions, config.width // config.heads)
        self.store: npt.NDArray[np.float32] = np.zeros(shape, np.float32)
        self._longest = 0

    def extend(self, rows: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> None:
        """Have room for the rows, and expect them to be written up to these plies (``ends``, excluded)."""
        self.reserve(int(rows.max()) + 1)
        self._longest = max(self._longest, int(ends.max()))

    def copy(self, source: int, target: int, plies: int) -> None:
        """Let row ``target`` begin with the first ``plies`` plies of row ``source``."""
        self.reserve(max(source, target) + 1)
        self.store[:, :, target, :, :plies] = self.store[:, :, source, :, :plies]

    def view(self, row: int, plies: int) -> npt.NDArray[np.float32]:
        """Return (layers, 2, H, plies, S), the keys and values of a game's first plies; not a copy."""
        return self.store[:, :, row, :, :plies]

    def reserve(self, rows: int) -> None:
        """Have room for so many rows: to grow needs room for the old and the new ones at once."""
        old = self.store.shape[2]
        if rows <= old:
            return
        shape = list(self.store.shape)
        shape[2] = max(rows, 2 * old)
        grown = lazy_zeros(shape)
        grown[:, :, :old, :, : self._longest] = self.store[..., : self._longest, :]
        self.store = grown


def lazy_zeros(shape: list[int]) -> npt.NDArray[np.float32]:
    """Return a lazily allocated array of zeros, in huge pages where the system has such.

    With small pages a pass over many games spends much of its time on being given new ones and on finding the old:
    1,454 and 1,585 moves a second of 256 games, with huge ones 2,368 and 1,881 (``benchmarks/players.py --row
    many``).
    """
    memory = mmap.mmap(-1, 4 * math.prod(shape), access=mmap.ACCESS_COPY)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel that knows no huge pages
            memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, np.float32).reshape(shape)
