"""The network over leaves of search trees by PyTorch, for models that the package ``inference`` does not know."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from xiangqi_gpt.inference.encoding import encode_positions, to_perspective
from xiangqi_gpt.inference.leaves import Arena, LeafEvaluations, Leaves
from xiangqi_gpt.model.gpt import FeatureBags, Gpt
from xiangqi_gpt.rules import kernels

from .tail_attention import attend_tails


class _LeafCacheView:
    """``model.gpt.Past`` of leaves, those of one game side by side."""

    def __init__(self, groups: Sequence[Leaves], arena: Arena) -> None:
        self._groups, self._arena = groups, arena
        self.positions = torch.from_numpy(np.concatenate([group.plies for group in groups]))[:, None]
        self._kv_slots = np.concatenate([group.kv_slots for group in groups])
        self._lengths = np.concatenate([group.lengths for group in groups])
        self._tails = np.zeros((len(self._kv_slots), max(1, int(self._lengths.max()))), np.int32)
        first = 0
        for group in groups:
            width = min(self._tails.shape[1], group.tails.shape[1])
            self._tails[first : first + len(group), :width] = group.tails[:, :width]
            first += len(group)

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend once to the shared games, then to each line, and merge."""
        leaves, heads, _, size = q.shape
        q, k, v = (x.contiguous().view(leaves, heads, size) for x in (q, k, v))
        shared, log_sum = torch.empty(heads, leaves, size), torch.empty(heads, leaves)
        first = 0
        for group in self._groups:
            rows = slice(first, first + len(group))
            keys, values = group.history[layer]
            scores = (q[rows].transpose(0, 1) * size**-0.5) @ keys.transpose(1, 2)
            log_sum[:, rows] = torch.logsumexp(scores, -1)
            shared[:, rows] = torch.softmax(scores, -1) @ values
            first += len(group)
        out = torch.empty(leaves, heads, size)
        attend_tails(
            *(x.numpy() for x in (q, k, v, shared, log_sum)),
            self._arena.store,
            layer,
            self._kv_slots,
            self._tails,
            self._lengths,
            out.numpy(),
        )
        return out[:, :, None]


class TorchLeafNetwork:
    """Evaluates leaves with a model of PyTorch, in each thread on one core."""

    #: A product of another size may round otherwise.
    is_row_independent = False

    def __init__(self, model: Gpt) -> None:
        self.model, self.config = model, model.config
        self._no_control = torch.zeros(1, 2, dtype=torch.int64)  # only a game's first token is told anything
        self._of_thread = threading.local()

    def open_game(self, kv: npt.NDArray[np.float32]) -> Tensor:
        """Return what leaves of a game name as its history: ``kv`` are its keys and values, (L, 2, H, P, S)."""
        return torch.as_tensor(kv)

    def close_game(self, history: Tensor) -> None:
        """Forget a game."""

    @torch.inference_mode()
    def evaluate(self, groups: Sequence[Leaves], arena: Arena) -> list[LeafEvaluations]:
        """Evaluate leaves of some games; their keys and values go into the arena."""
        if not hasattr(self._of_thread, "is_ready"):
            torch.set_num_threads(1)
            self._of_thread.is_ready = True
        boards = np.concatenate([group.boards for group in groups])
        sides = np.concatenate([group.sides for group in groups])
        has_features = self.model.config.features != "none"
        tokens = to_perspective(np.concatenate([group.moves for group in groups]), sides, has_features)
        bags = None
        if has_features:
            seen = encode_positions(boards, sides, self.model.config.features)
            bags = FeatureBags.of(seen, np.ones(len(sides), np.int64), 1)
            candidates, slots = seen.candidates, seen.feature_ids
        else:
            candidates = _legal_moves(boards, sides)
            slots = np.zeros((*candidates.shape, 1), np.int64)
        past = _LeafCacheView(groups, arena)
        hidden = self.model(
            torch.from_numpy(tokens)[:, None], self._no_control.expand(len(sides), 2), bags, past
        ).squeeze(1)
        logits = self.model.legal_logits(
            self.model.policy_logits(hidden), torch.from_numpy(candidates), torch.from_numpy(slots)
        ).numpy()
        wdl = self.model.value_logits(hidden).softmax(-1).numpy()
        known = np.maximum(candidates, 0)
        absolute = to_perspective(known, np.broadcast_to(sides[:, None], known.shape), has_features)
        moves = np.where(candidates < 0, -1, absolute).astype(np.int16)
        readings, first = [], 0
        for group in groups:
            rows = slice(first, first + len(group))
            readings.append(LeafEvaluations(moves[rows], logits[rows], wdl[rows]))
            first += len(group)
        return readings


def _legal_moves(boards: npt.NDArray[np.int8], sides: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
    moves = np.full((len(sides), kernels.MAX_MOVES), -1, np.int16)
    counts = [kernels.legal_indices(boards[i], sides[i], moves[i]) for i in range(len(sides))]
    for row, count in zip(moves, counts, strict=True):
        row[count:] = -1
    return moves[:, : max(counts)].astype(np.int64)
