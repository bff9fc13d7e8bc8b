"""Records by the million: how import, merging and shuffle grow, and how much memory they take.

Run: python benchmarks/records_scale.py [--games 1e6 1e7] [--merge 1e6] [--corpus FILE] [--folder DIR]

--merge measures the end of an import alone, on parts that are made without reading records. Synthetic games repeat and
perturb real ones: three in ten are copies, the others leave their game at a random ply and go on with random legal
moves; beyond three million they are these once more, each without some of their last moves.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
from xiangqi_gpt.data import sample_games

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.records import read_batches
from xiangqi_gpt.records.corpus.coordinates import read_move_lists
from xiangqi_gpt.records.corpus.corpus_reader import FLAGS
from xiangqi_gpt.records.corpus.parquet_rows import json_to_parquet, moves_text
from xiangqi_gpt.records.importer.import_task import COLUMNS_OF_PARTS
from xiangqi_gpt.rules import START_FEN, kernels, parse_fen
from xiangqi_gpt.rules.jit import FIXED_UINT16S, INT, INT8S, INT16S, jit
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_TO

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "data" / "games.parquet"
COPIES, LONGEST, AT_ONCE, PART_GAMES = 0.3, 300, 20_000, 40_000
PERTURBED = 3_000_000  # games beyond these are shortened ones of them
COLUMNS = {"moves": "VARCHAR", "result": "VARCHAR", "kind": "VARCHAR", "red": "VARCHAR", "year": "SMALLINT"}


@jit(INT8S, FIXED_UINT16S, INT, INT, INT, INT16S)
def _perturb(board, moves, cut, length, seed, out):
    """A game's first ``cut`` moves and random legal ones up to ``length``; returns how many there are."""
    np.random.seed(seed)
    legal, mark = np.empty(128, np.int16), np.zeros(90, np.int8)
    side = 0
    for n in range(length):
        if n < cut:
            move = moves[n]
        else:
            count = kernels.legal_moves(board, side, legal, mark)
            if count == 0:
                return n
            move = legal[np.random.randint(count)]
        out[n] = move
        board[MOVE_TO[move]] = board[MOVE_FROM[move]]
        board[MOVE_FROM[move]] = 0
        side = 1 - side
    return length


def make_games(corpus: Path, count: int, folder: Path) -> None:
    """Write synthetic games as Parquet corpora into ``folder``, beside those there, until there are ``count``."""
    real: list[np.ndarray] = []
    for batch in read_batches(corpus):
        real += np.split(batch.moves, batch.offsets[1:-1])
    start = parse_fen(START_FEN).squares
    for first in range(0, count, AT_ONCE):
        out = folder / f"{first:09}.parquet"
        if out.exists():
            continue
        if first >= PERTURBED:
            shorten_games(folder / f"{first % PERTURBED:09}.parquet", out, seed=first / 1e9)
            continue
        random = np.random.default_rng(first)
        spool = folder / "games.jsonl"
        with spool.open("w", encoding="ascii") as rows:
            for number in range(first, min(first + AT_ONCE, count)):
                moves = real[int(random.integers(len(real)))][:LONGEST]
                if random.random() >= COPIES:
                    played = np.empty(LONGEST, np.int16)
                    cut, length = int(random.integers(len(moves) + 1)), max(len(moves), 1)
                    moves = played[: _perturb(start.copy(), moves, cut, length, number, played)]
                row = {
                    "moves": moves_text(moves),
                    "result": "1-0",
                    "kind": "engine",
                    "red": f"Red {number % 997}",
                    "year": 2000,
                }
                rows.write(json.dumps(row) + "\n")
        json_to_parquet(spool, out, COLUMNS)
        spool.unlink()


def shorten_games(longer: Path, out: Path, seed: float) -> None:
    """Write the games of a corpus without some of their last moves, of each at most half of them."""
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute(f"SELECT setseed({seed})")
        plies = "greatest(1, floor((length(moves) + 1) / 5 * (0.5 + random() / 2)))"
        connection.execute(
            f"COPY (SELECT * REPLACE (left(moves, 5 * ({plies})::INT - 1) AS moves) FROM '{longer}') TO '{out}'"
        )


def make_parts(games: Path, count: int, parts: Path) -> None:
    """Write synthetic games as an import writes what it has read, beside the parts there."""
    files = sorted(games.glob("*.parquet"))[: count // AT_ONCE]
    part_files = PART_GAMES // AT_ONCE
    columns = {name: f"CAST(NULL AS {kind})" for name, kind in COLUMNS_OF_PARTS.items()}
    columns |= dict.fromkeys(("event", "date", "black", "ecco", "init_fen", "opening", "start"), "''")
    columns |= dict.fromkeys(FLAGS, "false") | {"split": "'train'", "source": "'synthetic'", "worth": "67"}
    columns |= {name: f"w.{name}" for name in COLUMNS} | {"line": "l.line", "plies": "l.plies"}
    fields = ", ".join(f"CAST({value} AS {COLUMNS_OF_PARTS[name]}) AS {name}" for name, value in columns.items())
    with duckdb.connect(config={"threads": 1}) as connection:
        for first in range(0, len(files), part_files):
            some, out = files[first : first + part_files], parts / f"{first:06}.parquet"
            if out.exists():
                continue
            source = f"read_parquet({list(map(str, some))})"
            rows = connection.execute(f"SELECT moves FROM {source}").fetchall()
            moves, offsets, _ = read_move_lists([text for (text,) in rows])
            text, ends = (moves + 0x100).astype("<u2").tobytes().decode("utf-16-le"), offsets.tolist()
            lines = np.array([text[begin:end] for begin, end in pairwise(ends)], object)
            connection.register("l", {"line": lines, "plies": np.diff(offsets)})
            connection.execute(
                f"COPY (SELECT {fields} FROM {source} w POSITIONAL JOIN l) TO '{out}' (COMPRESSION zstd)"
            )


def measured(command: list[str]) -> tuple[float, float, float]:
    """Seconds that a command takes, its processor seconds, and the most memory (MiB) held at once, with children."""
    peak = 0.0
    done = threading.Event()
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.1):
            peak = max(peak, sum(map(_memory, _family(process.pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    before = _children_seconds()
    status = process.wait()
    seconds, processor = time.perf_counter() - start, _children_seconds() - before
    done.set()
    watcher.join()
    if status:
        raise SystemExit(f"{' '.join(command)} ended with status {status}")
    return seconds, processor, peak


def _children_seconds() -> float:
    """Processor seconds of the ended processes that were started from here."""
    times = os.times()
    return times.children_user + times.children_system


def _family(process: int) -> list[int]:
    """A process and all that it started (on Linux; elsewhere none)."""
    found = [process]
    for parent in found:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _memory(process: int) -> float:
    try:
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:])
        return int(fields["Pss"].split()[0]) / 1024  # shared pages are counted once
    except (OSError, KeyError):
        return 0.0


def scale(corpus: Path, count: int, folder: Path, workers: int) -> None:
    """Import, deduplicate, tokenize and shuffle synthetic games below 2 GiB; smaller counts come first."""
    games, out, tokens = folder / "synthetic", folder / "corpus.parquet", folder / "tokens"
    games.mkdir(exist_ok=True)
    start = time.perf_counter()
    make_games(corpus, count, games)
    seconds = time.perf_counter() - start
    millions = count / 1e6
    print(f"{count:,} synthetic games (made in {seconds:,.0f} s)", flush=True)
    for name, command in (
        ("import", ["import", str(games), "--out", str(out), "--workers", str(workers), "--memory-limit", "2GiB"]),
        ("tokenize", ["tokenize", str(out), "--out", str(tokens), "--memory-limit", "2GiB"]),
    ):
        seconds, processor, peak = measured(["-m", "xiangqi_gpt", "records", *command])
        print(
            f"  {name:<10} {seconds / millions:>8,.0f} s a million, {seconds:>8,.0f} s in all "
            f"({processor:,.0f} of the processor), peak {peak:>6,.0f} MiB",
            flush=True,
        )
    description = json.loads((tokens / "store.json").read_text(encoding="utf-8"))
    print(f"  {description['games']:,} different whole games, {description['plies']:,} plies in the store")
    shutil.rmtree(tokens)
    out.unlink()


#: Merges the parts of a folder into one corpus and counts it, as the end of an import does.
_MERGING = """
import sys
from pathlib import Path
from xiangqi_gpt.records.importer.merge import merge_parts
from xiangqi_gpt.records.importer.summary import summarize_corpus
folder = Path(sys.argv[1])
parts = [folder / name for name in sys.argv[2:]]
merge_parts(parts, folder / "corpus", folder, labelled=False, memory=2 << 30)
summarize_corpus(folder / "corpus")
"""


def merge_alone(corpus: Path, count: int, folder: Path) -> None:
    """Merge parts of synthetic games; smaller counts come first."""
    games, parts = folder / "synthetic", folder / "parts"
    for path in (games, parts):
        path.mkdir(exist_ok=True)
    make_games(corpus, count, games)
    make_parts(games, count, parts)
    names = [path.name for path in sorted(parts.glob("0*.parquet"))]
    seconds, processor, peak = measured(["-c", _MERGING, str(parts), *names])
    print(
        f"merging {count:,} games: {seconds:,.0f} s ({processor:,.0f} of the processor), peak {peak:,.0f} MiB",
        flush=True,
    )


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", nargs="*", type=float, default=[], help="how many synthetic games, as in 1e6 1e7")
    parser.add_argument("--merge", nargs="*", type=float, default=[], help="how many synthetic games are only merged")
    parser.add_argument("--corpus", type=Path, default=CORPUS if CORPUS.exists() else sample_games())
    parser.add_argument("--folder", type=Path, help="where to work (default: the folder for temporary files)")
    parser.add_argument("--workers", type=int, default=2, help="processes that read (default: 2)")
    options = parser.parse_args()
    if not (options.games or options.merge):
        parser.error("give --games, --merge or both")
    print(machine_line())
    print(f"corpus: {options.corpus.name}, cores: {os.cpu_count()}")
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        for count in sorted(round(count / PART_GAMES) * PART_GAMES for count in options.merge):
            merge_alone(options.corpus, count, folder)
        for count in sorted(round(count / AT_ONCE) * AT_ONCE for count in options.games):
            scale(options.corpus, count, folder, options.workers)


if __name__ == "__main__":
    main()
