"""What a constant of the search changes in single positions, far cheaper than by games: paired with today's search.

Every search looks at the same positions of a labelled corpus at equal nodes. The share of positions in which it plays
the engine's best move says less than a match (an engine's taste is no strength), but its error is small: the search
without the change is asked about the same positions. Processor time is counted beside it.

Run: python benchmarks/search_constants.py labels.parquet --positions 300 --nodes 100 quiescence=checks root_cpuct=2.2
"""

from __future__ import annotations

import argparse
import math
import time
from contextlib import closing
from itertools import islice

import numpy as np

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import load_player
from xiangqi_gpt.records import read_games
from xiangqi_gpt.rules import Board, Move

FIRST_PLY, LEAST_SCORE = 16, 600
AT_ONCE = 50


def positions(path: str, count: int, seed: int) -> list[tuple[Board, Move]]:
    """One position a game, with the engine's move, that is neither decided nor in the opening."""
    random = np.random.default_rng(seed)
    found = []
    for game in islice(read_games(path), 2 * count):
        if (labels := game.labels) is None:
            continue
        plies = [
            labels.first + i
            for i, (best, cp) in enumerate(zip(labels.best, labels.cp, strict=True))
            if best is not None and cp is not None and abs(cp) < LEAST_SCORE and labels.first + i >= FIRST_PLY
        ]
        if plies:
            ply = int(random.choice(plies))
            best = labels.best[ply - labels.first]
            board = game.board(ply)
            if best is not None and len(board.legal_moves) > 1 and not board.outcome():
                found.append((board, best))
    return [found[i] for i in np.sort(random.permutation(len(found))[:count])]


def agreement(spec: str, asked: list[tuple[Board, Move]]) -> tuple[np.ndarray, float, int]:
    """(N,) whether each choice is the engine's, processor seconds, and nodes."""
    agrees, seconds, nodes = [], 0.0, 0
    with closing(load_player(spec, seed=1)) as player:
        player.choose_many([asked[0][0]])  # what is slow the first time
        for first in range(0, len(asked), AT_ONCE):
            group = asked[first : first + AT_ONCE]
            player.forget()  # type: ignore[attr-defined]
            start = time.process_time()
            decisions = player.choose_many([board for board, _ in group])
            seconds += time.process_time() - start
            nodes += sum(decision.nodes for decision in decisions)
            agrees += [decision.move == best for decision, (_, best) in zip(decisions, group, strict=True)]
    return np.array(agrees, float), seconds, nodes


def main() -> None:
    """Print a row for the search without a change and one for each change."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", help="a corpus with an engine's labels")
    parser.add_argument("changes", nargs="+", help="options of search:, such as root_cpuct=2.2 or a,b together")
    parser.add_argument("--model", default="default")
    parser.add_argument("--positions", type=int, default=300)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    asked = positions(options.corpus, options.positions, options.seed)
    print(f"{machine_line()}; {len(asked)} positions, {options.nodes} nodes", flush=True)
    print("| Change | engine's move | difference, 95 % | changed for better, worse | processor time a node |")
    print("|---|---|---|---|---|", flush=True)
    usual, usual_cost = None, 1.0
    for change in ("", *options.changes):
        spec = f"search:{options.model},nodes={options.nodes}{',' if change else ''}{change}"
        agrees, seconds, nodes = agreement(spec, asked)
        if usual is None:
            usual, usual_cost = agrees, seconds / nodes
            print(f"| none | {agrees.mean():.1%} | | | 1 ({1e6 * usual_cost:.0f} µs) |", flush=True)
            continue
        difference = agrees - usual
        error = 1.96 * difference.std(ddof=1) / math.sqrt(len(difference))
        better, worse = int((difference > 0).sum()), int((difference < 0).sum())
        print(
            f"| `{change}` | {agrees.mean():.1%} | {100 * difference.mean():+.1f} ± {100 * error:.1f} points "
            f"| {better}, {worse} | {seconds / nodes / usual_cost:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
