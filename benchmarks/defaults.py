"""Whether the defaults are right on this machine: what ``auto`` chooses, beside every alternative in the same run.

Run: python benchmarks/defaults.py                 precision and threads, for training and for evaluation
     python benchmarks/defaults.py --waiting       also how OpenMP's threads wait, alone and beside other work

Times are those of the wall: the fastest of the rounds, in which the variants take turns. A default is right when it
takes at most 1.2 times as long as the best alternative.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch

from xiangqi_gpt.files import scratch_folder
from xiangqi_gpt.machine import let_threads_sleep, machine_line, usable_cores
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.data.batches import Batch, BatchLoader
from xiangqi_gpt.training.data.random_games import warmup_store
from xiangqi_gpt.training.data.score_scale import ScoreScale
from xiangqi_gpt.training.optim.objective import forward
from xiangqi_gpt.training.optim.optimizer import make_optimizers
from xiangqi_gpt.training.run.describe import largest_group, train_step
from xiangqi_gpt.training.run.starting_model import resolve_defaults, starting_model
from xiangqi_gpt.training.runtime.allocator import keep_freed_memory
from xiangqi_gpt.training.runtime.compute import choose_compute
from xiangqi_gpt.training.runtime.processes import find_device

_ALLOWED = 1.2
_WAITING = ("PASSIVE", "ACTIVE")


def make_batch(config: TrainConfig) -> Batch:
    """A batch of random games for the model of the settings."""
    with scratch_folder() as scratch:
        store = warmup_store(max(2, config.batch_plies // 100), config.seed, scratch / "tokens")
        loader = BatchLoader(store, starting_model(config).config, config, ScoreScale())
        return loader.build(largest_group(loader.epoch(np.arange(store.games), 0)))


def make_step(config: TrainConfig, batch: Batch) -> Callable[[], object]:
    """A training step on a batch; the settings name precision and optimizer."""
    model = starting_model(config)
    config = resolve_defaults(config, model.config)
    optimizers = make_optimizers(model, config)
    return lambda: train_step(model, optimizers, batch, config)


def make_evaluation(config: TrainConfig, batch: Batch) -> Callable[[], object]:
    """A forward pass over a batch, as in an evaluation."""
    model = starting_model(config).eval()

    def run() -> object:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=config.precision == "bf16"):
            return forward(model, batch)

    return run


def seconds_of(works: dict[tuple[str, int], Callable[[], object]], rounds: int) -> dict[tuple[str, int], float]:
    """Wall seconds of each piece of work, by precision and threads: the fastest of ``rounds``, taken in turn."""
    fastest = dict.fromkeys(works, float("inf"))
    for number in range(rounds + 1):  # the first warms up
        for (precision, threads), work in works.items():
            torch.set_num_threads(threads)
            begun = time.perf_counter()
            work()
            if number:
                taken = time.perf_counter() - begun
                fastest[precision, threads] = min(fastest[precision, threads], taken)
    return fastest


def show_choices(config: TrainConfig, rounds: int) -> bool:
    """The table of precisions and threads; whether every default is right."""
    chosen = choose_compute("auto", 0, find_device("cpu"))
    print(f"auto: {chosen.reason}\n")
    counts = sorted({1, max(1, usable_cores() // 2), usable_cores()})
    right = True
    for features, job in itertools.product(("full", "none"), ("adamw", "muon", "evaluation")):
        settings = replace(config, features=features, optimizer="" if job == "evaluation" else job)
        batch = make_batch(settings)
        make = make_evaluation if job == "evaluation" else make_step
        works = {
            (precision, threads): make(replace(settings, precision=precision), batch)
            for precision in ("fp32", "bf16")
            for threads in counts
        }
        seconds = seconds_of(works, rounds)
        ratio = seconds[chosen.precision, chosen.threads] / min(seconds.values())
        right &= ratio <= _ALLOWED
        verdict = "right" if ratio <= _ALLOWED else "WRONG"
        print(f"{config.preset}, features {features}, {job}: {verdict}, {ratio:.2f} × the best")
        for (precision, threads), taken in sorted(seconds.items(), key=lambda item: item[1]):
            mark = "  <- auto" if (precision, threads) == (chosen.precision, chosen.threads) else ""
            print(f"    {precision} {threads} thread(s) {len(batch.targets) / taken:9,.0f} plies/s{mark}", flush=True)
    return right


def show_waiting(config: TrainConfig, rounds: int) -> None:
    """Plies a second with OpenMP's threads sleeping or spinning, alone and beside as many busy processes as cores."""
    print(f"\n{'OMP_WAIT_POLICY':<20}{'alone':>12}{'beside work':>14}   plies/s, {usable_cores()} thread(s)")
    rates: dict[str, list[float]] = {policy: [] for policy in _WAITING}
    for busy in (0, usable_cores()):
        with _busy_processes(busy):
            for policy in _WAITING:
                command = [sys.executable, __file__, "--one-rate", "--preset", config.preset, "--rounds", str(rounds)]
                environment = os.environ | {"OMP_WAIT_POLICY": policy}
                said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
                rates[policy].append(float(said.split()[-1]))
    for policy, (alone, beside) in rates.items():
        print(f"{policy:<20}{alone:12,.0f}{beside:14,.0f}")


@contextlib.contextmanager
def _busy_processes(count: int) -> Iterator[None]:
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _one_rate(config: TrainConfig, rounds: int) -> float:
    chosen = choose_compute("auto", 0, find_device("cpu"))
    config = replace(config, precision=chosen.precision, optimizer="adamw")
    batch = make_batch(config)
    step = make_step(config, batch)
    step()
    begun = time.perf_counter()
    for _ in range(rounds):
        step()
    return len(batch.targets) * rounds / (time.perf_counter() - begun)


def main() -> int:
    """Print the tables; status 1 when a default is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--rounds", type=int, default=4, help="times that each variant is timed (default: 4)")
    parser.add_argument("--batch-plies", type=int, default=4096)
    parser.add_argument("--waiting", action="store_true", help="also compare how threads wait for each other")
    parser.add_argument("--one-rate", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if "OMP_WAIT_POLICY" not in os.environ:  # it is read when PyTorch is loaded, which is past here: begin again
        let_threads_sleep()
        os.execv(sys.executable, [sys.executable, *sys.argv])
    keep_freed_memory()
    config = TrainConfig(preset=given.preset, batch_plies=given.batch_plies)
    if given.one_rate:
        print(_one_rate(config, given.rounds))
        return 0
    print(machine_line())
    right = show_choices(config, given.rounds)
    if given.waiting:
        show_waiting(config, given.rounds)
    return 0 if right else 1


if __name__ == "__main__":
    raise SystemExit(main())
