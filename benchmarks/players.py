"""How fast the players are, with each peer in the same run: the speed table of ``docs/search.md``.

Run: python benchmarks/players.py [MODEL]     (a few minutes; one row: python benchmarks/players.py --row search)
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

import xiangqi_gpt
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.players.gpt import GptPlayer
from xiangqi_gpt.players.networks import load_network
from xiangqi_gpt.players.player import SearchLimit
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.rules import Board

PLIES, GAMES = 80, 5


def game(seed: int, model: str) -> Board:
    """A game the model plays against itself with some chance, 80 plies long."""
    random = np.random.default_rng(seed)
    player, board = xiangqi_gpt.load(model), Board()
    while len(board.move_stack) < PLIES:
        policy = player.policy(board)
        board.push(list(policy)[int(random.choice(len(policy), p=_shares(policy)))])
        if board.outcome():
            board = Board()
    return board


def _shares(policy: dict[object, float]) -> np.ndarray:
    weights = np.array(list(policy.values()))
    return weights / weights.sum()


def milliseconds(action: Callable[[], object], times: int) -> float:
    """Median duration."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return 1000 * statistics.median(taken)


def row(what: str, found: str, wanted: str, peer: str = "") -> None:
    """Print a line of the table."""
    print(f"{what:44}{found:>22}  {wanted:26}{peer}", flush=True)


def spell_and_rerun(board: Board, model: Gpt) -> float:
    """Seconds for one move as the original recipe had it: each legal move spelled, the whole history run for each.

    The model has the recipe's shape (GPT-2's body, four characters a move) and untrained weights.
    """
    tokenizer = model.config.tokenizer
    control = torch.zeros(1, 2, dtype=torch.long)
    start = time.perf_counter()
    with torch.inference_mode():
        for move in board.legal_moves:
            played = np.array([*(m.index for m in board.move_stack), move.index])
            tokens = np.concatenate(([tokenizer.starts[0]], tokenizer.encode(played)))[:-1]
            logs = model.policy_logits(model(torch.from_numpy(tokens)[None], control)).log_softmax(-1)
            float(logs[0, -tokenizer.tokens_per_move :].max(-1).values.sum())
    return time.perf_counter() - start


def one_move(model: str) -> None:
    """A policy move on one core, the next ply of a game."""
    torch.set_num_threads(1)
    taken, anew = [], []
    for seed in range(GAMES):
        board, player = game(seed, model), xiangqi_gpt.load(model)
        player.choose(board)
        for _ in range(10):
            board.push(player.choose(board).move)
            if board.outcome():
                break
            taken.append(milliseconds(lambda board=board, player=player: player.choose(board), 1))
            anew.append(milliseconds(lambda board=board, player=player: Evaluator(player.model).evaluate(board), 1))
    peer = 1000 * min(spell_and_rerun(game(0, model), Gpt(PRESETS["characters"]).eval()) for _ in range(2))
    best = statistics.median(taken)
    row(
        "one move, policy, one core, ms",
        f"{best:.1f}",
        "≤ 5, ≥ 200 × the recipe's",
        f"recipe's {peer:,.0f}: {peer / best:,.0f} ×",
    )
    row("  the game read anew, ms", f"{statistics.median(anew):.1f}", "")


def replies(model: str) -> None:
    """The values of all legal replies."""
    torch.set_num_threads(1)
    board, player = game(0, model), xiangqi_gpt.load(model)
    player.reply_values(board)
    found = milliseconds(lambda: player.reply_values(board), 20)
    row(f"values of {len(board.legal_moves)} replies in one pass, one core, ms", f"{found:.1f}", "≤ 15")


def search(model: str) -> None:
    """Nodes and leaves a second, and a leaf read with its whole line each time."""
    board = game(0, model)
    rates = {}
    for threads in (1, 2):
        player = SearchPlayer.load(model, limit=SearchLimit(nodes=5000), threads=threads)
        player.choose(board, SearchLimit(nodes=200))
        found = []
        for _ in range(3):
            player.forget()
            before = player.leaves_evaluated
            decision = player.choose(board)
            leaves = player.leaves_evaluated - before
            found.append((leaves / decision.seconds, decision.nodes / decision.seconds))
        rates[threads] = max(found)
        player.close()
    plain, line = load_network(model), board.copy()
    for move in decision.variation[:4]:
        line.push(move)
    peer = 1000 / milliseconds(lambda: Evaluator(plain).evaluate(line), 10)
    row("search, one core, leaves (nodes) a second", "{:,.0f} ({:,.0f})".format(*rates[1]), "")
    wanted = "≥ 2,500, ≥ 10 × re-reading"
    row(
        "search, two cores, leaves (nodes) a second",
        "{:,.0f} ({:,.0f})".format(*rates[2]),
        wanted,
        f"re-reading {peer:,.0f}: {rates[2][0] / peer:.0f} ×",
    )


def many(model: str) -> None:
    """256 games at once, the next ply of each, two cores."""
    torch.set_num_threads(2)
    boards = [game(seed, model) for seed in range(8)]
    boards = [board.copy() for _ in range(32) for board in boards]
    player, random = GptPlayer(load_network(model), temperature=1.0, seed=0), np.random.default_rng(0)
    for board in boards:
        for _ in range(int(random.integers(3))):
            board.push(list(board.legal_moves)[int(random.integers(len(board.legal_moves)))])
    boards = [board for board in boards if not board.outcome()]
    taken = []
    for _ in range(6):
        start = time.perf_counter()
        decisions = player.choose_many(boards)
        taken.append((time.perf_counter() - start) / len(boards))
        for board, decision in zip(boards, decisions, strict=True):
            board.push(decision.move)
        boards = [board for board in boards if not board.outcome()]
    row("256 games at once, policy, moves a second", f"{1 / min(taken[1:]):,.0f}", "≥ 3,000")


def start(model: str) -> None:
    """From a new process to its first move."""
    code = f"import xiangqi_gpt; from xiangqi_gpt.rules import Board; xiangqi_gpt.load({model!r}).choose(Board())"
    found = milliseconds(lambda: subprocess.run([sys.executable, "-c", code], check=True), 3) / 1000
    row("process start to first move, s", f"{found:.1f}", "≤ 3")


def memory(model: str) -> None:
    """What a search of 10,000 positions adds to the process."""
    board, weights = game(0, model), load_network(model)
    player = SearchPlayer(weights, limit=SearchLimit(nodes=10_000), threads=1)
    player.choose(board, SearchLimit(nodes=200))
    player.forget()
    before = _resident()
    decision = player.choose(board)
    row(f"memory of {decision.nodes:,} nodes, MB", f"{_resident() - before:.0f}", "≤ 200")


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


ROWS = {f.__name__: f for f in (one_move, replies, search, many, start, memory)}


def main() -> None:
    """Print the table; each row in a process of its own, so that none changes the next."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="default")
    parser.add_argument("--row", choices=ROWS)
    options = parser.parse_args()
    print(machine_line())
    if options.row:
        ROWS[options.row](options.model)
        return
    print(f"model {options.model}, {PLIES} plies of history")
    row("", "found", "must reach", "peer")
    for name in ROWS:
        subprocess.run([sys.executable, __file__, options.model, "--row", name], check=True)


if __name__ == "__main__":
    main()
