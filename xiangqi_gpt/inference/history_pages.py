"""The keys and values of games, packed for the attention of many leaves to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .config import GptConfig
from .leaf_kernels import PAGE
from .products import COLUMNS

_FIRST_PAGES = 32


@dataclass(frozen=True, eq=False)
class PackedHistory:
    """A game of ``plies`` plies in its ``pages``, numbers int32."""

    pages: npt.NDArray[np.int32]
    plies: int


class HistoryPages:
    """Pages of 16 plies that are handed out to games; there are more when games need more.

    ``keys`` (N, L, H, S, 16): the plies of a page side by side. ``values`` (N, L, H, S', 16): for each 16 of the S'
    numbers, S rounded up to 16, its plies one below the other. What a game does not fill is zero.
    """

    def __init__(self, config: GptConfig) -> None:
        size = config.width // config.heads
        self._size = size
        shape = (_FIRST_PAGES, config.layers, config.heads)
        self.keys = np.empty((*shape, size, PAGE), np.float32)
        self.values = np.empty((*shape, -(-size // COLUMNS) * COLUMNS, PAGE), np.float32)
        self._free = list(range(_FIRST_PAGES))

    def add(self, kv: npt.NDArray[np.float32]) -> PackedHistory:
        """Pack the keys and values of a game, (L, 2, H, P, S). No evaluation may be under way."""
        layers, _, heads, plies, size = kv.shape
        count = -(-plies // PAGE)
        self._reserve(count)
        pages = np.array([self._free.pop() for _ in range(count)], np.int32)
        padded = np.zeros((layers, 2, heads, count * PAGE, self.values.shape[3]), np.float32)
        padded[:, :, :, :plies, :size] = kv
        by_page = padded.reshape(layers, 2, heads, count, PAGE, -1).transpose(3, 0, 1, 2, 4, 5)  # (N, L, 2, H, 16, S')
        self.keys[pages] = by_page[:, :, 0, :, :, :size].swapaxes(-1, -2)
        by_columns = by_page[:, :, 1].reshape(count, layers, heads, PAGE, -1, COLUMNS).swapaxes(3, 4)
        self.values[pages] = by_columns.reshape(count, layers, heads, -1, COLUMNS)
        return PackedHistory(pages, plies)

    def remove(self, history: PackedHistory) -> None:
        """Take the pages of a game back."""
        self._free += history.pages.tolist()

    def unpack(self, history: PackedHistory, layer: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return the keys (H, S, P) and values (H, P, S) of one layer of a game."""
        keys = self.keys[history.pages, layer].transpose(1, 2, 0, 3)  # (H, S, N, 16)
        values = self.values[history.pages, layer]
        by_columns = values.reshape(*values.shape[:2], -1, PAGE, COLUMNS).transpose(1, 0, 3, 2, 4)  # (H, N, 16, ., 16)
        heads = keys.shape[0]
        return (
            keys.reshape(heads, self._size, -1)[..., : history.plies],
            by_columns.reshape(heads, len(history.pages) * PAGE, -1)[:, : history.plies, : self._size],
        )

    def arguments(self, games: Sequence[tuple[PackedHistory, int]]) -> tuple[npt.NDArray[np.generic], ...]:
        """Return ``leaf_kernels.HISTORY`` of games, of each its history and how many leaves it has in a batch."""
        histories = [history for history, _ in games]
        return (
            self.keys,
            self.values,
            np.concatenate([history.pages for history in histories]),
            np.cumsum([0, *(len(history.pages) for history in histories)]),
            np.array([history.plies for history in histories]),
            np.cumsum([0, *(leaves for _, leaves in games)]),
        )

    def _reserve(self, count: int) -> None:
        missing = count - len(self._free)
        if missing <= 0:
            return
        old = len(self.keys)
        added = max(missing, old)
        self.keys = np.concatenate((self.keys, np.empty((added, *self.keys.shape[1:]), np.float32)))
        self.values = np.concatenate((self.values, np.empty((added, *self.values.shape[1:]), np.float32)))
        self._free += range(old, old + added)
