"""What labelling costs above the engine's own time: the labeller against the same engine fed from a prepared text.

    python benchmarks/label.py [--games 40] [--nodes 100 1000]

Needs Debian's fairy-stockfish. Both ask for the same positions of random games in the same order.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from contextlib import closing

import numpy as np

from xiangqi_gpt.arena.datagen.label import Labeller
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players.engine_process import find_program
from xiangqi_gpt.rules import MOVES, START_FEN, Board

PROGRAM = "fairy-stockfish"


def random_games(count: int, plies: int = 60) -> list[list[int]]:
    """Games of random moves, as move numbers."""
    generator = np.random.default_rng(0)
    games = []
    for _ in range(count):
        board = Board()
        for _ in range(plies):
            moves = list(board.legal_moves)
            if not moves:
                break
            board.push(moves[generator.integers(len(moves))])
        games.append([move.index for move in board.move_stack])
    return games


def engine_alone(games: list[list[int]], nodes: int) -> float:
    """Seconds of the engine for all positions, its input prepared before."""
    lines = ["uci", "setoption name UCI_Variant value xiangqi", "isready"]
    for game in games:
        board = Board()
        lines.append("ucinewgame")
        for index in game:
            lines += [f"position fen {board.fen()}", f"go nodes {nodes}"]
            board.push(MOVES[index])
    lines.append("quit")
    start = time.perf_counter()
    done = subprocess.run([find_program(PROGRAM)], input="\n".join(lines) + "\n", capture_output=True, text=True)
    seconds = time.perf_counter() - start
    assert done.stdout.count("bestmove") >= sum(map(len, games)) - 1
    return seconds


def labelled(games: list[list[int]], nodes: int) -> float:
    """Seconds of the labeller for all positions."""
    with closing(Labeller(f"uci:{PROGRAM},nodes={nodes}")) as labeller:
        labeller.label(START_FEN, 0, games[0][:3])
        start = time.perf_counter()
        for game in games:
            labeller.label(START_FEN, 0, game)
        return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=40)
    parser.add_argument("--nodes", type=int, nargs="+", default=[100, 1000])
    options = parser.parse_args()
    print(machine_line())
    games = random_games(options.games)
    positions = sum(map(len, games))
    print(f"{positions:,} positions, one engine, milliseconds a position")
    print(f"{'nodes':>8}{'engine alone':>16}{'records label':>16}{'added':>10}{'positions/s':>14}")
    for nodes in options.nodes:
        alone, ours = engine_alone(games, nodes), labelled(games, nodes)
        each = [1000 * seconds / positions for seconds in (alone, ours, ours - alone)]
        print(f"{nodes:8}{each[0]:16.3f}{each[1]:16.3f}{each[2]:10.3f}{positions / ours:14.0f}")


if __name__ == "__main__":
    main()
