"""What scores of reviews are worth in games of people: the logistic of ``analysis/judges.py``, fitted to results.

One position of each game, drawn by a seed, is scored by the search for material. Win = s((cp - margin) / scale) and
loss = s((-cp - margin) / scale) are then fitted to how the games ended, by likelihood on a grid.

Run: python benchmarks/win_chances.py GAMES.parquet [--kind online] [--games 1500]     (a minute)
"""

from __future__ import annotations

import argparse
import random

import duckdb
import numpy as np
import numpy.typing as npt

from xiangqi_gpt.analysis.material_search import MaterialSearch
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.rules import RED, Board, Move

NODES = 20_000
MOST_CP = 3_000
FIRST_PLY = 16
RESULTS = {"1-0": 1, "0-1": -1, "1/2-1/2": 0}
#: Sources that left out draws.
PARTIAL = ("Chinese_Chess_Codes", "MRXqOpeningBook")
Floats = npt.NDArray[np.float64]


def positions(corpus: str, kind: str, count: int, seed: int) -> tuple[Floats, Floats]:
    """Scores for the side to move, and its results (1, 0, -1)."""
    rows = duckdb.sql(
        "select moves, result from read_parquet($path) where kind = $kind and plies between 40 and 200"
        " and not coalesce(truncated, false) and not coalesce(prefix_of_other, false)"
        " and not regexp_matches(source, $partial) order by moves",
        params={"path": corpus, "kind": kind, "partial": "|".join(PARTIAL)},
    ).fetchall()
    draw, search, found = random.Random(seed), MaterialSearch(), []
    known = [row for row in rows if row[1] in RESULTS]
    for text, result in draw.sample(known, min(count, len(known))):
        moves, board = text.split(), Board()
        for move in moves[: draw.randrange(FIRST_PLY, len(moves) - 2)]:
            board.push(Move.from_uci(move))
        if board.outcome() is None:
            cp = search.search(board, NODES).cp
            found.append((max(-MOST_CP, min(MOST_CP, cp)), RESULTS[result] * (1 if board.turn == RED else -1)))
    scores, results = np.array(found, float).T
    return scores, results


def error(scores: Floats, results: Floats, margin: float, scale: float) -> float:
    """Nats a position."""
    win, loss = (1 / (1 + np.exp((margin - sign * scores) / scale)) for sign in (1, -1))
    draw = np.maximum(1 - win - loss, 1e-6)
    return float(-np.log(np.where(results > 0, win, np.where(results < 0, loss, draw))).mean())


def main() -> None:
    """Print the fit, and what was scored by score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--kind", default="online")
    parser.add_argument("--games", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print(machine_line())
    scores, results = positions(options.corpus, options.kind, options.games, options.seed)
    least, margin, scale = min(
        (error(scores, results, margin, scale), margin, scale)
        for margin in range(0, 600, 20)
        for scale in range(100, 1000, 25)
    )
    print(f"{len(scores)} positions ({options.kind}): margin {margin}, scale {scale}, {least:.3f} nats")
    for low in range(-1000, 1000, 200):
        inside = (scores >= low) & (scores < low + 200)
        if inside.any():
            print(
                f"{low:>6} to {low + 200:<5}{inside.sum():>5} positions, scored {(results[inside] + 1).mean() / 2:.3f}"
            )


if __name__ == "__main__":
    main()
