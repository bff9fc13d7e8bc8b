"""The network over leaves of search trees: own kernels, or numpy's products where those do not run.

R rows of a batch, B leaves, L layers, D width, H heads, S = D / H, S' the same rounded up to 16.
"""

from __future__ import annotations

import queue
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import ROTATE
from xiangqi_gpt.rules.kernels import MAX_MOVES
from xiangqi_gpt.rules.position_features import FEATURES_PER_CANDIDATE, MAX_FEATURES, extract_features_batch

from . import leaf_kernels as kernels
from . import leaf_matmul
from .encoding import PIECE_FEATURES
from .history_pages import HistoryPages, PackedHistory
from .kernel_check import kernels_work
from .layer_products import layer_panels
from .leaf_heads import list_legal_moves, score_leaves
from .leaves import Arena, LeafEvaluations, Leaves
from .products import COLUMNS, DEPTH
from .weights import Weights

Floats = npt.NDArray[np.float32]

#: Leaves of one pass: more no longer make each of them cheaper.
MOST_LEAVES: Final = 64


class Workspace:
    """What one pass writes to: buffers of ``MOST_LEAVES`` rows, of one thread at a time."""

    def __init__(self, weights: Weights) -> None:
        config, size, rows = weights.config, weights.head_size, MOST_LEAVES
        width, heads = config.width, config.heads
        padded = -(-size // COLUMNS) * COLUMNS
        plies = -(-config.context // kernels.PAGE) * kernels.PAGE
        shapes = {
            "x": (rows, width),
            "y": (rows, width),
            "qkv": (rows, 3 * width),
            "q": (heads, rows, padded),
            "shared": (heads, rows, padded),
            "sums": (heads, rows),
            "scores": (rows, plies),
            "tail_scores": (heads, config.context + 1),
            "attended": (rows, width),
            "up": (rows, 4 * width),
            "block": (DEPTH, COLUMNS),
        }
        self.buffers = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
        self.features = np.empty(rows * MAX_FEATURES, np.int16)
        self.feature_ends = np.zeros(rows, np.int64)
        self.candidates = np.empty(rows * MAX_MOVES, np.int16)
        self.feature_ids = np.zeros((rows * MAX_MOVES, FEATURES_PER_CANDIDATE), np.int16)
        self.candidate_ends = np.empty(rows, np.int64)


class LeafNetwork:
    """Evaluates leaves with some weights; safe to call from several threads."""

    def __init__(self, weights: Weights, *, own_kernels: bool = True) -> None:
        """Without ``own_kernels``, or where they do not work or the width is no multiple of 16, numpy multiplies."""
        self.weights, self.config = weights, weights.config
        self.has_own_kernels = own_kernels and weights.config.width % COLUMNS == 0 and kernels_work()
        self.history = HistoryPages(weights.config)
        nothing = np.zeros((0, weights.config.width), np.float32)
        self._tables = (
            weights.policy_head,
            nothing if weights.candidate_emb is None else weights.candidate_emb,
            nothing if weights.legality_head is None else weights.legality_head,
            np.zeros(0, np.float32) if weights.legality_bias is None else weights.legality_bias,
            weights.value,
        )
        self._feature_emb = nothing if weights.feature_emb is None else weights.feature_emb
        self._most_feature = {"none": 0, "board": PIECE_FEATURES}.get(weights.config.features, len(self._feature_emb))
        self._panels = layer_panels(weights) if self.has_own_kernels else ()
        self._spare: queue.SimpleQueue[Workspace] = queue.SimpleQueue()

    @property
    def is_row_independent(self) -> bool:
        """Whether a leaf's evaluation is the same to the last bit whatever leaves stand beside it."""
        return self.has_own_kernels

    def open_game(self, kv: Floats) -> PackedHistory:
        """Return what leaves of a game name as its history: ``kv`` are its keys and values, (L, 2, H, P, S)."""
        return self.history.add(np.asarray(kv))

    def close_game(self, history: PackedHistory) -> None:
        """Forget a game."""
        self.history.remove(history)

    def evaluate(self, groups: Sequence[Leaves], arena: Arena) -> list[LeafEvaluations]:
        """Evaluate leaves of some games, ``MOST_LEAVES`` at most; their keys and values go into the arena."""
        work = self._workspace()
        try:
            return self._evaluate(groups, arena, work)
        finally:
            self._spare.put(work)

    def _workspace(self) -> Workspace:
        try:
            return self._spare.get_nowait()
        except queue.Empty:
            return Workspace(self.weights)

    def _evaluate(self, groups: Sequence[Leaves], arena: Arena, work: Workspace) -> list[LeafEvaluations]:
        leaves = join(groups)
        count, has_features = len(leaves), self.config.features != "none"
        tokens = np.where((leaves.sides == 1) & has_features, ROTATE[leaves.moves], leaves.moves).astype(np.int64)
        feature_ends, candidate_ends = work.feature_ends[:count], work.candidate_ends[:count]
        if has_features:
            extract_features_batch(
                leaves.boards,
                leaves.sides,
                work.features,
                feature_ends,
                work.candidates,
                work.feature_ids,
                candidate_ends,
            )
        else:
            list_legal_moves(leaves.boards, leaves.sides, work.candidates, candidate_ends)
        x = work.buffers["x"]
        kernels.embed(
            self.weights.token_emb, self._feature_emb, tokens, work.features, feature_ends, self._most_feature, x
        )
        self._run_layers([(group.history, len(group)) for group in groups], leaves, arena, work)
        moves = np.empty((count, MAX_MOVES), np.int16)
        logits, wdl = np.empty((count, MAX_MOVES), np.float32), np.empty((count, 3), np.float32)
        score_leaves(
            work.buffers["y"],
            self._tables,
            work.candidates,
            work.feature_ids,
            candidate_ends,
            leaves.sides,
            int(has_features),
            moves,
            logits,
            wdl,
        )
        evaluations, found, first = LeafEvaluations(moves, logits, wdl), [], 0
        for group in groups:
            found.append(evaluations.part(slice(first, first + len(group))))
            first += len(group)
        return found

    def _run_layers(
        self, games: Sequence[tuple[PackedHistory, int]], leaves: Leaves, arena: Arena, work: Workspace
    ) -> None:
        if not self.has_own_kernels:
            leaf_matmul.run_layers(self.weights, self.history, games, leaves, arena.store, work.buffers)
            return
        kernels.run_layers(
            self._panels,
            self.history.arguments(games),
            arena.store,
            leaves.kv_slots,
            leaves.plies,
            leaves.tails,
            leaves.lengths,
            self.weights.cos,
            self.weights.sin,
            tuple(work.buffers.values()),
        )


def join(groups: Sequence[Leaves]) -> Leaves:
    """Return the leaves of all groups as one batch of contiguous arrays, with the history of the first group."""
    first = groups[0]
    if len(groups) == 1:
        return Leaves(first.history, *map(np.ascontiguousarray, first.arrays))
    tails = np.zeros((sum(map(len, groups)), max(group.tails.shape[1] for group in groups)), np.int32)
    row = 0
    for group in groups:
        tails[row : row + len(group), : group.tails.shape[1]] = group.tails
        row += len(group)
    columns = zip(*(group.arrays for group in groups), strict=True)
    joined = [tails if column[0] is first.tails else np.concatenate(column) for column in columns]
    return Leaves(first.history, *joined)
