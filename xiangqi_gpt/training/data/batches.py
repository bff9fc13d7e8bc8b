"""From the token store to batches: which games, from which ply, mirrored or not, and what is to be learned."""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from xiangqi_gpt.inference.config import GptConfig
from xiangqi_gpt.inference.encoding import encode_positions, to_perspective
from xiangqi_gpt.inference.vocabulary import RESULT_UNKNOWN, RESULTS, SOURCES, source_token
from xiangqi_gpt.model.attention import Packing
from xiangqi_gpt.model.gpt import FeatureBags
from xiangqi_gpt.records.corpus.batch import NO_LABEL, NO_SCORE
from xiangqi_gpt.records.corpus.policy_targets import MOST_MOVES
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.rules.batch import legal_mask
from xiangqi_gpt.rules.moves import MIRROR, MIRROR_SQUARE
from xiangqi_gpt.rules.position_features import play_positions

from ..config import TrainConfig
from .game_phases import phases
from .score_scale import ScoreScale

_Item = TypeVar("_Item")
_Built = TypeVar("_Built")

_POOL: Final = 2048  # sequences, at least, that are sorted by length together


@dataclass(frozen=True)
class GameSlice:
    """One line of a batch: ``length`` plies of a game from ``start`` on."""

    game: int
    start: int
    length: int
    mirrored: bool
    has_source: bool
    has_result: bool


@dataclass
class Batch:
    """B sequences of N plies in all, one after another without padding.

    ``tokens`` (N,) or, for a character model, (4 N,); ``packing`` which of them are whose; ``control`` (B, 2),
    ``feature_bags``; ``candidates`` (N, C) and ``feature_ids`` (N, C, 8) legal moves (None for a moves-only model);
    ``legal`` (N, C), -1 as padding, the same for the loss of a moves-only model (None for a character model);
    ``targets`` (N,) place of the move to learn among the candidates (moves only: its number); ``weights`` (N,), 0 where
    no move is learned; ``policy_places`` (N, 8) and ``policy_shares`` (N, 8) float32, targets of several moves as
    places among the candidates (moves only: numbers) and shares that sum to 1, 0 where a ply has none (None where no
    ply of the batch has); ``values`` (N, 3) win/draw/loss of the side to move and ``value_weights`` (N,); ``plies``
    (N,) number in the game and ``phases`` (N,) int64 (``training.data.game_phases``).
    """

    tokens: Tensor
    control: Tensor
    feature_bags: FeatureBags | None
    packing: Packing
    candidates: Tensor | None
    feature_ids: Tensor | None
    legal: Tensor | None
    targets: Tensor
    weights: Tensor
    values: Tensor
    value_weights: Tensor
    plies: Tensor
    phases: Tensor
    policy_places: Tensor | None = None
    policy_shares: Tensor | None = None

    def to(self, device: torch.device) -> Batch:
        """Return the same batch on a device."""

        def move(item: Tensor | None) -> Tensor | None:
            return None if item is None else item.to(device, non_blocking=True)

        fields = {name: move(item) for name, item in vars(self).items() if name not in ("feature_bags", "packing")}
        feature_bags = self.feature_bags and FeatureBags(
            self.feature_bags.features.to(device), self.feature_bags.offsets.to(device)
        )
        return Batch(feature_bags=feature_bags, packing=self.packing.to(device), **fields)  # type: ignore[arg-type]


class BatchLoader:
    """Builds batches from a store."""

    def __init__(self, store: TokenStore, model: GptConfig, config: TrainConfig, scale: ScoreScale) -> None:
        self.store, self.model, self.config, self.scale = store, model, config, scale
        self._sources = np.array([source_token(kind) for kind in store.kind_names])
        unbelieved = [store.source_names.index(name) for name in config.no_value_from if name in store.source_names]
        results = np.asarray(store.results)
        self._results = np.where(np.isin(store.sources, unbelieved), RESULT_UNKNOWN, results)

    # --- which sequences

    def epoch(
        self, games: npt.NDArray[np.int64], epoch: int, longest: Callable[[], int] | None = None
    ) -> Iterator[list[GameSlice]]:
        """Yield a pass over the games in random order: groups of similar length, ``batch_plies`` together.

        ``longest`` is asked, once for each pool of games, how many plies a sequence may have.
        """
        random = np.random.default_rng([self.config.seed, epoch])
        order = random.permutation(games)
        size = max(_POOL, self.config.batch_plies // 2)  # some forty batches, whatever their size: little is padding
        for first in range(0, len(order), size):
            most = min(self.model.context, longest() if longest else self.model.context)
            pool = [self._draw(int(game), random, most) for game in order[first : first + size]]
            groups = group_by_length([s for s in pool if s.length > 0], self.config.batch_plies)
            for i in random.permutation(len(groups)):
                yield groups[i]

    def _draw(self, game: int, random: np.random.Generator, most: int) -> GameSlice:
        plies = int(self.store.offsets[game + 1] - self.store.offsets[game])
        start = 0
        has_features = self.model.features != "none"
        standard = self.store.roots[game] == 0
        if not has_features and not standard:
            return GameSlice(
                game, 0, 0, False, False, False
            )  # a moves-only model can only follow a game from its start
        midgame = random.random() < self.config.midgame_starts
        place = random.random()
        if (midgame and has_features) or plies > most:
            start = int(place * plies) if has_features else 0
        mirrored, source_dropped, result_dropped = random.random(3) < (
            self.config.mirrored,
            self.config.control_dropout,
            self.config.control_dropout,
        )
        has_control = self.model.tokenizer.has_control
        has_source, has_result = has_control and not source_dropped, has_control and not result_dropped
        return GameSlice(game, start, min(plies - start, most), bool(mirrored), has_source, has_result)

    def whole_games(self, games: npt.NDArray[np.int64]) -> list[list[GameSlice]]:
        """Return batches of whole games for evaluation: nothing mirrored, neither source nor result told."""
        lengths = np.diff(self.store.offsets)[games]
        playable = (lengths > 0) & ((self.store.roots[games] == 0) | (self.model.features != "none"))
        sequences = [
            GameSlice(int(game), 0, min(int(length), self.model.context), False, False, False)
            for game, length in zip(games[playable], lengths[playable], strict=True)
        ]
        return group_by_length(sequences, self.config.batch_plies)

    # --- what they hold

    def build(self, sequences: list[GameSlice]) -> Batch:
        """Return the arrays of a group of sequences."""
        relative = self.model.features != "none"
        parts = [self._follow(sequence, relative) for sequence in sequences]
        lengths = np.array([s.length for s in sequences])
        control = np.empty((len(sequences), 2), np.int64)
        for row, sequence in enumerate(sequences):
            source = self._sources[self.store.kinds[sequence.game]] if sequence.has_source else SOURCES["any"]
            result = int(self._results[sequence.game]) if sequence.has_result else RESULT_UNKNOWN
            control[row] = source, RESULTS[result]
        moves = np.concatenate([part.targets for part in parts])
        weights = np.concatenate([part.weights for part in parts])
        policy = self._policy(parts)
        feature_bags = candidates = feature_ids = legal = None
        targets = moves
        boards, sides = (np.concatenate(arrays) for arrays in zip(*((p.boards, p.sides) for p in parts), strict=True))
        plies = np.concatenate([np.arange(s.start, s.start + s.length) for s in sequences])
        if self.model.tokenizer.tokens_per_move > 1:
            policy = None  # the rules, and several targets, are about whole moves
        elif self.model.features == "none":
            legal = torch.from_numpy(_legal_moves(boards, sides))
        else:
            seen = encode_positions(boards, sides, self.model.features, threads=torch.get_num_threads())
            found = seen.candidates == moves[:, None]
            targets = found.argmax(1)
            weights = np.where(found.any(1), weights, 0)
            policy = policy and _among(seen.candidates, *policy)
            feature_bags = FeatureBags(torch.from_numpy(seen.features), torch.from_numpy(seen.starts[:-1]))
            candidates, feature_ids = torch.from_numpy(seen.candidates), torch.from_numpy(seen.feature_ids)
        return Batch(
            tokens=torch.from_numpy(np.concatenate([part.tokens for part in parts])),
            control=torch.from_numpy(control),
            feature_bags=feature_bags,
            packing=Packing(torch.from_numpy(lengths * self.model.tokenizer.tokens_per_move)),
            candidates=candidates,
            feature_ids=feature_ids,
            legal=legal,
            targets=torch.from_numpy(targets),
            weights=torch.from_numpy(weights.astype(np.float32)),
            values=torch.from_numpy(np.concatenate([part.values for part in parts]).astype(np.float32)),
            value_weights=torch.from_numpy(np.concatenate([part.value_weights for part in parts]).astype(np.float32)),
            plies=torch.from_numpy(plies),
            phases=torch.from_numpy(phases(boards, plies).astype(np.int64)),
            policy_places=policy and torch.from_numpy(policy[0]),
            policy_shares=policy and torch.from_numpy(_shares(policy[1])),
        )

    def _policy(self, parts: list[_Part]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]] | None:
        """The targets of several moves of all plies as numbers of moves (N, 8), and their weights; None for none."""
        if all(part.policy is None for part in parts):
            return None
        empty = (np.zeros(MOST_MOVES, np.int64), np.zeros(MOST_MOVES, np.float32))
        found = [
            part.policy or tuple(np.repeat(array[None], len(part.sides), axis=0) for array in empty) for part in parts
        ]
        moves, weights = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        return (moves, weights) if weights.any() else None

    def _follow(self, sequence: GameSlice, relative: bool) -> _Part:
        """Replay a game and read off what its plies show and teach."""
        store, game = self.store, sequence.game
        begin, end = int(store.offsets[game]), int(store.offsets[game]) + sequence.start + sequence.length
        moves = np.asarray(store.moves[begin:end]).astype(np.int64)
        best = np.asarray(store.best[begin:end]).astype(np.int64)
        labelled = best != NO_LABEL
        targets = np.where(labelled, best, moves)
        board = store.root_boards[store.roots[game]].copy()
        if sequence.mirrored:
            moves, targets, board = (
                MIRROR[moves].astype(np.int64),
                MIRROR[targets].astype(np.int64),
                board[MIRROR_SQUARE],
            )
        boards, sides = np.empty((len(moves), 90), np.int8), np.empty(len(moves), np.int8)
        play_positions(board, int(store.root_sides[store.roots[game]]), moves, boards, sides)
        here = slice(sequence.start, None)
        side = sides[here]
        tokenizer = self.model.tokenizer
        read = to_perspective(
            moves[here], np.append(side[1:], 0), relative
        )  # the move before, as the next mover sees it
        tokens = np.concatenate(([tokenizer.starts[side[0]]], tokenizer.encode(read)[:-1]))
        result = int(self._results[game])
        plies = np.arange(len(moves))
        lost = (result == 0) & (sides == 1) | (result == 2) & (sides == 0)
        weights = np.where(labelled, 1.0, np.where(lost, self.config.loser_weight, 1.0))
        random_moves = np.asarray(store.random_plies[begin:end]) != 0
        weights[~labelled & (random_moves | (plies < store.first_target_ply[game]))] = 0.0
        values, value_weights = self._values(result, sides, np.asarray(store.cp[begin:end]), sequence.has_result)
        policy = None
        if store.policy_moves is not None and store.policy_weights is not None:
            several = np.asarray(store.policy_moves[begin:end])[here].astype(np.int64)
            counts = np.asarray(store.policy_weights[begin:end])[here].astype(np.float32)
            several = np.where(counts > 0, several, 0)
            if sequence.mirrored:
                several = MIRROR[several].astype(np.int64)
            policy = to_perspective(several, side[:, None], relative), counts
        return _Part(
            boards[here],
            side,
            tokens,
            to_perspective(targets[here], side, relative),
            weights[here],
            values[here],
            value_weights[here],
            policy,
        )

    def _values(
        self, result: int, sides: npt.NDArray[np.int8], cp: npt.NDArray[np.int16], has_result: bool
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Win/draw/loss for the side to move and how much it counts: an engine's score, else the game's result.

        A result that the model was told teaches nothing.
        """
        values = np.zeros((len(sides), 3))
        known = result != RESULT_UNKNOWN
        if known:
            place = np.where(sides == 1, 2 - result, result)
            values[np.arange(len(sides)), place] = 1.0
        weights = np.full(len(sides), 1.0 if known and not has_result else 0.0)
        scored = cp != NO_SCORE
        if scored.any():
            values[scored] = self.scale.win_draw_loss(cp[scored])
            weights[scored] = 0.0 if has_result and known else 1.0
        return values, weights


@dataclass(frozen=True)
class _Part:
    boards: npt.NDArray[np.int8]
    sides: npt.NDArray[np.int8]
    tokens: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]
    value_weights: npt.NDArray[np.float64]
    policy: tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]] | None


def _among(
    candidates: npt.NDArray[np.int64], moves: npt.NDArray[np.int64], weights: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Places of moves (N, 8) among the candidates (N, C) of their plies; what is not among them weighs nothing."""
    found = moves[:, :, None] == candidates[:, None, :]
    return found.argmax(-1), np.where(found.any(-1), weights, np.float32(0))


def _shares(weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Weights (N, 8) as shares that sum to 1 in each row, 0 in a row without any."""
    sums = weights.sum(-1, keepdims=True)
    return (weights / np.where(sums > 0, sums, 1)).astype(np.float32)


def _legal_moves(boards: npt.NDArray[np.int8], sides: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
    """(N, C) the numbers of the legal moves of each board, -1 as padding."""
    rows, moves = np.nonzero(legal_mask(boards, sides))
    counts = np.bincount(rows, minlength=len(boards))
    places = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    padded = np.full((len(boards), int(counts.max(initial=0))), -1, np.int64)
    padded[rows, places] = moves
    return padded


def group_by_length(sequences: list[GameSlice], plies: int) -> list[list[GameSlice]]:
    """Return sequences sorted by length, in groups of at most ``plies`` plies after padding (one at least)."""
    groups: list[list[GameSlice]] = []
    for sequence in sorted(sequences, key=lambda s: (-s.length, s.game)):
        if groups and (len(groups[-1]) + 1) * groups[-1][0].length <= plies:
            groups[-1].append(sequence)
        else:
            groups.append([sequence])
    return groups


def split(group: list[GameSlice], pieces: int) -> list[list[GameSlice]]:
    """Return a sorted group in pieces of neighbours with about as many sequences; some empty in a small group."""
    bounds = [len(group) * i // pieces for i in range(pieces + 1)]
    return [group[a:b] for a, b in itertools.pairwise(bounds)]


def prefetch_batches(loader: BatchLoader, groups: Iterator[list[GameSlice]]) -> Generator[Batch]:
    """Build batches in a thread ahead of their use; an error in the thread comes out here."""
    return prefetch(loader.build, groups)


def prefetch(build: Callable[[_Item], _Built], items: Iterator[_Item], depth: int = 3) -> Generator[_Built]:
    """Yield what ``build`` makes of each item, in a thread and up to ``depth`` ahead of its use."""
    ready: queue.Queue[_Built | BaseException | None] = queue.Queue(depth)
    stop = threading.Event()

    def put(item: _Built | BaseException | None) -> None:
        while not stop.is_set():
            with contextlib.suppress(queue.Full):
                ready.put(item, timeout=0.2)
                return

    def work() -> None:
        try:
            for item in items:
                if stop.is_set():
                    return
                put(build(item))
            put(None)
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        thread.join()
