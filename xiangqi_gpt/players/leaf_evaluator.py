"""Reads the leaves of search trees: each is one token that goes on from its game and from its line in the tree."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from xiangqi_gpt.inference.config import GptConfig
from xiangqi_gpt.inference.encoding import encode_positions, to_perspective
from xiangqi_gpt.model.gpt import FeatureBags, Gpt
from xiangqi_gpt.rules import kernels

from .tail_attention import attend_tails

#: Leaves of one forward pass: more would no longer make each of them cheaper.
_MOST_LEAVES = 64


class Arena:
    """Room for the keys and values of tree positions: (slots, layers, 2, H, D/H) float32, handed out by slot.

    Memory is taken from the system as slots are used for the first time, up to ``megabytes``.
    """

    def __init__(self, config: GptConfig, megabytes: int) -> None:
        shape = (config.layers, 2, config.heads, config.width // config.heads)
        self.capacity = max(kernels.MAX_MOVES, megabytes * 2**20 // (4 * int(np.prod(shape))))
        self.store: npt.NDArray[np.float32] = torch.empty(self.capacity, *shape).numpy()
        self.clear()

    def clear(self) -> None:
        """Take every slot back."""
        self._free = np.arange(self.capacity - 1, -1, -1, dtype=np.int32)
        self.free = self.capacity

    def take(self, count: int) -> npt.NDArray[np.int32]:
        """Up to ``count`` unused slots."""
        count = min(count, self.free)
        self.free -= count
        return self._free[self.free : self.free + count].copy()

    def give(self, kv_slots: npt.NDArray[np.int32]) -> None:
        """Take slots back."""
        self._free[self.free : self.free + len(kv_slots)] = kv_slots
        self.free += len(kv_slots)


@dataclass
class Leaves:
    """B positions to read, all of one game, whose keys and values are ``past`` (layers, 2, H, plies, D/H).

    ``boards`` (B, 90), ``sides`` (B,), the ``moves`` (B,) that led to them, ``plies`` (B,) their number in the game, a
    slot of the arena for each (B,), and the slots of the positions between the game and each: ``tails`` (B, T) with
    ``lengths`` (B,).
    """

    kv: Tensor
    boards: npt.NDArray[np.int8]
    sides: npt.NDArray[np.int8]
    moves: npt.NDArray[np.int64]
    plies: npt.NDArray[np.int64]
    kv_slots: npt.NDArray[np.int32]
    tails: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.sides)

    def part(self, first: int, last: int) -> Leaves:
        """Some of them."""
        rows = slice(first, last)
        arrays = (self.boards, self.sides, self.moves, self.plies, self.kv_slots, self.tails, self.lengths)
        return Leaves(self.kv, *(array[rows] for array in arrays))  # type: ignore[arg-type]


@dataclass
class LeafEvaluations:
    """What the model says of B leaves.

    ``moves`` (B, C) int16 are the legal moves, -1 as padding, ``logits`` (B, C) theirs, ``wdl`` (B, 3) the chances of
    win, draw and loss for the side to move.
    """

    moves: npt.NDArray[np.int16]
    logits: npt.NDArray[np.float32]
    wdl: npt.NDArray[np.float32]


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
        q, k, v = (x.view(leaves, heads, size) for x in (q, k.contiguous(), v.contiguous()))
        shared, log_sum = torch.empty(heads, leaves, size), torch.empty(heads, leaves)
        first = 0
        for group in self._groups:
            rows = slice(first, first + len(group))
            keys, values = group.kv[layer]
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


class LeafEvaluator:
    """Runs a model over leaves on ``threads`` cores; keys and values go into an arena of ``megabytes``."""

    def __init__(self, model: Gpt, *, threads: int, megabytes: int) -> None:
        self.model, self.threads = model, threads
        self.arena = Arena(model.config, megabytes)
        self._pool = ThreadPoolExecutor(threads, "leaf-reader", torch.set_num_threads, (1,))
        self._running: list[Future[list[LeafEvaluations]]] = []
        self._no_control = torch.zeros(1, 2, dtype=torch.int64)  # only a game's first token is told anything

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def start_over(self) -> None:
        """Take every slot back, once no thread writes into one any more."""
        wait(self._running)
        self.arena.clear()

    def evaluate(self, groups: Sequence[Leaves]) -> list[LeafEvaluations]:
        """Read leaves of several games: one answer a group."""
        total = sum(map(len, groups))
        if not total:
            return []
        parts = max(min(self.threads, total // 2), -(-total // _MOST_LEAVES), 1)
        bounds = [total * i // parts for i in range(parts + 1)]
        tasks: list[list[tuple[int, Leaves]]] = [[] for _ in range(parts)]
        first = 0
        for number, group in enumerate(groups):
            for task, (low, high) in zip(tasks, pairwise(bounds), strict=True):
                begin, end = max(low - first, 0), min(high - first, len(group))
                if begin < end:
                    task.append((number, group.part(begin, end)))
            first += len(group)
        found: list[list[LeafEvaluations]] = [[] for _ in groups]
        self._running = []
        for task in tasks:  # one by one: ``start_over`` waits for those that were begun before a Ctrl-C
            self._running.append(self._pool.submit(self._evaluate_task, task))
        for task, readings in zip(tasks, self._running, strict=True):
            for (number, _), reading in zip(task, readings.result(), strict=True):
                found[number].append(reading)
        return [_joined(readings) for readings in found]

    @torch.inference_mode()
    def _evaluate_task(self, task: list[tuple[int, Leaves]]) -> list[LeafEvaluations]:
        groups = [leaves for _, leaves in task]
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
        past = _LeafCacheView(groups, self.arena)
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


def _joined(parts: list[LeafEvaluations]) -> LeafEvaluations:
    if len(parts) == 1:
        return parts[0]
    width = max(part.moves.shape[1] for part in parts)

    def padded(array: npt.NDArray[np.generic], value: float) -> npt.NDArray[np.generic]:
        return np.pad(array, ((0, 0), (0, width - array.shape[1])), constant_values=value)

    return LeafEvaluations(
        np.concatenate([padded(part.moves, -1) for part in parts]).astype(np.int16),
        np.concatenate([padded(part.logits, -np.inf) for part in parts]).astype(np.float32),
        np.concatenate([part.wdl for part in parts]),
    )


def _legal_moves(boards: npt.NDArray[np.int8], sides: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
    moves = np.full((len(sides), kernels.MAX_MOVES), -1, np.int16)
    counts = [kernels.legal_indices(boards[i], sides[i], moves[i]) for i in range(len(sides))]
    for row, count in zip(moves, counts, strict=True):
        row[count:] = -1
    return moves[:, : max(counts)].astype(np.int64)
