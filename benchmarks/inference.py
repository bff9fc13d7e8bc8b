"""How fast a model is evaluated without PyTorch, and with it in the same run: the table of ``docs/inference.md``.

Run: python benchmarks/inference.py [MODEL]     (about a minute; one row: python benchmarks/inference.py --row step)

Both ways stand behind the same ``Evaluator`` and are measured in turns, A B A B, on one thread. Times are of the
processor, the least of several, so that other work on the machine counts little.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import numpy as np
import torch

from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.network import Network
from xiangqi_gpt.inference.numpy_network import NumpyNetwork
from xiangqi_gpt.inference.weights import load_weights
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.torch_network import TorchNetwork
from xiangqi_gpt.players.gpt import GptPlayer
from xiangqi_gpt.rules import Board

PLIES, GAMES, ROUNDS = 80, 256, 5

Action = Callable[[], object]


def play(network: Network, seed: int, plies: int) -> Board:
    """A game the model plays against itself with some chance."""
    player, board = GptPlayer(network, temperature=1.0, seed=seed), Board()
    while len(board.move_stack) < plies:
        board.push(player.choose(board).move)
        if board.outcome():
            board = Board()
    return board


def fastest(old: Action, new: Action, times: int) -> tuple[float, float]:
    """Milliseconds of processor time of two actions, the least of several rounds in turns."""
    found: list[list[float]] = [[], []]
    for action in (old, new):
        action()
    for _ in range(ROUNDS):
        for action, taken in zip((old, new), found, strict=True):
            start = time.process_time()
            for _ in range(times):
                action()
            taken.append(1000 * (time.process_time() - start) / times)
    return min(found[0]), min(found[1])


def row(what: str, old: float, new: float, wanted: str) -> None:
    """Print a line of the table."""
    print(f"{what:44}{old:12.2f}{new:12.2f}{old / new:8.2f} x   {wanted}", flush=True)


def step(old: Network, new: Network) -> None:
    """One policy move after 80 plies: a player is shown the game one ply on."""
    board = play(new, 0, PLIES)
    actions = []
    for network in (old, new):
        player, line = GptPlayer(network), board.copy()
        last = line.pop()
        player.choose(line)

        def forth_and_back(player: GptPlayer = player, line: Board = line, last: object = last) -> None:
            line.push(last)  # type: ignore[arg-type]
            player.choose(line)
            line.pop()
            player.choose(line)  # its last ply is read again: two steps a call

        actions.append(forth_and_back)
    row("one policy move after 80 plies, ms", *(taken / 2 for taken in fastest(*actions, 10)), "<= 2 ms")


def game(old: Network, new: Network) -> None:
    """A game of 80 plies at once: policies and values of all positions, and of the likeliest moves not played."""
    board = play(new, 1, PLIES)

    def analyse(network: Network) -> None:
        whole = Evaluator(network, source="master").evaluate_game(board.root, board.move_stack)
        whole.values_after([(i, next(iter(seen.policy))) for i, seen in enumerate(whole.positions[:-1])])

    row("a game of 80 plies at once, ms", *fastest(lambda: analyse(old), lambda: analyse(new), 2), ">= 1.5 x")


def many(old: Network, new: Network) -> None:
    """256 games at once, the next ply of each, after 80 plies or so."""
    random = np.random.default_rng(0)
    games = [play(new, seed, PLIES) for seed in range(8)]
    boards = []
    for number in range(GAMES):
        board = games[number % len(games)].copy()
        for _ in range(int(random.integers(1, 4))):
            moves = list(board.legal_moves)
            if moves:
                board.push(moves[int(random.integers(len(moves)))])
        boards.append(board if board.legal_moves else games[number % len(games)].copy())
    following = [[board.copy() for board in boards]]  # the same games, further and further on
    for _ in range(ROUNDS + 1):
        following.append([])
        for board in following[-2]:
            moves = list(board.legal_moves)
            further = board.copy()
            if moves:
                further.push(moves[int(random.integers(len(moves)))])
            following[-1].append(further)
    actions = []
    for network in (old, new):
        evaluator, rest = Evaluator(network, source="master"), iter(following)
        evaluator.evaluate_many(next(rest))
        actions.append(lambda evaluator=evaluator, rest=rest: evaluator.evaluate_many(next(rest)))
    row("256 games, a ply of each, ms", *fastest(*actions, 1), ">= 1 x")


ROWS = {f.__name__: f for f in (step, game, many)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="default")
    parser.add_argument("--row", choices=ROWS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(machine_line())
    old, new = TorchNetwork(load_model(options.model)), NumpyNetwork(load_weights(options.model))
    print(f"{'model ' + options.model + ', one thread, processor time':44}{'PyTorch':>12}{'numpy':>12}")
    for name in [options.row] if options.row else ROWS:
        ROWS[name](old, new)


if __name__ == "__main__":
    main()
