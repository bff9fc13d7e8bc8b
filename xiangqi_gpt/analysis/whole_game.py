"""A whole game read in one pass: what the model says of every position, and of what another move would have led to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.inference.encoding import PositionFeatures, encode_positions, start_token, to_perspective
from xiangqi_gpt.inference.vocabulary import RESULT_UNKNOWN, RESULTS, SOURCES
from xiangqi_gpt.model.gpt import CacheView, FeatureBags, Gpt
from xiangqi_gpt.model.kv_cache import KvCache
from xiangqi_gpt.players.resignation import Wdl
from xiangqi_gpt.rules import MOVES, Move, Position, kernels
from xiangqi_gpt.rules.fen import START_FEN, parse_fen
from xiangqi_gpt.rules.position_features import play_positions

from .errors import AnalysisError


@dataclass(frozen=True)
class PositionEvaluation:
    """What the model says of one position.

    ``policy``: each legal move's probability, likeliest first; ``wdl`` for the side to move; ``illegal``: the illegal
    move it wanted most and the probability it gave to all illegal ones, where it does not see the board (else None).
    """

    policy: dict[Move, float]
    wdl: Wdl
    illegal: tuple[Move, float] | None = None


@dataclass(frozen=True)
class _Window:
    """Positions ``first`` to ``last`` (excluded) are judged by what was read from position ``start`` on."""

    start: int
    first: int
    last: int
    cache: KvCache


class WholeGame:
    """A game and what the model computed of it. ``views`` has one entry a position, the last one included."""

    def __init__(self, model: Gpt, root: Position, moves: Sequence[Move], *, source: str = "master") -> None:
        """Read the game. Raises ``AnalysisError`` when the model cannot follow it."""
        self._model = model
        self._has_features = model.config.features != "none"
        self._control = torch.tensor([[SOURCES[source], RESULTS[RESULT_UNKNOWN]]])
        if model.config.tokenizer.tokens_per_move > 1:
            raise AnalysisError("a model that spells its moves cannot analyse a game; choose one with one token a move")
        if not self._has_features and (root.turn or not np.array_equal(root.squares, parse_fen(START_FEN).squares)):
            raise AnalysisError("a blind model can only follow a game from the usual start: it sees no board")
        longest = model.config.context - 1
        if not self._has_features and len(moves) > longest:
            raise AnalysisError(f"a blind model can follow a game for {longest} plies, this one has {len(moves)}")
        self._moves = np.array([move.index for move in moves], np.int64)
        positions = len(moves) + 1
        self._boards, self._sides = np.empty((positions, 90), np.int8), np.empty(positions, np.int8)
        # One move more than was played: the kernel writes down a position before it plays on from there.
        play_positions(root.squares.copy(), root.turn, np.append(self._moves, 0), self._boards, self._sides)
        self._windows: list[_Window] = []
        self.views: list[PositionEvaluation] = []
        with torch.inference_mode():
            for start, first, last in _windows(positions, model.config.context):
                self.views += self._read(start, first, last)

    def values_after(self, branches: Sequence[tuple[int, Move]]) -> list[Wdl]:
        """Win, draw and loss for the opponent after moves that could have been played.

        A branch is the ply it replaces (0 for the first) and a move. All are read in one pass, each looking back on
        the game before it and on itself alone.
        """
        values: list[Wdl] = [(0.0, 1.0, 0.0)] * len(branches)
        with torch.inference_mode():
            for window in self._windows:
                places = [i for i, (ply, _) in enumerate(branches) if window.first <= ply + 1 < window.last]
                if places:
                    found = self._read_branches(window, [branches[i] for i in places])
                    for place, value in zip(places, found, strict=True):
                        values[place] = value
        return values

    def _read(self, start: int, first: int, last: int) -> list[PositionEvaluation]:
        boards, sides = self._boards[start:last], self._sides[start:last]
        tokens = np.empty(last - start, np.int64)
        tokens[0] = start_token(int(sides[0]))
        tokens[1:] = to_perspective(self._moves[start : last - 1], sides[1:], self._has_features)
        seen = encode_positions(boards, sides, self._model.config.features) if self._has_features else None
        cache = KvCache(self._model.config)
        past = cache.extend([0], [0], len(tokens))
        hidden = self._hidden(tokens, seen, past)
        self._windows.append(_Window(start, first, last, cache))
        return self._views(hidden[first - start :], first, last, seen, first - start)

    def _hidden(self, tokens: npt.NDArray[np.int64], seen: PositionFeatures | None, past: CacheView) -> Tensor:
        bags = FeatureBags.of(seen, np.array([len(tokens)]), len(tokens)) if seen is not None else None
        hidden: Tensor = self._model(torch.from_numpy(tokens)[None], self._control, bags, past)[0]
        return hidden

    def _views(
        self, hidden: Tensor, first: int, last: int, seen: PositionFeatures | None, skip: int
    ) -> list[PositionEvaluation]:
        scores = self._model.policy_logits(hidden)
        unmasked = None if self._has_features else self._model.unmasked_logits(hidden)
        sides = self._sides[first:last]
        if seen is not None:
            candidates, feature_ids = seen.candidates[skip:], seen.feature_ids[skip:]
        else:
            candidates = self._legal(first, last)
            feature_ids = np.zeros((*candidates.shape, 1), np.int64)
        logits = self._model.legal_logits(scores, torch.from_numpy(candidates), torch.from_numpy(feature_ids))
        chances = logits.softmax(-1).numpy()
        values = self._model.value_logits(hidden).softmax(-1).tolist()
        views = []
        for i, (row, probabilities, value) in enumerate(zip(candidates, chances, values, strict=True)):
            count = int((row >= 0).sum())
            order = np.argsort(-probabilities[:count], kind="stable")
            absolute = to_perspective(row[:count], np.full(count, sides[i]), self._has_features)
            policy = {MOVES[absolute[k]]: float(probabilities[k]) for k in order}
            illegal = None if unmasked is None else _illegal(unmasked[i], row[:count])
            views.append(PositionEvaluation(policy, (value[0], value[1], value[2]), illegal))
        return views

    def _legal(self, first: int, last: int) -> npt.NDArray[np.int64]:
        """(P, C) the legal moves of positions, -1 as padding."""
        legal = np.full((last - first, kernels.MAX_MOVES), -1, np.int64)
        out = np.empty(kernels.MAX_MOVES, np.int16)
        for row, board, side in zip(legal, self._boards[first:last], self._sides[first:last], strict=True):
            count = kernels.legal_indices(board, side, out)
            row[:count] = out[:count]
        return legal

    def _read_branches(self, window: _Window, branches: Sequence[tuple[int, Move]]) -> list[Wdl]:
        plies = np.array([ply for ply, _ in branches])
        indices = np.array([move.index for _, move in branches])
        boards, sides = self._boards[plies].copy(), self._sides[plies].copy()
        kernels.push_batch(boards, sides, indices.astype(np.int16))
        tokens = to_perspective(indices, sides, self._has_features)
        seen = encode_positions(boards, sides, self._model.config.features) if self._has_features else None
        hidden = self._hidden(tokens, seen, _Branches(window.cache, torch.from_numpy(plies - window.start)))
        return [(w, d, x) for w, d, x in self._model.value_logits(hidden).softmax(-1).tolist()]


class _Branches:
    """Moves that were not played: each sees the cached plies up to its own and itself, none sees another."""

    def __init__(self, cache: KvCache, plies: Tensor) -> None:
        """``plies`` (A,): the cached ply that each of A moves follows."""
        self._cache = cache
        self.positions = plies[None] + 1
        self._plies = int(plies.max()) + 1
        game = torch.arange(self._plies) <= plies[:, None]
        self._mask = torch.cat((game, torch.eye(len(plies), dtype=torch.bool)), dim=1)[None, None]

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend to the game's keys and values and to each move's own, which are not kept."""
        keys, values = self._cache.store[layer][:, :1, :, : self._plies]
        return F.scaled_dot_product_attention(q, torch.cat((keys, k), 2), torch.cat((values, v), 2), self._mask)


def _windows(positions: int, context: int) -> list[tuple[int, int, int]]:
    """(start, first, last) of the windows a long game is read in: as a player does, which looks back on half a context
    at least once the game is longer than a whole one."""
    windows = [(0, 0, min(positions, context))]
    half = context // 2
    while windows[-1][2] < positions:
        start, _, last = windows[-1]
        windows.append((start + half, last, min(positions, last + half)))
    return windows


def _illegal(scores: Tensor, legal: npt.NDArray[np.int64]) -> tuple[Move, float]:
    chances = scores.softmax(-1)
    chances[torch.from_numpy(legal)] = 0.0
    return MOVES[int(chances.argmax())], float(chances.sum())
