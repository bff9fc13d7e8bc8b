"""A study with many variations: how long it takes to read, to open and to write, and what it keeps in memory.

    python benchmarks/game_tree.py [--against CHECKOUT] [--study FILE ...]

Measured are a synthetic study of 349 lines and about 226,000 moves and, where it lies beside the checkout, the largest
real one; ``--study`` names others. With ``--against`` another checkout does the same, in turns with this one. Seconds
are processor seconds, the least of several; memory is what Python allocates (``tracemalloc``): after reading, at the
peak of it, and with the study open in the window and every move of it looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.records.formats.piece_list import piece_list_of
from xiangqi_gpt.records.formats.xqf import (
    HEADER_SIZE,
    PIECES_AT,
    PLAIN_VERSION,
    SIGNATURE,
    SOURCE_OFFSET,
    TARGET_OFFSET,
)
from xiangqi_gpt.rules import START_FEN, Move, parse_fen

ROOT: Final = Path(__file__).resolve().parents[1]
REAL: Final = ROOT.parent / "shared" / "samples" / "study_with_variations.xqf"
LINES, LENGTH = 349, 648  # lines of the synthetic study, and moves of each
_GOES_ON, _HAS_OTHER = 0xF0, 0x0F
#: Out and back again: the game itself, and what is played instead.
_MAIN: Final = tuple(map(Move.from_uci, ("h0g2", "h9g7", "g2h0", "g7h9")))
_OTHER: Final = tuple(map(Move.from_uci, ("b0c2", "b9c7", "c2b0", "c7b9")))

#: Run with either checkout: reads, opens and writes each file, and prints what that took.
_MEASURED: Final = """
import gc, json, os, sys, time, tracemalloc
import xiangqi_gpt
xiangqi_gpt.__path__.append(os.getcwd())  # where this checkout has its window
from xiangqi_gpt.gui.state.study import Study
from xiangqi_gpt.records import format_pgn, read_games
from xiangqi_gpt.records.formats.xqf_writer import format_xqf

def seconds(work):
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start

def read(path):
    return next(iter(read_games(path)))

def opened(game):
    study = Study(game)
    return study, sum(node.parent is not None for node in study.nodes())

def memory(work):
    gc.collect()
    tracemalloc.start()
    kept = work()
    gc.collect()
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return now, peak, kept

found = []
for path in sys.argv[1:]:
    read(path)
    times = {"read": min(seconds(lambda: read(path)) for _ in range(2))}
    times["read and open"] = min(seconds(lambda: opened(read(path))) for _ in range(2))
    game = read(path)
    times["write PGN"] = min(seconds(lambda: format_pgn(game)) for _ in range(2))
    times["write XQF"] = min(seconds(lambda: format_xqf(game)) for _ in range(2))
    del game
    now, peak, game = memory(lambda: read(path))
    opening, _, (study, nodes) = memory(lambda: opened(game))
    found.append([nodes, times, {"read": now, "peak of reading": peak, "read and open": now + opening}])
print(json.dumps(found))
"""


def synthetic_study() -> bytes:
    """Return an XQF of ``LINES`` lines, each of ``LENGTH`` moves, which leave the first one at its beginning."""
    header = bytearray(HEADER_SIZE)
    header[:3] = (*SIGNATURE, PLAIN_VERSION)
    places = piece_list_of(parse_fen(START_FEN))
    header[PIECES_AT : PIECES_AT + 32] = (255 if square is None else _number(square) for square in places)
    body = [_entry(SOURCE_OFFSET, TARGET_OFFSET, _GOES_ON), *_line(cycle(_MAIN), 0, LINES - 1)]
    for ply in reversed(range(LINES - 1)):
        body += _line(_side_line(ply), ply, 0)
    return bytes(header) + b"".join(body)


def _line(moves: Iterator[Move], first: int, others: int) -> Iterator[bytes]:
    """A line of ``LENGTH`` moves from ply ``first`` on; at the first ``others`` of them there is something else."""
    for ply, move in zip(range(first, first + LENGTH), moves, strict=False):
        flags = (_GOES_ON if ply + 1 < first + LENGTH else 0) | (_HAS_OTHER if ply - first < others else 0)
        yield _entry(_number(move.from_square) + SOURCE_OFFSET, _number(move.to_square) + TARGET_OFFSET, flags)


def _side_line(first: int) -> Iterator[Move]:
    """Return the moves of a side line from a ply on: both sides take their other horses out and back."""
    order = (0, 1, 2, 3) if first % 2 == 0 else (1, 0, 3, 2)
    return cycle(_OTHER[place] for place in order)


def _entry(source: int, target: int, flags: int) -> bytes:
    return bytes([source, target, flags, 0, 0, 0, 0, 0])


def _number(square: int) -> int:
    return square % 9 * 10 + square // 9


def measure(place: Path, files: list[Path]) -> list[Any]:
    """Return what a checkout needs for each file: nodes, seconds and bytes."""
    command = [sys.executable, "-c", _MEASURED, *map(str, files)]
    environment = os.environ | {"PYTHONPATH": str(place), "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, env=environment, cwd=place, capture_output=True, text=True, check=True)
    found: list[Any] = json.loads(run.stdout)
    return found


def report(files: list[Path], places: list[Path], times: int) -> None:
    """Measure every checkout in turns, and print a table for each file."""
    rounds: dict[Path, list[list[Any]]] = {place: [] for place in places}
    for place in places * times:
        rounds[place].append(measure(place, files))
    for number, file in enumerate(files):
        print(f"{file.name}, {rounds[places[-1]][0][number][0]:,} moves")
        best = [[found[number] for found in rounds[place]] for place in places]
        for name in best[0][0][1]:
            values = [min(found[1][name] for found in runs) for runs in best]
            print(f"  {name:<18}" + "".join(f"{value:>12.3f} s " for value in values))
        for name in best[0][0][2]:
            values = [min(found[2][name] for found in runs) for runs in best]
            print(f"  {name:<18}" + "".join(f"{value / 1e6:>12.2f} MB" for value in values))


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout, measured first")
    parser.add_argument("--study", type=Path, action="append", metavar="FILE", help="a record file to measure")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="how often in turns (default: %(default)s)")
    options = parser.parse_args()
    print(machine_line())
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "synthetic.xqf"
        made.write_bytes(synthetic_study())
        files = options.study or [made, *([REAL] if REAL.exists() else [])]
        places = [*([options.against.resolve()] if options.against else []), ROOT]
        print(" " * 20 + "".join(f"{name:>12}   " for name in (["before", "here"] if options.against else ["here"])))
        report([file.resolve() for file in files], places, options.rounds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
