"""How fast training is, beside a plain loop of the same size in the same run.

Run: python benchmarks/training.py                       (minutes; --corpus for other games than those that ship)
     python benchmarks/training.py --whole-run --steps 100 --threads 1    (long: the bare step beside a whole run)
     python benchmarks/training.py --to-nats --steps 400  (long: processor seconds to the held-out score of characters)
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.records.store.token_store import TRAIN, TokenStore
from xiangqi_gpt.training.config import AUTO, PRECISIONS, TrainConfig
from xiangqi_gpt.training.data.batches import Batch, BatchLoader, prefetch_batches
from xiangqi_gpt.training.data.score_scale import ScoreScale
from xiangqi_gpt.training.optim.optimizer import make_optimizers
from xiangqi_gpt.training.run.describe import speed, train_step
from xiangqi_gpt.training.run.starting_model import resolve_defaults, starting_model
from xiangqi_gpt.training.run.train import build
from xiangqi_gpt.training.run.trainer import Trainer
from xiangqi_gpt.training.runtime.allocator import keep_freed_memory
from xiangqi_gpt.training.runtime.compute import choose_compute
from xiangqi_gpt.training.runtime.processes import find_device

CONTEXT = 320


class PlainGpt(nn.Module):
    """A GPT as in a plain small repository: one table, learned positions, PyTorch's own layers."""

    def __init__(self, layers: int, width: int, heads: int, vocabulary: int = 2112) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(CONTEXT, width)
        self.blocks = nn.ModuleList(PlainBlock(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, T, vocabulary) logits; the table of the tokens is the head's too."""
        x = self.tokens(tokens) + self.places.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return F.linear(self.norm(x), self.tokens.weight)


class PlainBlock(nn.Module):
    """Attention and a feed-forward layer."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D)."""
        batch, length, width = x.shape
        q, k, v = (
            part.view(batch, length, self.heads, -1).transpose(1, 2) for part in self.qkv(self.norm1(x)).chunk(3, -1)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


def plain_speed(batch: Batch, config: TrainConfig, steps: int) -> float:
    """Plies a second of the plain loop: AdamW, whole games padded to the full length."""
    device = batch.tokens.device
    model = PlainGpt(6, 256, 4).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    padded = batch.packing.pad(torch.stack((batch.tokens, batch.targets + 1), 1))
    tokens, targets = F.pad(padded, (0, 0, 0, CONTEXT - padded.shape[1])).unbind(-1)
    targets = targets - 1  # -1 where a game has ended

    def step() -> None:
        with torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bf16"):
            logits = model(tokens)
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return speed(step, batch, steps)


def matrix_rate(device: torch.device, precision: str, size: int = 2048, products: int = 8) -> float:
    """Operations a second of a plain product in a precision, the machine's own best."""
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    a, b = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    best = 0.0
    for _ in range(4):
        begun = _now(device)
        for _ in range(products):
            a @ b
        best = max(best, products * 2 * size**3 / (_now(device) - begun))
    return best


def operations_a_ply(trained: Trained, plies: int) -> float:
    """Of a forward and a backward pass: 6 a weight that is multiplied with, and attention over half the length."""
    model = trained.model
    shape = model.config
    weights = sum(p.numel() for p in model.blocks.parameters()) + 3 * shape.width + 2086 * shape.width
    if model.candidate_emb is not None:
        weights += model.candidate_emb.numel()
    if model.legality_head is not None:
        weights += model.legality_head.weight.numel()
    return 6 * weights + 6 * shape.layers * shape.width * plies


class Trained:
    """A model of a preset, its optimizers and a batch of whole games."""

    def __init__(self, store: TokenStore, config: TrainConfig) -> None:
        self.device = find_device(config.device)
        self.model = starting_model(config).to(self.device)
        self.config = resolve_defaults(config, self.model.config)
        self.optimizers = make_optimizers(self.model, self.config)
        self.loader = BatchLoader(store, self.model.config, self.config, ScoreScale())
        self.groups = list(self.loader.epoch(store.select(TRAIN), 0))

    def batch(self) -> Batch:
        """A batch of games of middling length."""
        return self.loader.build(sorted(self.groups, key=lambda group: group[0].length)[len(self.groups) // 2]).to(
            self.device
        )

    def speed(self, batch: Batch, steps: int) -> float:
        """Plies a second."""
        return speed(lambda: train_step(self.model, self.optimizers, batch, self.config), batch, steps)

    def waiting(self, steps: int) -> float:
        """The share of the time spent waiting for batches."""
        waited = busy = 0.0
        with contextlib.closing(prefetch_batches(self.loader, iter(self.groups * (1 + steps)))) as batches:
            next(batches)
            for _ in range(steps):
                begun = time.perf_counter()
                batch = next(batches)
                waited += time.perf_counter() - begun
                begun = _now(self.device)
                train_step(self.model, self.optimizers, batch.to(self.device), self.config)
                busy += _now(self.device) - begun
        return waited / (waited + busy)


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def show_speed(config: TrainConfig, steps: int, store: TokenStore) -> None:
    """The table of speeds."""
    small = replace(config, preset="small")
    moves = Trained(store, replace(small, features="full"))
    blind = Trained(store, replace(small, features="none"))
    fp32 = plain_speed(blind.batch(), replace(config, precision="fp32"), max(1, steps // 4))
    bf16 = plain_speed(blind.batch(), replace(config, precision="bf16"), max(1, steps // 2))
    print(f"\n{'6 × 256, one batch of whole games':<36}{'plies/s':>12}{'× plain fp32':>14}{'× plain bf16':>14}")

    def show(name: str, rate: float) -> None:
        print(f"{name:<36}{rate:12,.0f}{rate / fp32:14.2f}{rate / bf16:14.2f}", flush=True)

    show("plain loop, fp32", fp32)
    show("plain loop, bf16", bf16)
    show("small, blind", blind.speed(blind.batch(), steps))
    show("small, features full", moves.speed(moves.batch(), steps))

    device = find_device(config.device)
    best = matrix_rate(device, config.precision)
    print(f"\n{f'share of the {config.precision} matrix rate':<36}{'GFLOP/s':>12}{'share':>14}")
    print(f"{'plain product of 2048 × 2048':<36}{best / 1e9:12,.0f}{1:14.0%}")
    for features in ("none", "full"):
        base = Trained(store, replace(config, preset="base", features=features))
        batch = base.batch()
        rate = base.speed(batch, steps) * operations_a_ply(base, max(batch.packing.lengths))
        print(f"{f'base, features {features}':<36}{rate / 1e9:12,.0f}{rate / best:14.0%}", flush=True)

    print(f"\n{'the data':<36}{'waited':>12}")
    for name, trained in (("small, blind", blind), ("small, features full", moves)):
        print(f"{name:<36}{trained.waiting(steps * 2):12.2%}", flush=True)


def show_whole_run(config: TrainConfig, steps: int, store: TokenStore) -> None:
    """The bare step beside a whole run with its batches and evaluations, in processor seconds of all threads."""
    print(f"\n{config.precision}, {'plies a processor second':<30}{'bare step':>12}{'whole run':>12}{'share':>8}")
    for features in ("full", "none"):
        trained = Trained(store, replace(config, preset="small", features=features))
        batch = trained.batch()
        bare = speed(
            lambda: train_step(trained.model, trained.optimizers, batch, trained.config),  # noqa: B023 called at once
            batch,
            max(2, steps // 4),
            time.process_time,
        )
        with tempfile.TemporaryDirectory() as scratch:
            settings = replace(trained.config, out=str(Path(scratch, "run")), steps=steps)
            trainer = Trainer(store, settings)
            begun = time.process_time()
            trainer.run()
            whole = trainer.progress.plies / (time.process_time() - begun)
        print(f"{f'small, features {features}':<36}{bare:12,.0f}{whole:12,.0f}{whole / bare:8.0%}", flush=True)


def show_to_nats(config: TrainConfig, steps: int, store: TokenStore) -> None:
    """Processor seconds to the held-out score that ``characters`` reaches in some steps."""

    def run(**changes: object) -> tuple[float, float]:
        with tempfile.TemporaryDirectory() as scratch:
            settings = replace(config, out=str(Path(scratch, "run")), evaluate_every=1e9, checkpoint_every=1e9)
            begun = time.process_time()
            scores = Trainer(store, replace(settings, **changes)).run()  # type: ignore[arg-type]
            assert scores is not None, "the corpus has no held-out game"
            return time.process_time() - begun, scores.nats_per_move

    peer_seconds, goal = run(preset="characters", steps=steps)
    print(f"characters: {steps} steps, {peer_seconds:,.0f} CPU-seconds, {goal:.3f} nats a move")
    for ours in _doubling(5):
        seconds, nats = run(preset="small", steps=ours)
        print(f"small: {ours} steps, {seconds:,.0f} CPU-seconds, {nats:.3f} nats a move")
        if nats <= goal:
            print(f"{peer_seconds / seconds:.1f} times fewer CPU-seconds")
            return


def _doubling(first: int) -> Iterator[int]:
    while True:
        yield first
        first *= 2


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", nargs="+", default=[], metavar="FILE")
    parser.add_argument("--threads", type=int, default=0, help="default: as in training")
    parser.add_argument("--steps", type=int, default=12, help="steps that are timed (default: 12)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--precision", choices=PRECISIONS, default=AUTO)
    parser.add_argument("--optimizer", choices=("muon", "adamw"), default="", help="default: as in training")
    parser.add_argument("--whole-run", action="store_true", help="the bare step beside a whole run of --steps steps")
    parser.add_argument("--to-nats", action="store_true", help="the long comparison with characters")
    given = parser.parse_args()
    keep_freed_memory()
    device = find_device(given.device)
    compute = choose_compute(given.precision, given.threads, device)
    print(f"{machine_line(str(device))}\n{compute.reason}")
    config = TrainConfig(corpus=tuple(given.corpus), device=given.device, threads=compute.threads)
    config = replace(config, precision=compute.precision, optimizer=given.optimizer)
    with tempfile.TemporaryDirectory() as scratch:
        store = build(config, Path(scratch, "tokens"))
        lengths = np.diff(store.offsets)
        print(f"games of {lengths.mean():.0f} plies on average")
        show = show_to_nats if given.to_nats else show_whole_run if given.whole_run else show_speed
        show(config, given.steps, store)


if __name__ == "__main__":
    main()
