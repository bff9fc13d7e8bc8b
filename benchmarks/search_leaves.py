"""How fast a search evaluates its leaves: PyTorch, numpy's products and own kernels, in turns in one run.

Run: python benchmarks/search_leaves.py [MODEL] [--nodes N] [--rounds N]        (a minute or two)

Speeds are of processor time, the best of the rounds, so that other work on the machine counts little; wall time stands
beside them. The table begins with the way before: PyTorch, one batch under way at a time.
"""

from __future__ import annotations

import argparse
import os
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from unittest import mock

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import torch
from players import game

from xiangqi_gpt.inference.leaf_network import LeafNetwork
from xiangqi_gpt.inference.leaves import Arena, Leaves
from xiangqi_gpt.inference.weights import load_weights
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.players import search
from xiangqi_gpt.players.player import SearchLimit
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.players.torch_leaf_network import TorchLeafNetwork
from xiangqi_gpt.rules import Board


@dataclass
class Way:
    """A way to evaluate leaves, and what it took: seconds of processor and wall for so many nodes and leaves."""

    name: str
    network: object
    threads: int = 1
    is_before: bool = False  # one batch at a time, twice as large a share of the visits
    runs: list[tuple[float, float, int, int]] = field(default_factory=list)

    @contextmanager
    def player(self, model: str, nodes: int):
        """A player that searches this way."""
        with (
            mock.patch.object(search, "_LANES", 1 if self.is_before else 2),
            mock.patch.object(search, "_VISITS_A_LEAF", 16 if self.is_before else 32),
            mock.patch.object(search, "leaf_network", lambda _: self.network),
            closing(SearchPlayer.load(model, limit=SearchLimit(nodes=nodes), threads=self.threads)) as player,
        ):
            yield player

    def run(self, player: SearchPlayer, board: Board) -> None:
        """Search once, from nothing but the game."""
        player.forget()
        player.policy(board)
        leaves = player.leaves_evaluated
        processor, wall = time.process_time(), time.perf_counter()
        decision = player.choose(board)
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
        self.runs.append((processor, wall, decision.nodes, player.leaves_evaluated - leaves))


def captured_leaves(model: str, network: TorchLeafNetwork, board: Board, nodes: int) -> tuple[list[Leaves], np.ndarray]:
    """The leaves of a search of the way before, batch by batch, and the keys and values of the game."""
    batches: list[Leaves] = []
    evaluate = network.evaluate

    def record(groups, arena):
        batches.extend(groups)
        return evaluate(groups, arena)

    with (
        Way("", network, is_before=True).player(model, nodes) as player,
        mock.patch.object(network, "evaluate", record),
    ):
        player.choose(board)
        kv = np.array(player._evaluator.cached_game(board))
    return batches, kv


def worst_errors(
    ours: LeafNetwork, theirs: TorchLeafNetwork, batches: list[Leaves], kv: np.ndarray
) -> tuple[float, ...]:
    """The largest differences in logits, values, and keys and values, and the share of equal first choices."""
    worst, equal, total = np.zeros(3), 0, 0
    arenas = [Arena(network.config, 256) for network in (ours, theirs)]
    histories = [ours.open_game(kv), theirs.open_game(kv)]
    for leaves in batches:
        found = []
        for network, arena, history in zip((ours, theirs), arenas, histories, strict=True):
            leaves.history = history
            found.append(network.evaluate([leaves], arena)[0])
        width = found[1].moves.shape[1]
        legal = found[1].moves >= 0
        assert (found[0].moves[:, :width] == found[1].moves).all()
        logits, slots = [one.logits[:, :width] for one in found], leaves.kv_slots
        worst[0] = max(worst[0], np.abs(logits[0][legal] - logits[1][legal]).max())
        worst[1] = max(worst[1], np.abs(found[0].wdl - found[1].wdl).max())
        worst[2] = max(worst[2], np.abs(arenas[0].store[slots] - arenas[1].store[slots]).max())
        equal += int((logits[0].argmax(1) == logits[1].argmax(1)).sum())
        total += len(leaves)
    return (*worst, equal / total)


def microseconds(network, batches: list[Leaves], kv: np.ndarray, rounds: int) -> float:
    """Processor time a leaf in batches of 32, the mean of the best of each batch."""
    arena, history = Arena(network.config, 256), network.open_game(kv)
    full = [leaves for leaves in batches if len(leaves) == 32][:12]
    best = [np.inf] * len(full)
    for _ in range(rounds):
        for i, leaves in enumerate(full):
            leaves.history = history
            start = time.thread_time()
            network.evaluate([leaves], arena)
            best[i] = min(best[i], time.thread_time() - start)
    return 1e6 * float(np.mean(best)) / 32


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="default")
    parser.add_argument("--nodes", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(machine_line())
    weights, board = load_weights(options.model), game(0, options.model)
    by_torch = TorchLeafNetwork(load_model(options.model))
    networks = {
        "PyTorch": by_torch,
        "numpy's products": LeafNetwork(weights, own_kernels=False),
        "own kernels": LeafNetwork(weights),
    }
    batches, kv = captured_leaves(options.model, by_torch, board, options.nodes)
    print(f"model {options.model}, {len(board.move_stack)} plies of history\n")
    print(f"{'a batch of 32 leaves':24}{'us a leaf':>10}  errors against PyTorch; first choices that are equal")
    for name, network in networks.items():
        taken, errors = microseconds(network, batches, kv, 4 * options.rounds), ""
        if network is not by_torch:
            logits, wdl, keys, equal = worst_errors(network, by_torch, batches, kv)
            errors = f"logits {logits:.1e}, wdl {wdl:.1e}, keys and values {keys:.1e}; {equal:.2%}"
        print(f"{name:24}{taken:10.0f}  {errors}", flush=True)
    ways = [
        Way("PyTorch, as before", by_torch, is_before=True),
        Way("numpy's products", networks["numpy's products"]),
        Way("own kernels", networks["own kernels"]),
        Way("own kernels, 2 threads", networks["own kernels"], 2),
    ]
    for _ in range(options.rounds):
        for way in ways:
            with way.player(options.model, options.nodes) as player:
                way.run(player, board)
    what = f"a search of {options.nodes} nodes"
    print(f"\n{what:24}{'leaves':>8}{'nodes a':>12}{'ratio':>8}{'nodes a':>12}{'ratio':>8}")
    print(f"{'':24}{'':8}{'processor s':>12}{'':8}{'wall s':>12}")
    first: list[float] = []
    for way in ways:
        rates = [max(run[2] / run[i] for run in way.runs) for i in (0, 1)]
        first = first or rates
        ratios = [rate / one for rate, one in zip(rates, first, strict=True)]
        found = "".join(f"{rate:12,.0f}{ratio:8.2f}" for rate, ratio in zip(rates, ratios, strict=True))
        print(f"{way.name:24}{way.runs[0][3]:8}{found}", flush=True)


if __name__ == "__main__":
    main()
