"""PyTorch as a ``Network``: for bodies and tokenizers that numpy does not serve, for a GPU, and as the reference in
tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.inference.config import GptConfig
from xiangqi_gpt.inference.encoding import PositionFeatures
from xiangqi_gpt.inference.network import Cache, Floats, Integers, Plies
from xiangqi_gpt.inference.vocabulary import PADDING

from .character_model import evaluate_characters, first_choices
from .gpt import FeatureBags, Gpt
from .kv_cache import KvCache
from .probe import watch


class TorchCache:
    """A ``KvCache`` as ``network.Cache`` has it."""

    def __init__(self, config: GptConfig, device: torch.device) -> None:
        self.kv = KvCache(config, device)

    def reserve(self, rows: int) -> None:
        """Make room for so many rows."""
        self.kv.reserve(rows)

    def copy(self, source: int, target: int, plies: int) -> None:
        """Copy the first ``plies`` plies of row ``source`` to row ``target``."""
        self.kv.copy(source, target, plies)

    def release(self, row: int) -> None:
        """Forget the game of a row; its memory is used when the row is written again."""

    def view(self, row: int, plies: int) -> Floats:
        """Return (layers, 2, H, plies, S), the keys and values of a game's first plies; from a GPU a copy."""
        kept: Floats = self.kv.store[:, :, row, :, :plies].cpu().numpy()
        return kept


class TorchNetwork:
    """``network.Network`` and ``CharacterNetwork`` on a ``Gpt``."""

    def __init__(self, gpt: Gpt, device: str | torch.device = "cpu") -> None:
        self.gpt = gpt.to(device).eval()
        self._device = torch.device(device)

    @property
    def config(self) -> GptConfig:
        """The shape of the model."""
        return self.gpt.config

    def new_cache(self) -> TorchCache:
        """Return an empty cache for this model's games."""
        return TorchCache(self.config, self._device)

    @torch.inference_mode()
    def forward(self, plies: Plies, control: Integers, cache: Cache, layer: int | None = None) -> Floats:
        """See ``Network``. The games are padded to the longest."""
        assert isinstance(cache, TorchCache)
        width = int(plies.lengths.max())
        is_new = np.arange(width) < plies.lengths[:, None]
        tokens = np.full(is_new.shape, PADDING, np.int64)
        tokens[is_new] = plies.tokens
        bags = FeatureBags.of(plies.features, plies.lengths, width) if plies.features is not None else None
        view = cache.kv.extend(plies.rows.tolist(), plies.starts.tolist(), width)
        told = self._tensor(control)[None].expand(len(tokens), 2)
        with watch(self.gpt, [] if layer is None else [layer]) as states:
            hidden = self.gpt(self._tensor(tokens), told, self._bags(bags), view)
        found = hidden if layer is None else states[layer]
        return self._numpy(found[self._tensor(is_new)])

    @torch.inference_mode()
    def forward_branches(
        self, tokens: Integers, features: PositionFeatures | None, cache: Cache, row: int, ends: Integers
    ) -> Floats:
        """See ``Network``."""
        assert isinstance(cache, TorchCache)
        bags = FeatureBags.of(features, np.array([len(tokens)]), len(tokens)) if features is not None else None
        branches = _Branches(cache.kv, row, self._tensor(ends))
        none = torch.zeros(1, 2, dtype=torch.int64, device=self._device)  # only a game's first token is told anything
        return self._numpy(self.gpt(self._tensor(tokens)[None], none, self._bags(bags), branches)[0])

    @torch.inference_mode()
    def legal_logits(self, hidden: Floats, candidates: Integers, feature_ids: Integers) -> Floats:
        """See ``Network``."""
        if not feature_ids.shape[2]:
            feature_ids = np.zeros((*candidates.shape, 1), np.int64)
        scores = self.gpt.policy_logits(self._tensor(hidden))
        return self._numpy(self.gpt.legal_logits(scores, self._tensor(candidates), self._tensor(feature_ids)))

    @torch.inference_mode()
    def unmasked_logits(self, hidden: Floats) -> Floats:
        """See ``Network``."""
        return self._numpy(self.gpt.unmasked_logits(self._tensor(hidden)))

    @torch.inference_mode()
    def value_logits(self, hidden: Floats) -> Floats:
        """See ``Network``."""
        return self._numpy(self.gpt.value_logits(self._tensor(hidden)))

    def evaluate_characters(self, played: Sequence[int], moves: Sequence[int]) -> tuple[Floats, Floats]:
        """See ``CharacterNetwork``."""
        found = evaluate_characters(self.gpt, played, moves)
        return self._numpy(found.logs), self._numpy(found.wdl)

    def first_choice(self, played: Sequence[int]) -> int:
        """See ``CharacterNetwork``."""
        return int(first_choices(self.gpt, [*played, 0])[-1])

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def _bags(self, bags: FeatureBags | None) -> FeatureBags | None:
        return bags and FeatureBags(bags.features.to(self._device), bags.offsets.to(self._device))

    def _numpy(self, tensor: Tensor) -> Floats:
        found: Floats = tensor.float().cpu().numpy()
        return found


class _Branches:
    """Plies that go on from one game: each sees the cached plies up to its own and itself, none sees another."""

    def __init__(self, cache: KvCache, row: int, ends: Tensor) -> None:
        """``ends`` (A,): how many cached plies each of A plies sees."""
        self._cache, self._row = cache, row
        self.positions = ends[None]
        self._plies = int(ends.max())
        game = torch.arange(self._plies, device=ends.device) < ends[:, None]
        own = torch.eye(len(ends), dtype=torch.bool, device=ends.device)
        self._mask = torch.cat((game, own), dim=1)[None, None]

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend to the game's keys and values and to each ply's own, which are not kept."""
        keys, values = self._cache.store[layer][:, self._row : self._row + 1, :, : self._plies]
        return F.scaled_dot_product_attention(q, torch.cat((keys, k), 2), torch.cat((values, v), 2), self._mask)
