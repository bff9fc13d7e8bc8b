"""How long a model takes for one move after an 80-ply history: with its cache, and reading the game anew.

Run: python benchmarks/players.py
"""

from __future__ import annotations

import statistics
import time

import numpy as np
import torch

import xiangqi_gpt
from xiangqi_gpt.players.reader import Reader
from xiangqi_gpt.rules import Board

GAMES, PLIES, MOVES = 5, 80, 10


def _game(seed: int) -> Board:
    """A game the model plays against itself with some chance, 80 plies long."""
    random = np.random.default_rng(seed)
    player, board = xiangqi_gpt.load("default"), Board()
    while len(board.move_stack) < PLIES:
        policy = player.policy(board)
        moves = list(policy)
        weights = np.array(list(policy.values()))
        board.push(moves[int(random.choice(len(moves), p=weights / weights.sum()))])
        if board.outcome():
            board = Board()
    return board


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    model = xiangqi_gpt.load("default").model
    cached, anew = [], []
    for seed in range(GAMES):
        board = _game(seed)
        reader = Reader(model)
        reader.read(board)
        for _ in range(MOVES):
            board.push(next(iter(reader.read(board).policy)))
            if board.outcome():
                break
            start = time.perf_counter()
            reader.read(board)
            cached.append(time.perf_counter() - start)
            start = time.perf_counter()
            Reader(model).read(board)
            anew.append(time.perf_counter() - start)
    print(f"one move after {PLIES} plies or more, one thread, {len(cached)} moves")
    print(f"{'':24}{'median ms':>12}{'95 % ms':>12}")
    for name, times in (("with the cache", cached), ("reading the game anew", anew)):
        ms = [1000 * t for t in times]
        print(f"{name:24}{statistics.median(ms):12.1f}{float(np.quantile(ms, 0.95)):12.1f}")


if __name__ == "__main__":
    main()
