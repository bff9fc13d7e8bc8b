"""Games a model plays against itself, what the rules cost of it, and what it costs to drive an engine.

Run: python benchmarks/arena.py [--games 1000] [--model default] [--workers 2]

Peers in the same run: the same model asked about one board at a time, and by PyTorch; cchess (PyPI) making random
moves; and the same engine fed by a bare pipe.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

import numpy as np

from xiangqi_gpt.arena import draw_openings, play_match
from xiangqi_gpt.arena.tournament.match_plan import plan_match
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import RandomPlayer, load_player
from xiangqi_gpt.players.dialects import write_move
from xiangqi_gpt.players.engine_process import EngineError, find_program
from xiangqi_gpt.players.networks import load_network
from xiangqi_gpt.rules import Board

ENGINE_MOVES = 300


def _family_mib() -> float:
    """Memory of this process and its children, shared pages divided among those that share them."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
    family = {os.getpid()}
    while new := {child for child, parent in parents.items() if parent in family} - family:
        family |= new
    return sum(map(_mib, family))


def _mib(process: int) -> float:
    try:  # the kernel walks every page for this: only for processes of ours
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@contextmanager
def _peak() -> Iterator[list[float]]:
    """Most memory in MiB while the block runs."""
    most, stop = [0.0], threading.Event()

    def watch() -> None:
        while not stop.wait(2.0):
            most[0] = max(most[0], _family_mib())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield most
    stop.set()
    thread.join()


def _model_games(model: str, games: int, workers: int, concurrency: int) -> tuple[float, float, float]:
    """Plies a second of a model against itself, and a processor second, and MiB; start and loading included."""
    plan = plan_match([f"gpt:{model}", f"gpt:{model}"], games=games, seed=1, concurrency=concurrency)
    before = _processor_seconds()
    with tempfile.TemporaryDirectory() as folder, _peak() as most, plan.open(f"{folder}/games.pgn") as file:
        standings = plan.play(file, workers=workers)
    return standings.plies / standings.seconds, standings.plies / (_processor_seconds() - before), most[0]


def _processor_seconds() -> float:
    """Of this process and of those of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peer_games(model: str, games: int) -> tuple[float, float]:
    """Plies a processor second of the same games in one process: by PyTorch, and without it."""
    import torch

    from xiangqi_gpt.model.checkpoint import load_model
    from xiangqi_gpt.model.torch_network import TorchNetwork

    torch.set_num_threads(1)
    found = []
    for load in (lambda folder, device: TorchNetwork(load_model(folder)), load_network):
        with mock.patch("xiangqi_gpt.players.gpt.load_network", load):
            found.append(_model_games(model, games, 1, 128)[1])
    return found[0], found[1]


def _random_games(games: int) -> float:
    report = play_match(RandomPlayer(1), RandomPlayer(2), draw_openings(games, 1), games=games, max_plies=120)
    return report.plies_per_second


def _cchess_games(games: int) -> float | None:
    """Plies a second of random moves with cchess, which makes and checks them, mate included."""
    try:
        import cchess
    except ImportError:
        return None
    random = np.random.default_rng(1)
    plies, start = 0, time.perf_counter()
    for _ in range(games):
        board = cchess.ChessBoard(cchess.FULL_INIT_FEN)
        for _ in range(120):
            moves = [m for m in board.create_moves() if board.is_valid_move(*m) and not board.is_checked_move(*m)]
            if not moves:
                break
            board.move(*moves[int(random.integers(len(moves)))])
            board.next_turn()
            plies += 1
    return plies / (time.perf_counter() - start)


class _BarePipe:
    """Fairy-Stockfish with nothing around it: the engine's own time."""

    def __init__(self) -> None:
        program = find_program("fairy-stockfish")
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._say("uci", "uciok")
        self._say("setoption name UCI_Variant value xiangqi\nisready", "readyok")

    def _say(self, text: str, until: str) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{text}\n".encode())
        self._process.stdin.flush()
        while not self._process.stdout.readline().startswith(until.encode()):
            pass

    def move(self, board: Board) -> None:
        """What our player asks, and nothing of the answer is read."""
        fen = Board.from_position(board.root).fen()
        moves = " ".join(write_move(move, 1) for move in board.move_stack)
        self._say("ucinewgame\nisready", "readyok")
        self._say(f"position fen {fen} moves {moves}\ngo nodes 100", "bestmove")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def _engine_overhead() -> tuple[float, float] | None:
    """Milliseconds a move of ``fairy-stockfish`` at 100 nodes: by our player, and by a bare pipe; medians."""
    try:
        bare = _BarePipe()
    except EngineError:
        return None
    ours, raw = [], []
    player = load_player("uci:fairy-stockfish,nodes=100,processes=1")
    board = Board()
    for _ in range(ENGINE_MOVES):
        start = time.perf_counter()
        move = player.choose(board).move
        middle = time.perf_counter()
        bare.move(board)
        ours.append(middle - start)
        raw.append(time.perf_counter() - middle)
        board.push(move)
        if board.outcome() or len(board.move_stack) > 100:
            board = draw_openings(1, len(ours), random_plies=6)[0].board()
    player.close()
    bare.close()
    return 1000 * statistics.median(ours), 1000 * statistics.median(raw)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", type=int, default=1000)
    parser.add_argument("--model", default="default")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    print(machine_line())

    plies, own, mib = _model_games(options.model, options.games, options.workers, 256)
    alone, _, _ = _model_games(options.model, max(2, options.games // 100), 1, 1)
    old, new = _peer_games(options.model, max(2, options.games // 8))
    print(f"model against model, policy only, {options.games} games, {options.workers} processes")
    print(f"  {plies:10,.0f} plies a second, {own:,.0f} a processor second, {mib:,.0f} MiB at most")
    print(f"  {new:10,.0f} plies a processor second, an eighth of the games in one process")
    print(f"  {old:10,.0f} plies a processor second, the same by PyTorch: {new / old:.2f} x")
    print(f"  {alone:10,.0f} plies a second, the same model one board at a time, one process")
    print("random moves, the rules and the bookkeeping alone, one process")
    print(f"  {_random_games(200):10,.0f} plies a second")
    peer = _cchess_games(3)
    print(f"  {peer:10,.0f} plies a second, cchess" if peer else "  cchess is not installed")
    engine = _engine_overhead()
    if engine:
        print("fairy-stockfish at 100 nodes, milliseconds a move, median")
        print(f"  {engine[0]:10.2f} by our player, {engine[1]:.2f} by a bare pipe: {engine[0] - engine[1]:+.2f}")
    else:
        print("fairy-stockfish is not installed")


if __name__ == "__main__":
    main()
