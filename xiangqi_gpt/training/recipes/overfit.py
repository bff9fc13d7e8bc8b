"""One batch learned by heart: the first thing to try after a change, for what cannot do that cannot learn at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from xiangqi_gpt.files import scratch_folder
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records.store.token_store import TokenStore

from ..config import TrainConfig
from ..data.batches import Batch, BatchLoader, GameSlice
from ..data.corpus_choice import games_of_kinds
from ..data.score_scale import ScoreScale
from ..errors import TrainingError
from ..optim.objective import Totals, forward, loss_of
from ..optim.optimizer import make_optimizers, rate_at
from ..run.starting_model import resolve_defaults, starting_model
from ..run.train import build
from ..runtime.compute import choose_compute
from ..runtime.processes import find_device

#: Nats a move below which a batch counts as known by heart.
KNOWN = 0.02


@dataclass(frozen=True)
class Step:
    """Nats a move and share of right first choices at a step."""

    step: int
    nats_per_move: float
    top1: float


def overfit(config: TrainConfig, on_step: Callable[[Step], object] = lambda step: None) -> Step:
    """Train on one batch of whole games until every move is known, or for ``config.steps``; returns the last step.

    Plies that different games go on from differently are not asked for. Raises ``TrainingError`` without a game.
    """
    device = find_device(config.device)
    compute = choose_compute(config.precision, config.threads, device)
    config = replace(config, precision=compute.precision, threads=compute.threads)
    model = starting_model(config).to(device)
    config = resolve_defaults(
        replace(config, value_weight=0.0, legal_weight=0.0, illegal_weight=0.0, loser_weight=1.0), model.config
    )
    with scratch_folder() as scratch:
        store = build(config, scratch / "tokens")
        loader = BatchLoader(store, model.config, config, ScoreScale())
        groups = loader.whole_games(games_of_kinds(store, config.kinds))
        if not groups:
            raise TrainingError("no game to train on: a moves-only model needs games from the usual start")
        group = groups[len(groups) // 2]  # games of middling length
        batch = loader.build(group)
        batch.weights *= torch.from_numpy(_is_certain(store, group))
    compute.announce()
    return _repeat(model, batch.to(device), config, on_step)


def _is_certain(store: TokenStore, group: list[GameSlice]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """(N,) 1 where all games of a group that have come to a ply in the same way go on alike, else 0."""
    replies: dict[tuple[int, ...], set[int]] = {}
    keys = []
    for sequence in group:
        begin = int(store.offsets[sequence.game])
        moves = [int(move) for move in store.moves[begin : begin + sequence.length]]
        for ply, move in enumerate(moves):
            key = (int(store.roots[sequence.game]), *moves[:ply])
            replies.setdefault(key, set()).add(move)
            keys.append(key)
    return np.array([len(replies[key]) == 1 for key in keys], np.float32)


def _repeat(model: Gpt, batch: Batch, config: TrainConfig, on_step: Callable[[Step], object]) -> Step:
    optimizers = make_optimizers(model, config)
    totals, has_target = Totals.of([batch]), batch.weights > 0
    for step in range(1, config.steps + 1):
        optimizers.set_rate(rate_at(step - 1, config.steps, config))
        with torch.autocast(batch.tokens.device.type, torch.bfloat16, enabled=config.precision == "bf16"):
            output = forward(model, batch)
            loss = loss_of(output, batch, totals, config)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizers.step()
        done = Step(step, float(loss.detach()), float(output.top1[has_target].float().mean()))
        on_step(done)
        if done.nats_per_move < KNOWN and done.top1 == 1:
            break
    return done
