"""What a model says at every ply of some games, as arrays: ``training.evaluation.metrics`` makes its table of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.rules.batch import legal_mask
from xiangqi_gpt.rules.moves import MOVE_COUNT, ROTATE
from xiangqi_gpt.rules.pieces import BLACK

from ..data.batches import Batch, BatchLoader, GameSlice, prefetch_batches
from ..data.game_phases import phases
from ..optim.objective import forward
from .baseline_predictors import greedy_chance, replay, target_moves


@dataclass(frozen=True)
class Plies:
    """One entry a ply (N,) unless another shape is given.

    A model that spells its moves gives no distribution over whole moves: ``rank`` only tells its first choice, made
    of the likeliest characters, and the two about legality are NaN.
    """

    game: npt.NDArray[np.int64]  #: number of the game
    ply: npt.NDArray[np.int64]  #: number of the ply in its game
    phase: npt.NDArray[np.int8]  #: OPENING, MIDDLEGAME or ENDGAME
    boards: npt.NDArray[np.int8]  #: (N, 90)
    sides: npt.NDArray[np.int8]  #: who is to move
    target: npt.NDArray[np.int64]  #: the move to be said
    has_target: npt.NDArray[np.bool_]  #: whether there is one: not where the record's move is not to be imitated
    nats: npt.NDArray[np.float32]  #: -log of the target's probability
    rank: npt.NDArray[np.int64]  #: how many moves the model holds likelier than the target (characters: 0, or many)
    legal_choice: npt.NDArray[np.float32]  #: 1 where the likeliest of all 2086 moves is legal, else 0
    legal_mass: npt.NDArray[np.float32]  #: probability of the legal moves among all 2086
    greedy: npt.NDArray[np.float32]  #: the chance that the player ``greedy`` plays the target
    values: npt.NDArray[np.float32]  #: (N, 3) win, draw, loss for the side to move, from the record
    valued: npt.NDArray[np.bool_]  #: whether they are known
    said: npt.NDArray[np.float32]  #: (N, 3) the model's

    def __len__(self) -> int:
        return len(self.game)


def predict_plies(
    model: Gpt,
    store: TokenStore,
    loader: BatchLoader,
    groups: list[list[GameSlice]],
    *,
    precision: str = "fp32",
    on_group: Callable[[int], object] = lambda plies: None,
) -> Plies:
    """Read whole games (``BatchLoader.whole_games``) with a model; the model is left in the mode it was in.

    ``on_group`` is called with the number of plies after each batch.
    """
    parts: list[Plies] = []
    batches = prefetch_batches(loader, iter(groups))
    for group, batch in zip(groups, batches, strict=True):
        parts.append(_predict_group(model, store, group, batch, precision))
        on_group(len(parts[-1]))
    return Plies(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Plies)})


def _predict_group(model: Gpt, store: TokenStore, group: list[GameSlice], batch: Batch, precision: str) -> Plies:
    boards, sides = _join(_cut(replay(store, s.game), s) for s in group)
    target, _ = _join(_cut(target_moves(store, s.game), s) for s in group)
    plies = np.concatenate([np.arange(s.length) for s in group])
    legal = legal_mask(boards, sides)
    shown = legal
    if model.config.features != "none":
        shown = np.where((sides == BLACK)[:, None], legal[:, ROTATE], legal)
    nats, rank, choice, mass, said = _ask(model, batch, shown, precision)
    return Plies(
        game=np.repeat([s.game for s in group], [s.length for s in group]),
        ply=plies,
        phase=phases(boards, plies),
        boards=boards,
        sides=sides,
        target=target,
        has_target=batch.weights.numpy() > 0,
        nats=nats,
        rank=rank,
        legal_choice=choice,
        legal_mass=mass,
        greedy=greedy_chance(boards, legal, target).astype(np.float32),
        values=batch.values.numpy(),
        valued=batch.value_weights.numpy() > 0,
        said=said,
    )


@torch.inference_mode()
def _ask(model: Gpt, batch: Batch, legal: npt.NDArray[np.bool_], precision: str) -> tuple[npt.NDArray[Any], ...]:
    """(N,) nats, rank of the target, whether the unmasked choice is legal, legal mass; and (N, 3) win/draw/loss."""
    device = next(model.parameters()).device
    batch = batch.to(device)
    with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
        if model.config.tokenizer.tokens_per_move > 1:
            found = _ask_character_model(model, batch)
        else:
            found = _ask_whole(model, batch, torch.from_numpy(legal).to(device))
    return tuple(tensor.cpu().numpy() for tensor in found)


def _ask_whole(model: Gpt, batch: Batch, legal: Tensor) -> tuple[Tensor, ...]:
    hidden = model(batch.tokens, batch.control, batch.feature_bags, batch.packing)
    every = model.unmasked_logits(hidden)
    mass = (every.masked_fill(~legal, -math.inf).logsumexp(-1) - every.logsumexp(-1)).exp()
    choice = legal.gather(1, every.argmax(-1, keepdim=True))[:, 0].float()
    logits = every
    if batch.candidates is not None and batch.feature_ids is not None:
        logits = model.candidate_logits(hidden, batch.candidates, batch.feature_ids)
    nats = F.cross_entropy(logits, batch.targets, reduction="none")
    return nats, _rank(logits, batch.targets), choice, mass, model.value_logits(hidden).softmax(-1)


def _ask_character_model(model: Gpt, batch: Batch) -> tuple[Tensor, ...]:
    output = forward(model, batch)
    unknown = torch.full_like(output.move_nats, math.nan)
    rank = torch.where(output.top1, 0, MOVE_COUNT)
    return output.move_nats, rank, unknown, unknown, output.value_log.exp()


def _rank(logits: Tensor, targets: Tensor) -> Tensor:
    """(N,) how many come before the target when logits (N, C) are sorted, equals in their order."""
    own = logits.gather(1, targets[:, None])
    places = torch.arange(logits.shape[1], device=logits.device)
    before = (logits > own) | ((logits == own) & (places < targets[:, None]))
    return before.sum(-1)


def _cut(arrays: tuple[npt.NDArray[Any], ...], sequence: GameSlice) -> tuple[npt.NDArray[Any], ...]:
    return tuple(array[: sequence.length] for array in arrays)


def _join(parts: Iterable[tuple[npt.NDArray[Any], ...]]) -> tuple[npt.NDArray[Any], ...]:
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))
