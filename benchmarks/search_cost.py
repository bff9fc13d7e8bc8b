"""What a setting of the search costs: processor time a node, in turns with the default, on the positions of the bench.

Run: python benchmarks/search_cost.py quiescence=checks in_flight=visit [--nodes 400] [--rounds 5]
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack, closing
from statistics import median

from xiangqi_gpt.commands.bench import bench_positions
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import SearchLimit
from xiangqi_gpt.players.bench import run_bench
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.players.spec import load_player


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="processor time a node of settings of the search")
    parser.add_argument("settings", nargs="+", help="options of a search, with commas between those that go together")
    parser.add_argument("--nodes", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    boards = bench_positions()
    with ExitStack() as stack:
        players: dict[str, SearchPlayer] = {}
        for setting in ("", *options.settings):
            spec = f"search:default,nodes={options.nodes}" + (f",{setting}" if setting else "")
            player = stack.enter_context(closing(load_player(spec)))
            assert isinstance(player, SearchPlayer)
            player.choose(boards[0], SearchLimit(nodes=64))  # what is slow the first time
            players[setting or "the default"] = player
        reports = {name: [run_bench(player, boards)] for name, player in players.items()}
        for _ in range(options.rounds - 1):
            for name, player in players.items():
                reports[name].append(run_bench(player, boards))
    print(machine_line())
    usual = [report.processor_seconds / report.nodes for report in reports["the default"]]
    for name, found in reports.items():
        costs = [report.processor_seconds / report.nodes for report in found]
        ratio = median(cost / other for cost, other in zip(costs, usual, strict=True))
        print(f"{name:50}{1e6 * median(costs):7.0f} µs a node, x {ratio:.3f}  signature {found[0].signature}")


if __name__ == "__main__":
    main()
