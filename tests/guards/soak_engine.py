"""Talks with the engine for minutes or a day, as a program would that plays games with it, and watches its memory.

    python tests/guards/soak_engine.py --minutes 30 [--protocol uci] [--model default] [--growth 20] [--seed 1]

Games are played by the engine against random moves; between the moves it is asked to stop, to ponder, to change options
and what it does not understand. ``--minutes 1440`` is a day. Prints a line a minute; exit status 1 when an answer does
not come, a move is illegal, or the process has taken more than ``--growth`` megabytes since the end of its third game.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.rules import Board, Move

_WARM_GAMES = 3
_NOISE = ("isready", "hello", "position fen x", "setoption name MultiPV value 2", "setoption name Hash value 8")
_MOST_PLIES = 120


class Engine:
    """The engine in a process of its own."""

    def __init__(self, protocol: str, model: str) -> None:
        words = [sys.executable, "-m", "xiangqi_gpt", "engine", "--model", model]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.send(protocol)
        self.until(f"{protocol}ok")

    def send(self, line: str) -> None:
        """Say a line to it."""
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)

    def until(self, word: str) -> str:
        """Its first line that begins with a word. Raises ``EOFError`` when it ends instead."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(word):
                return line.strip()
        raise EOFError(f"the engine ended with status {self._process.wait()}")

    @property
    def memory(self) -> float:
        """Megabytes it has in memory."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6

    def close(self) -> None:
        """End it."""
        self.send("quit")
        self._process.wait()


def play(engine: Engine, chance: random.Random) -> int:
    """One game; returns the moves the engine chose."""
    board, moves = Board(), 0
    while board.outcome() is None and len(board.move_stack) < _MOST_PLIES:
        if len(board.move_stack) % 2 == 0:
            board.push(chance.choice(list(board.legal_moves)))
            continue
        while chance.random() < 0.3:
            engine.send(chance.choice(_NOISE))
        engine.send(f"position startpos moves {' '.join(map(str, board.move_stack))}")
        if chance.random() < 0.2:
            engine.send("go infinite")
            time.sleep(chance.random() / 10)
            engine.send("stop")
        else:
            engine.send(f"go nodes {chance.choice((1, 50, 200))}")
        board.push(Move.from_iccs(engine.until("bestmove").split()[1]))  # raises for one that is not legal
        moves += 1
    return moves


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--protocol", choices=("uci", "ucci"), default="uci")
    parser.add_argument("--model", default="default")
    parser.add_argument("--growth", type=float, default=20.0, help="megabytes")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(machine_line())
    chance, engine = random.Random(options.seed), Engine(options.protocol, options.model)
    start = said = time.monotonic()
    games = moves = 0
    first = 0.0
    while games <= _WARM_GAMES or time.monotonic() - start < 60 * options.minutes:
        moves += play(engine, chance)
        games += 1
        if games == _WARM_GAMES:
            first = engine.memory
        if time.monotonic() - said >= 60:
            said = time.monotonic()
            print(
                f"{(said - start) / 60:6.1f} min  {engine.memory:6.1f} MB  {games} games, {moves:,} moves", flush=True
            )
    grown = engine.memory - first
    engine.close()
    print(f"{games} games, {moves:,} moves: {grown:+.1f} MB since the third game")
    return int(grown > options.growth)


if __name__ == "__main__":
    sys.exit(main())
