"""What a model or a preset is, and what it will cost: parameters, memory, plies a second on this machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch

from xiangqi_gpt.files import scratch_folder
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.model.gpt import Gpt

from ..config import TrainConfig
from ..data.batches import Batch, BatchLoader, GameSlice
from ..data.random_games import warmup_store
from ..data.score_scale import ScoreScale
from ..optim.objective import Totals, forward, loss_of
from ..optim.optimizer import Optimizers, make_optimizers
from ..runtime.allocator import keep_freed_memory
from ..runtime.compute import choose_compute
from ..runtime.processes import find_device
from .starting_model import resolve_defaults, starting_model

_WARM_STEPS: Final = 2


@dataclass(frozen=True)
class Description:
    """What there is to say of a model; memory in bytes."""

    model: Gpt
    config: TrainConfig  #: with everything filled in
    compute: str  #: with what was computed, and why
    machine: str
    body_parameters: int  #: in the blocks
    weights_memory: int  #: in fp32, as in training; half of that on disk
    training_memory: int  #: weights, gradients and the optimizers' state
    plies_read: float  #: a second, in batches
    plies_trained: float  #: a second, in batches, the making of the batches not counted
    plies_made: float  #: a second, how fast one processor thread makes batches


def describe(config: TrainConfig, steps: int, clock: Callable[[], float] = time.perf_counter) -> Description:
    """Describe the model that a run with these settings begins with; ``steps`` steps on random games are timed.

    Raises ``CheckpointError`` when there is no such model.
    """
    keep_freed_memory()
    device = find_device(config.device)
    compute = choose_compute(config.precision, config.threads, device)
    model = starting_model(config).to(device)
    config = resolve_defaults(replace(config, precision=compute.precision, threads=compute.threads), model.config)
    optimizers = make_optimizers(model, config)
    with scratch_folder() as scratch:
        store = warmup_store(max(2, config.batch_plies // 100), config.seed, scratch / "tokens")
        loader = BatchLoader(store, model.config, config, ScoreScale())
        group = largest_group(loader.epoch(np.arange(store.games), 0))
        loader.build(group)  # compiles the kernels
        begun = clock()
        batch = loader.build(group)
        made = len(batch.targets) / (clock() - begun)
    batch = batch.to(device)

    def read_only() -> None:
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bf16"):
            forward(model, batch)

    trained = speed(lambda: train_step(model, optimizers, batch, config), batch, steps, clock)
    states = (*optimizers.matrices.state.values(), *optimizers.others.state.values())
    state = sum(tensor.nbytes for tensors in states for tensor in tensors.values())
    weights = sum(p.nbytes for p in model.parameters())
    return Description(
        model=model,
        config=config,
        compute=compute.reason,
        machine=machine_line(str(device)),
        body_parameters=sum(p.numel() for p in model.blocks.parameters()),
        weights_memory=weights,
        training_memory=2 * weights + state,
        plies_read=speed(read_only, batch, steps, clock),
        plies_trained=trained,
        plies_made=made,
    )


def largest_group(groups: Iterable[list[GameSlice]]) -> list[GameSlice]:
    """Return the group with the most plies: the last of a pass may be a remainder, too small to time."""
    return max(groups, key=lambda group: sum(sequence.length for sequence in group))


def train_step(model: Gpt, optimizers: Optimizers, batch: Batch, config: TrainConfig) -> float:
    """Do one step on a batch and return its loss."""
    with torch.autocast(batch.tokens.device.type, torch.bfloat16, enabled=config.precision == "bf16"):
        loss = loss_of(forward(model, batch), batch, Totals.of([batch]), config)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizers.step()
    return float(loss.detach())


def speed(
    work: Callable[[], object], batch: Batch, steps: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the plies/s of some work on a batch."""

    def wait() -> float:
        if batch.tokens.device.type == "cuda":
            torch.cuda.synchronize()
        return clock()

    for _ in range(_WARM_STEPS):
        work()
    begun = wait()
    for _ in range(steps):
        work()
    return steps * len(batch.targets) / (wait() - begun)


def format_description(name: str, found: Description) -> str:
    """Return the description as a table for people."""
    shape, config = found.model.config, found.config
    count = found.model.parameter_count()
    rows = {
        "shape": f"{shape.layers} layers × {shape.width}, {shape.heads} heads, looks back {shape.context} plies",
        "features, vocabulary, body": f"{shape.features}, {shape.vocabulary}, {shape.body}",
        "parameters": f"{count:,}, of these {found.body_parameters:,} in the blocks",
        "weights": f"{found.weights_memory / 2**20:.1f} MiB, stored in {found.weights_memory / 2**21:.1f}",
        "weights, gradients and optimizers": f"{found.training_memory / 2**20:.1f} MiB, activations not counted",
        "reads": f"{found.plies_read:,.0f} plies/s",
        "learns": f"{found.plies_trained:,.0f} plies/s",
        "makes batches": f"{found.plies_made:,.0f} plies/s on one thread",
    }
    if memory := _peak_memory():
        rows["most memory of this process"] = f"{memory / 2**20:,.0f} MiB"
    width = max(map(len, rows))
    head = f"{name}, trained by {config.optimizer} in batches of {config.batch_plies:,} plies, {found.compute}"
    return "\n".join([head, f"on {found.machine}", *(f"  {title:<{width}}  {text}" for title, text in rows.items())])


def _peak_memory() -> int:
    """Bytes; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
