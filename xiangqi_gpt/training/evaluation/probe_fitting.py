"""Fitting a linear probe: which layer knows the board best, and how well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.inference.model_folder import find_model
from xiangqi_gpt.inference.probe import PIECE_CODES, PROBE, Probe, to_model_perspective
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.model.probe import save_probe, watch
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.rules.moves import MIRROR_SQUARE
from xiangqi_gpt.rules.pieces import SQUARES

from ..config import TrainConfig
from ..data.batches import BatchLoader, GameSlice, prefetch_batches
from ..data.held_out import divide
from ..data.score_scale import ScoreScale
from ..errors import TrainingError
from .baseline_predictors import replay
from .evaluate_model import corpus_store

_RATE: Final = 3e-2
_STEP_PLIES: Final = 10
_DRAWN: Final = 2  # one in so many plies of a batch is fitted on: neighbours are nearly the same position
_HELD_OUT_GAMES: Final = (150, 300)  # to choose the layer by, and to report on

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ProbeScores:
    """Held-out accuracy: shares of squares named rightly, and of whole boards; ``by_ply`` in steps of ten plies.

    ``baseline`` names the piece that most often stands on a square at that stage of a game.
    """

    layer: int
    accuracy: float
    baseline: float
    occupied: float  #: accuracy on squares where a piece stands
    boards: float  #: share of positions without any wrong square
    by_ply: list[tuple[int, float, float]]  #: first ply of a step, accuracy, baseline
    by_layer: dict[int, float]  #: accuracy of each layer tried, on the games the layer was chosen by
    games: int

    def as_dict(self) -> dict[str, object]:
        """Return the scores by name; those by ply and by layer as lists of equal length."""
        flat: dict[str, object] = {
            name: getattr(self, name) for name in ("layer", "accuracy", "baseline", "occupied", "boards", "games")
        }
        flat["layers"], flat["layers_accuracy"] = list(self.by_layer), list(self.by_layer.values())
        for place, name in enumerate(("plies", "plies_accuracy", "plies_baseline")):
            flat[name] = [step[place] for step in self.by_ply]
        return flat


def probe_model(
    name: str,
    corpora: Sequence[Path],
    *,
    layers: Sequence[int] = (),
    plies: int = 100_000,
    seed: int = 1,
    precision: str = "fp32",
    on_group: Callable[[int], object] = lambda plies: None,
) -> tuple[Path, ProbeScores]:
    """Fit a probe for the model ``name`` on record files and keep it beside the weights; its path and its scores.

    Raises ``TrainingError`` for a layer the model has not, ``CheckpointError`` and ``CorpusError``.
    """
    folder = find_model(name)
    model = load_model(folder)
    if model.config.tokenizer.tokens_per_move > 1:
        raise TrainingError(f"{name} spells its moves: a probe reads models with one token a move")
    for layer in layers:
        if layer > model.config.layers:
            raise TrainingError(f"--layer {layer}: {name} has layers 0 to {model.config.layers}")
    with corpus_store(corpora) as store:
        probe, scores = fit_probe(
            model, store, layers=layers, plies=plies, seed=seed, precision=precision, on_group=on_group
        )
    save_probe(probe, folder)
    return folder / PROBE, scores


def format_scores(scores: ProbeScores) -> str:
    """Return the scores as a table for people."""
    lines = [
        f"{scores.games:,} held-out games, layer {scores.layer}",
        "",
        f"{'squares named rightly':<36} {scores.accuracy:.2%}",
        f"{'the usual piece of each square':<36} {scores.baseline:.2%}",
        f"{'squares with a piece named rightly':<36} {scores.occupied:.2%}",
        f"{'whole boards':<36} {scores.boards:.2%}",
        "",
        f"{'from ply':>8} {'probe':>8} {'usual':>8}",
        *(f"{ply:>8} {accuracy:>8.2%} {usual:>8.2%}" for ply, accuracy, usual in scores.by_ply),
    ]
    if len(scores.by_layer) > 1:
        lines += ["", *(f"layer {layer}: {accuracy:.2%}" for layer, accuracy in scores.by_layer.items())]
    return "\n".join(lines)


def fit_probe(
    model: Gpt,
    store: TokenStore,
    *,
    layers: Sequence[int] = (),
    plies: int = 100_000,
    batch_plies: int = 2048,
    seed: int = 1,
    precision: str = "fp32",
    on_group: Callable[[int], object] = lambda plies: None,
) -> tuple[Probe, ProbeScores]:
    """Fit a probe on ``plies`` drawn plies of the training split: logistic regression by AdamW, all layers in one pass.

    Of ``layers`` (default: every one) the best on the validation split is kept, and scored on the test split.
    Raises ``TrainingError`` when a split has no game the model can read.
    """
    layers = list(layers or range(model.config.layers + 1))
    config = TrainConfig(seed=seed, batch_plies=batch_plies, midgame_starts=0.0, precision=precision)
    fitter = _Fitter(model, store, layers, plies, config)
    fitter.fit(on_group)
    validation = fitter.score(fitter.division.validation[: _HELD_OUT_GAMES[0]], on_group)
    best = int(np.argmax([tally.accuracy() for tally in validation]))
    by_layer = {layer: tally.accuracy() for layer, tally in zip(layers, validation, strict=True)}
    test = fitter.score(fitter.division.test[: _HELD_OUT_GAMES[1]], on_group, only=best)[0]
    weight, bias = fitter.weights[best].detach(), fitter.biases[best].detach()
    probe = Probe(model.config, layers[best], weight.numpy().copy(), bias.numpy().copy(), test.accuracy())
    scores = ProbeScores(
        layer=layers[best],
        accuracy=test.accuracy(),
        baseline=test.accuracy("baseline"),
        occupied=test.occupied(),
        boards=test.whole / max(test.positions, 1),
        by_ply=test.by_ply(),
        by_layer=by_layer,
        games=test.games,
    )
    return probe, scores


def _drawn(plies: int) -> int:
    return -(-plies // _DRAWN)


class _Tally:
    """Right squares by step of ten plies, for the probe and for the baseline."""

    def __init__(self) -> None:
        self.games = self.positions = self.whole = 0
        self.right = {name: np.zeros(0) for name in ("probe", "baseline")}
        self.squares = np.zeros(0)
        self.pieces = self.right_pieces = 0

    def add(self, plies: Counts, truth: npt.NDArray[np.int8], said: npt.NDArray[np.int64], usual: Counts) -> None:
        right = said == truth
        self.positions += len(truth)
        self.whole += int(right.all(axis=1).sum())
        self.pieces += int((truth != 0).sum())
        self.right_pieces += int((right & (truth != 0)).sum())
        step = plies // _STEP_PLIES
        size = max(len(self.squares), int(step.max()) + 1)
        self.squares = _sum(self.squares, np.bincount(step, minlength=size) * float(SQUARES))
        for name, hits in (("probe", right), ("baseline", usual == truth)):
            self.right[name] = _sum(self.right[name], np.bincount(step, hits.sum(axis=1), size))

    def accuracy(self, name: str = "probe") -> float:
        return float(self.right[name].sum() / max(self.squares.sum(), 1))

    def occupied(self) -> float:
        return self.right_pieces / max(self.pieces, 1)

    def by_ply(self) -> list[tuple[int, float, float]]:
        return [
            (step * _STEP_PLIES, float(self.right["probe"][step] / n), float(self.right["baseline"][step] / n))
            for step, n in enumerate(self.squares)
            if n
        ]


def _sum(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    total = np.zeros(max(len(first), len(second)))
    total[: len(first)] += first
    total[: len(second)] += second
    return total


class _Fitter:
    """One logistic regression a layer, side by side."""

    def __init__(self, model: Gpt, store: TokenStore, layers: list[int], plies: int, config: TrainConfig) -> None:
        self.model, self.store, self.layers, self.plies = model, store, layers, plies
        self.precision = config.precision
        self.division = divide(store, np.arange(store.games))
        self.loader = BatchLoader(store, model.config, config, ScoreScale())
        outputs = SQUARES * PIECE_CODES
        self.weights = torch.zeros(len(layers), outputs, model.config.width, requires_grad=True)
        self.biases = torch.zeros(len(layers), outputs, requires_grad=True)
        self._random = np.random.default_rng([config.seed, 1])
        steps = -(-model.config.context // _STEP_PLIES)
        self._frequency = np.zeros((steps, SQUARES, PIECE_CODES), np.int64)

    def fit(self, on_group: Callable[[int], object]) -> None:
        """Learn from the training split, the rate falling to zero."""
        games = self.division.train
        optimizer = torch.optim.AdamW([self.weights, self.biases], lr=_RATE, betas=(0.9, 0.99), weight_decay=0.0)
        seen = 0
        for group, hidden in self._read(self._groups(games)):
            truth, plies = self._truth(group)
            drawn = self._random.permutation(len(truth))[: _drawn(len(truth))]
            truth, places = truth[drawn], torch.from_numpy(drawn)
            np.add.at(self._frequency, (plies[drawn, None] // _STEP_PLIES, np.arange(SQUARES), truth), 1)
            targets = torch.from_numpy(truth.astype(np.int64)).flatten()
            loss = torch.zeros(())
            for weight, bias, states in zip(self.weights, self.biases, hidden, strict=True):
                logits = F.linear(states[places], weight, bias).view(-1, PIECE_CODES)
                loss = loss + F.cross_entropy(logits, targets)
            for parameters in optimizer.param_groups:
                parameters["lr"] = _RATE * max(1 - seen / self.plies, 0.01)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            seen += len(truth)
            on_group(len(truth))

    def _groups(self, games: npt.NDArray[np.int64]) -> Iterator[list[GameSlice]]:
        seen, epoch = 0, 0
        while seen < self.plies:
            before = seen
            for group in self.loader.epoch(games, epoch):
                if seen >= self.plies:
                    return
                seen += _drawn(sum(line.length for line in group))
                yield group
            if seen == before:
                raise TrainingError("no game to fit a probe on: a moves-only model needs games from the usual start")
            epoch += 1

    @torch.no_grad()
    def score(
        self, games: npt.NDArray[np.int64], on_group: Callable[[int], object], only: int | None = None
    ) -> list[_Tally]:
        """Return the tally of each layer, or of the one at place ``only``, on whole games."""
        places = range(len(self.layers)) if only is None else [only]
        tallies = [_Tally() for _ in places]
        usual = self._frequency.argmax(axis=2)
        groups = self.loader.whole_games(games)
        if not groups:
            raise TrainingError("no held-out game to score a probe on: more games are needed")
        for group, hidden in self._read(groups):
            truth, plies = self._truth(group)
            for tally, place in zip(tallies, places, strict=True):
                logits = F.linear(hidden[place], self.weights[place], self.biases[place])
                said = logits.view(-1, SQUARES, PIECE_CODES).argmax(-1).numpy()
                tally.add(plies, truth, said, usual[plies // _STEP_PLIES])
                tally.games += len(group)
            on_group(len(truth))
        return tallies

    def _read(self, groups: Iterable[list[GameSlice]]) -> Iterator[tuple[list[GameSlice], list[Tensor]]]:
        """Each group with the hidden states (N, D) of its plies, one tensor a layer."""
        waiting: list[list[GameSlice]] = []

        def noted() -> Iterator[list[GameSlice]]:
            for group in groups:
                waiting.append(group)
                yield group

        with watch(self.model, self.layers) as states:
            for batch in prefetch_batches(self.loader, noted()):
                with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bf16"):
                    self.model(batch.tokens, batch.control, batch.feature_bags, batch.packing)
                yield waiting.pop(0), [states[layer].float() for layer in self.layers]

    def _truth(self, group: list[GameSlice]) -> tuple[npt.NDArray[np.int8], Counts]:
        """(N, 90) the boards of a group as the model sees them, and (N,) their plies."""
        boards, sides = [], []
        for line in group:
            positions, movers = replay(self.store, line.game)
            here = slice(line.start, line.start + line.length)
            boards.append(positions[here][:, MIRROR_SQUARE] if line.mirrored else positions[here])
            sides.append(movers[here])
        plies = np.concatenate([np.arange(line.start, line.start + line.length) for line in group])
        return to_model_perspective(np.concatenate(boards), np.concatenate(sides), self.model.config), plies
