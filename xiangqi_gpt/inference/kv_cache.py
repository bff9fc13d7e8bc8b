"""Keys and values of games that were read: what makes a further ply cost one ply."""

from __future__ import annotations

import contextlib
import math
import mmap
from typing import Final

import numpy as np
import numpy.typing as npt

from .config import GptConfig

#: Plies of a page.
PAGE: Final = 16
_COPIED_AT_ONCE: Final = 64  # pages


class KvCache:
    """Keys and values of the plies read so far, a row a game, in pages that are handed out as a game grows.

    ``store`` (pages, layers, 2, H, 16, S) float32: keys first, then values. ``pages`` (rows, context / 16) int32 are
    the numbers of each row's pages, of which it has ``ceil(plies / 16)``.
    """

    def __init__(self, config: GptConfig) -> None:
        shape = (0, config.layers, 2, config.heads, PAGE, config.width // config.heads)
        self.store: npt.NDArray[np.float32] = np.zeros(shape, np.float32)
        self._memory: mmap.mmap | None = None  # of the store
        self.pages = np.zeros((0, -(-config.positions // PAGE)), np.int32)
        self._counts = np.zeros(0, np.int64)  # pages of each row
        self._free: list[int] = []

    def extend(self, rows: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> None:
        """Give each of the rows the pages for its first plies (``ends``, excluded), and take back those beyond."""
        self.reserve(int(rows.max()) + 1)
        wanted = -(-ends // PAGE)
        changed = np.flatnonzero(wanted != self._counts[rows])
        for i in changed:
            self._truncate(int(rows[i]), int(wanted[i]))
        self._reserve_pages(int((wanted - self._counts[rows]).sum()))
        for i in changed:
            row, count = int(rows[i]), int(wanted[i])
            for place in range(int(self._counts[row]), count):
                self.pages[row, place] = self._free.pop()
            self._counts[row] = count

    def reserve(self, rows: int) -> None:
        """Have so many rows, the new ones without pages."""
        if (missing := rows - len(self._counts)) > 0:
            self.pages = np.concatenate((self.pages, np.zeros((missing, self.pages.shape[1]), np.int32)))
            self._counts = np.concatenate((self._counts, np.zeros(missing, np.int64)))

    def copy(self, source: int, target: int, plies: int) -> None:
        """Let row ``target`` begin with the first ``plies`` plies of row ``source``."""
        self.extend(np.array([target]), np.array([plies]))
        count = -(-plies // PAGE)
        self.store[self.pages[target, :count]] = self.store[self.pages[source, :count]]

    def release(self, row: int) -> None:
        """Forget a row: its pages are used for others."""
        if row < len(self._counts):
            self._truncate(row, 0)

    def view(self, row: int, plies: int) -> npt.NDArray[np.float32]:
        """Return (layers, 2, H, plies, S), a copy of the keys and values of a game's first plies."""
        pages = self.store[self.pages[row, : -(-plies // PAGE)]].transpose(1, 2, 3, 0, 4, 5)
        joined: npt.NDArray[np.float32] = pages.reshape(*pages.shape[:3], -1, pages.shape[-1])
        return joined[:, :, :, :plies]

    def layer(self, row: int, layer: int, plies: int) -> npt.NDArray[np.float32]:
        """Return (2, H, plies, S), a copy of those of one layer."""
        pages = self.store[self.pages[row, : -(-plies // PAGE)], layer].transpose(1, 2, 0, 3, 4)
        joined: npt.NDArray[np.float32] = pages.reshape(*pages.shape[:2], -1, pages.shape[-1])
        return joined[:, :, :plies]

    @property
    def pages_used(self) -> int:
        """How many pages the rows have."""
        return len(self.store) - len(self._free)

    def _reserve_pages(self, pages: int) -> None:
        """Have so many unused pages, without the memory for the old and the new ones at once where that can be."""
        missing = pages - len(self._free)
        if missing <= 0:
            return
        old = len(self.store)
        new = max(old + missing, 4 * old)  # what is not written to costs nothing, to copy does
        shape = (new, *self.store.shape[1:])
        memory, page_bytes = lazy_memory(4 * math.prod(shape)), 4 * math.prod(shape[1:])
        grown = np.frombuffer(memory, np.float32).reshape(shape)
        for first in range(0, old, _COPIED_AT_ONCE):
            last = min(first + _COPIED_AT_ONCE, old)
            grown[first:last] = self.store[first:last]
            _give_back(self._memory, first * page_bytes, (last - first) * page_bytes)
        self.store, self._memory = grown, memory
        self._free[:0] = range(new - 1, old - 1, -1)  # those used before are used first

    def _truncate(self, row: int, count: int) -> None:
        if (beyond := self.pages[row, count : self._counts[row]]).size:
            self._free += beyond[::-1].tolist()
            self._counts[row] = count


def lazy_zeros(shape: list[int]) -> npt.NDArray[np.float32]:
    """Return a lazily allocated array of zeros, in huge pages where the system has such.

    With small pages a pass over many games spends much of its time on being given new ones and on finding the old:
    1,454 and 1,585 moves a second of 256 games, with huge ones 2,368 and 1,881 (``benchmarks/players.py --row
    many``).
    """
    return np.frombuffer(lazy_memory(4 * math.prod(shape)), np.float32).reshape(shape)


def lazy_memory(size: int) -> mmap.mmap:
    """Return ``size`` lazily allocated bytes, all zero, in huge pages where the system has such."""
    memory = mmap.mmap(-1, size, access=mmap.ACCESS_COPY)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel that knows no huge pages
            memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


def _give_back(memory: mmap.mmap | None, first: int, size: int) -> None:
    """Let the system have bytes again that are not read any more, where it takes a part of a mapping."""
    if memory is not None and hasattr(mmap, "MADV_DONTNEED") and first % mmap.PAGESIZE == 0:
        memory.madvise(mmap.MADV_DONTNEED, first, size)
