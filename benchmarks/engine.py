"""How fast the engine answers other programs, beside Fairy-Stockfish; and what our own player for engines adds.

Run: python benchmarks/engine.py [--engine fairy-stockfish]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import IO

import numpy as np

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import ExternalPlayer, SearchLimit
from xiangqi_gpt.players.dialects import write_move
from xiangqi_gpt.players.engine_process import find_program
from xiangqi_gpt.rules import START_FEN, Board

STOPS, MOVES, THINK = 30, 200, 0.15
OURS = [sys.executable, "-m", "xiangqi_gpt", "engine"]


class Pipe:
    """A UCI engine and a stopwatch."""

    def __init__(self, command: Sequence[str]) -> None:
        self.start = time.perf_counter()
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin and self._process.stdout
        self._in: IO[bytes] = self._process.stdin
        self._out: IO[bytes] = self._process.stdout

    def say(self, *lines: str) -> None:
        """Send lines."""
        self._in.write("".join(line + "\n" for line in lines).encode())
        self._in.flush()

    def ask(self, line: str, answer: str) -> float:
        """Milliseconds from a line to the line that begins with its answer."""
        start = time.perf_counter()
        self.say(line)
        while not self._out.readline().startswith(answer.encode()):
            pass
        return 1000 * (time.perf_counter() - start)

    def close(self) -> None:
        """End the engine."""
        self.say("quit")
        self._process.wait()


def measure(command: Sequence[str], setup: str) -> list[float]:
    """Milliseconds: start to uciok, isready, isready while thinking and stop (median and 95 % each)."""
    pipe = Pipe(command)
    pipe.ask("uci", "uciok")
    greeting = 1000 * (time.perf_counter() - pipe.start)
    pipe.say(*filter(None, [setup]))
    loading = pipe.ask("isready", "readyok")
    ready, stops = [], []
    for _ in range(STOPS):
        pipe.say("position startpos", "go infinite")
        time.sleep(THINK)
        ready.append(pipe.ask("isready", "readyok"))
        stops.append(pipe.ask("stop", "bestmove"))
    pipe.close()
    return [greeting, loading, *_spread(ready), *_spread(stops)]


def _spread(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), float(np.quantile(times, 0.95))


def overhead(program: str) -> tuple[float, float]:
    """Milliseconds of a move at 100 nodes after 80 plies: over a bare pipe and through ``ExternalPlayer``."""
    random, board = np.random.default_rng(0), Board()
    while len(board.move_stack) < 80:
        moves = list(board.legal_moves)
        board.push(moves[int(random.integers(len(moves)))])
        if board.outcome():
            board = Board()
    variant = "setoption name UCI_Variant value xiangqi"
    position = f"position fen {START_FEN} moves {' '.join(write_move(move, 1) for move in board.move_stack)}"
    pipe = Pipe([find_program(program)])
    pipe.ask(f"uci\n{variant}\nisready", "readyok")
    player = ExternalPlayer("uci", program, SearchLimit(nodes=100), processes=1)

    def bare() -> None:
        pipe.ask("ucinewgame\nisready", "readyok")
        pipe.ask(f"{position}\ngo nodes 100", "bestmove")

    times: tuple[list[float], list[float]] = ([], [])
    ways: tuple[Callable[[], object], ...] = (bare, lambda: player.choose(board))
    for _ in range(MOVES):  # in turns, so that both meet the same machine
        for way, found in zip(ways, times, strict=True):
            start = time.perf_counter()
            way()
            found.append(1000 * (time.perf_counter() - start))
    pipe.close()
    player.close()
    return statistics.median(times[0]), statistics.median(times[1])


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="fairy-stockfish", help="the UCI engine to compare with")
    program = parser.parse_args().engine
    print(machine_line())
    print(f"milliseconds, {STOPS} searches of {THINK} s each; median and 95 %")
    print(f"{'':18}{'start to uciok':>16}{'isready':>10}{'isready, thinking':>20}{'stop to bestmove':>20}")
    peers = {
        "ours": (OURS, ""),
        "ours, --nodes 0": ([*OURS, "--nodes", "0"], ""),
        program: ([find_program(program)], "setoption name UCI_Variant value xiangqi"),
    }
    for name, (command, setup) in peers.items():
        greeting, loading, ready, ready_95, stop, stop_95 = measure(command, setup)
        spread = [f"{a:.1f} {b:.1f}" for a, b in ((ready, ready_95), (stop, stop_95))]
        print(f"{name:18}{greeting:>16.0f}{loading:>10.0f}{spread[0]:>20}{spread[1]:>20}")
    bare, ours = overhead(program)
    print(f"\n{program}, 100 nodes after 80 plies, {MOVES} moves, median ms: bare {bare:.2f}, our player {ours:.2f}")


if __name__ == "__main__":
    main()
