"""The rules against their peers, in one run: pyffish, cchess and fairy-stockfish, each where it is installed.

Run: python benchmarks/rules.py [--perft], which also counts every published perft to its full depth (minutes).
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.rules import MOVES, START_FEN, Board, Move, legal_mask, replay_games, stack_boards
from xiangqi_gpt.rules.compile_kernels import compile_kernels
from xiangqi_gpt.rules.perft import perft

GAME_PLIES, GAMES, BOARDS = 80, 20_000, 4096
START_PERFT = 133_312_995  # positions five plies deep
PERFT_CASES = Path(__file__).resolve().parent.parent / "tests" / "rules" / "data" / "perft.jsonl"


def rate(work: Callable[[], object], count: float, seconds: float = 1.0) -> float:
    """Things a second: the fastest of the rounds that fit into ``seconds``, each doing ``count`` things; at least 3."""
    work()
    best, end, rounds = float("inf"), time.perf_counter() + seconds, 0
    while rounds < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
        rounds += 1
    return count / best


def optional(name: str) -> ModuleType | None:
    """A peer's module, None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def random_games(count: int, plies: int, seed: int) -> list[list[Move]]:
    """Random legal games of exactly that many plies."""
    rng, games = np.random.default_rng(seed), []
    while len(games) < count:
        board = Board()
        while len(board.move_stack) < plies and board.legal_moves:
            moves = board.legal_moves.indices
            board.push(MOVES[moves[rng.integers(len(moves))]])
        if len(board.move_stack) == plies:
            games.append(board.move_stack)
    return games


def positions(games: list[list[Move]]) -> list[Board]:
    """Every position of some games before its moves."""
    found = []
    for moves in games:
        board = Board()
        for move in moves:
            found.append(board.copy(stack=False))
            board.push(move)
    return found


def engine_perft(path: str, depth: int) -> float:
    """Nodes a second of an engine's own ``go perft`` from the start position, its start-up left out."""
    with subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdin is not None and engine.stdout is not None
        print("uci\nsetoption name UCI_Variant value xiangqi\nisready", file=engine.stdin, flush=True)
        while "readyok" not in engine.stdout.readline():
            pass
        start = time.perf_counter()
        print(f"position startpos\ngo perft {depth}\nquit", file=engine.stdin, flush=True)
        nodes = [line for line in engine.stdout if line.startswith("Nodes searched")]
        return int(nodes[0].split(":")[1]) / (time.perf_counter() - start)


def first_query(cache: str) -> float:
    """Seconds from the start of Python to the first list of legal moves, with a folder for the compiled kernels."""
    code = "from xiangqi_gpt.rules import Board; list(Board().legal_moves)"
    start = time.perf_counter()
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def line(what: str, ours: str, peer: str = "", ratio: str = "", target: str = "") -> None:
    """One line of the table."""
    print(f"{what:46}{ours:>16}  {peer:32}{ratio:>9}  {target}")


def compare(what: str, ours: float, peer_name: str, peer: float | None, least: float) -> None:
    """A line with a peer's rate beside ours and how many times faster we have to be."""
    if peer is None:
        line(what, f"{ours:,.0f}", f"{peer_name} is not installed", target=f"{least:g} x")
    else:
        line(what, f"{ours:,.0f}", f"{peer_name} {peer:,.0f}", f"{ours / peer:,.1f} x", f"{least:g} x")


def measure_legal_moves(boards: list[Board]) -> None:
    """``list(board.legal_moves)`` against what the Python libraries offer for it."""
    ours = rate(lambda: [list(board.legal_moves) for board in boards], len(boards))
    fens = [board.fen() for board in boards]
    pyffish, cchess = optional("pyffish"), optional("cchess")
    judge = pyffish and rate(lambda: [pyffish.legal_moves("xiangqi", fen, []) for fen in fens], len(fens))
    compare("list(board.legal_moves), a second", ours, "pyffish", judge, 200)
    theirs = cchess and [cchess.ChessBoard(fen) for fen in fens]

    def list_with_cchess() -> None:
        for board in theirs:
            # create_moves leaves the own king in check
            [move for move in board.create_moves() if not board.is_checked_move(*move)]

    library = theirs and rate(list_with_cchess, len(theirs))
    compare("list(board.legal_moves), a second", ours, "cchess", library, 500)


def measure_replay(games: list[list[Move]]) -> None:
    """Whole games, every move checked, on two threads."""
    repeats = -(-GAMES // len(games))
    moves = np.array([move.index for game in games for move in game] * repeats, np.uint16)
    offsets = np.arange(len(games) * repeats + 1, dtype=np.int64) * GAME_PLIES
    ours = rate(lambda: replay_games(moves, offsets, threads=2), len(offsets) - 1)
    line(f"games of {GAME_PLIES} plies replayed, a second, 2 threads", f"{ours:,.0f}", target="20,000")
    cchess = optional("cchess")

    def replay_with_cchess() -> None:
        for game in games[:20]:
            board = cchess.ChessBoard(cchess.FULL_INIT_FEN)
            for move in game:
                text = str(move)
                assert board.is_valid_iccs_move(text)
                board.move_iccs(text)
                board.next_turn()

    compare("", ours, "cchess", cchess and rate(replay_with_cchess, 20), 50)


def check_perft() -> None:
    """Every published count to its full depth."""
    for text in PERFT_CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(text)
        depth = max(map(int, case["perft"]))
        depth = 5 if case["name"] == "startpos" else depth
        start = time.perf_counter()
        nodes = perft(Board(case["fen"]), depth)
        speed = nodes / (time.perf_counter() - start)
        verdict = "ok" if nodes == case["perft"][str(depth)] else f"WRONG, expected {case['perft'][str(depth)]:,}"
        print(f"perft {case['name']:10} depth {depth}{nodes:16,}  {verdict:8}{speed:16,.0f} nodes a second")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--perft", action="store_true", help="also count the published perfts to their full depth")
    options = parser.parse_args()
    print(machine_line())
    compile_kernels()
    games = random_games(200, GAME_PLIES, seed=1)
    boards = positions(games)
    sample = [boards[i] for i in np.random.default_rng(2).integers(len(boards), size=100)]
    line("", "here", "peer, in the same run", "ratio", "target")
    measure_legal_moves(sample)

    batch, sides = stack_boards(boards[:BOARDS])
    out = legal_mask(batch, sides)
    masks = rate(lambda: legal_mask(batch, sides, out), len(batch))
    line("legal masks into a reused array, a second", f"{masks:,.0f}", target="1,000,000")

    nodes = rate(lambda: perft(Board(START_FEN), 5), START_PERFT, seconds=5)
    path = shutil.which("fairy-stockfish") or shutil.which("fairy-stockfish", path="/usr/games")
    engine = max(engine_perft(path, 5) for _ in range(2)) if path else None
    compare("perft 5 from the start, nodes a second", nodes, "fairy-stockfish", engine, 2)

    measure_replay(games)
    outcomes = rate(lambda: [board.outcome() for board in sample], len(sample))
    line("board.outcome(), microseconds", f"{1e6 / outcomes:.1f}", target="5")
    with tempfile.TemporaryDirectory() as cache:
        line("first legal moves of a cold cache, seconds", f"{first_query(cache):.1f}", target="15")
        warm_seconds = min(first_query(cache) for _ in range(3))
        line("first legal moves of a warm cache, seconds", f"{warm_seconds:.2f}", target="1.0")
    if options.perft:
        check_perft()


if __name__ == "__main__":
    main()
