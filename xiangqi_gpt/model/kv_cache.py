"""Keys and values of games that were read: what makes a further ply cost one ply."""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.inference.config import GptConfig
from xiangqi_gpt.inference.kv_cache import lazy_zeros

from .step_attention import attend_steps

#: New plies up to which attention reads the cache in place; for more, matrix products outweigh a copy.
_FEW_PLIES: Final = 4


class KvCache:
    """Keys and values of the plies read so far, a row a game: (layers, 2, rows, H, positions, D/H) float32.

    Rows are added as needed; the system gives memory, a few megabytes at a time, as plies are written.
    """

    def __init__(self, config: GptConfig, device: torch.device | None = None) -> None:
        shape = (config.layers, 2, 0, config.heads, config.positions, config.width // config.heads)
        self.store = torch.zeros(shape, device=device)
        self._longest = 0

    def extend(self, rows: list[int], starts: list[int], length: int) -> KvCacheView:
        """Return a view for ``length`` further plies: row ``rows[b]`` keeps its first ``starts[b]`` plies."""
        self.reserve(max(rows) + 1)
        self._longest = max(self._longest, max(starts) + length)
        device = self.store.device
        return KvCacheView(self, torch.tensor(rows, device=device), torch.tensor(starts, device=device), length)

    @torch.inference_mode()
    def copy(self, source: int, target: int, plies: int) -> None:
        """Copy the first ``plies`` plies of row ``source`` to row ``target``."""
        self.reserve(target + 1)
        self.store[:, :, target, :, :plies] = self.store[:, :, source, :, :plies]

    def reserve(self, rows: int) -> None:
        """Make room for so many rows; growing needs memory for the old and the new ones at once."""
        old = self.store.shape[2]
        if rows <= old:
            return
        shape = list(self.store.shape)
        shape[2] = max(rows, 2 * old)
        if self.store.device.type == "cpu":
            grown = torch.from_numpy(lazy_zeros(shape))
        else:
            grown = torch.zeros(shape, device=self.store.device)
        grown[:, :, :old, :, : self._longest] = self.store[..., : self._longest, :]
        self.store = grown


class KvCacheView:
    """``length`` further plies of cached games: ``positions`` (B, length) their numbers in the game."""

    def __init__(self, cache: KvCache, rows: Tensor, starts: Tensor, length: int) -> None:
        self._cache, self._rows, self._starts = cache, rows, starts
        self.positions = starts[:, None] + torch.arange(length, device=starts.device)
        self._plies = int(starts.max()) + length
        #: (B, 1, T, plies): which cached plies each new ply may look at.
        self._mask = (torch.arange(self._plies, device=starts.device) <= self.positions[..., None])[:, None]

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Add a layer's new keys and values and attend to those of the whole games so far: all (B, H, T, D/H)."""
        kept = self._cache.store[layer]
        if q.shape[2] <= _FEW_PLIES and q.dtype == torch.float32 and q.device.type == "cpu":
            return attend_steps(q, k, v, kept, self._rows, self._starts)
        for side, new in enumerate((k, v)):
            kept[side][self._rows[:, None], :, self.positions] = new.transpose(1, 2).to(kept.dtype)
        row = int(self._rows[0])  # of a single game a view is enough
        games = kept[:, row : row + 1] if len(self._rows) == 1 else kept[:, self._rows]
        keys, values = games[..., : self._plies, :].to(q.dtype)
        return F.scaled_dot_product_attention(q, keys, values, self._mask)
