"""Rates of records: how fast PGN is imported beside a peer, how fast a position is found, how openings are told.

Run: python benchmarks/records.py [--openings] [--against CHECKOUT] [--corpus FILE] [--folder DIR], about a minute. By
the million: benchmarks/records_scale.py.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from xiangqi_gpt.data import sample_games

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.records import Game, Notation, format_pgn, read_games, write_pgn
from xiangqi_gpt.records.formats.movelist import write_move_list
from xiangqi_gpt.records.importer.run_import import import_records
from xiangqi_gpt.records.openings.openings import CLASS_PLIES, known_games, load_openings, opening_names
from xiangqi_gpt.records.openings.openings_writer import build_openings
from xiangqi_gpt.records.openings.position_index import PositionIndex
from xiangqi_gpt.records.openings.position_index_writer import build_index

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "data" / "games.parquet"
PEER_GAMES, INDEX_GAMES, LOOKS = 100, 100_000, 2000
ROOT = Path(__file__).resolve().parents[1]


def timed(work: Callable[[], object]) -> float:
    """Seconds that something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def import_rates(games: list[Game], folder: Path, workers: int) -> None:
    """Games a second from PGN files, in coordinates and in Chinese, and cchess on files of one game."""
    import_records([sample_games()], folder / "warm.parquet", workers=workers, progress=False)
    print(f"import of PGN, {len(games):,} games, {workers} processes")
    notations: tuple[tuple[Notation, str], ...] = (("iccs", "coordinates"), ("chinese", "Chinese"))
    for notation, name in notations:
        files = folder / notation
        files.mkdir()
        for first in range(0, len(games), 500):
            text = "\n".join(format_pgn(game, notation=notation) for game in games[first : first + 500])
            (files / f"{first}.pgn").write_text(text, encoding="utf-8")
        start = time.perf_counter()
        import_records([files], folder / f"{notation}.parquet", workers=workers, progress=False)
        seconds = time.perf_counter() - start
        print(f"  {name:<28} {len(games) / seconds:>10,.0f} games a second")
    peer_rates(games[:PEER_GAMES], folder)


def peer_rates(games: list[Game], folder: Path) -> None:
    """Games a processor second from files of one game in Chinese, and of cchess: the best of three, in turns."""
    singles = folder / "singles"
    singles.mkdir()
    for number, game in enumerate(games):
        (singles / f"{number}.pgn").write_text(format_pgn(game, notation="chinese"), encoding="utf-8")
    paths = sorted(singles.iterdir())
    readers: dict[str, Callable[[], object]] = {"ours": lambda: [list(read_games(path)) for path in paths]}
    try:
        from cchess.game import Game as PeerGame
    except ImportError:
        print("  cchess is not installed")
    else:
        readers["cchess"] = lambda: [PeerGame.read_from(str(path)) for path in paths]
    best = dict.fromkeys(readers, float("inf"))
    for name, read in [*readers.items()] * 3:
        start = time.process_time()
        read()
        best[name] = min(best[name], time.process_time() - start)
    for name, seconds in best.items():
        print(f"  {f'Chinese, one a file, {name}':<28} {len(paths) / seconds:>10,.0f} games a processor second")
    if "cchess" in best:
        print(f"  {'ours and cchess':<28} {best['cchess'] / best['ours']:>10,.0f} x")


#: Prints the processor seconds that each file takes to be read, the best of three; run with either checkout.
_READING = """
import json, sys, time
from xiangqi_gpt.records import read_games
def seconds(path):
    start = time.process_time()
    for _ in read_games(path): pass
    return time.process_time() - start
print(json.dumps([min(seconds(path) for _ in range(4)) for path in sys.argv[1:]]))
"""


def reading_against(games: list[Game], folder: Path, old: Path) -> None:
    """How fast whole games are read here and by another checkout, in turns."""
    for game in games:  # a comment and a side line here and there
        moves = game.moves
        game.add_comments(dict.fromkeys(range(0, len(moves), 7), "a comment"))
        for ply in range(3, len(moves) - 4, 11):
            game.node(ply).add_line(moves[ply : ply + 3])
    plain = [Game(game.moves, root=game.root, result=game.result, tags=game.tags) for game in games]
    files = {}
    for name, written, notation in (
        ("coordinates", plain, "iccs"),
        ("Chinese", plain, "chinese"),
        ("WXF", plain[:300], "wxf"),
        ("annotated, coordinates", games[:500], "iccs"),
        ("annotated, Chinese", games[:300], "chinese"),
    ):
        files[name] = folder / f"{len(files)}.pgn"
        write_pgn(written, files[name], notation=notation)  # type: ignore[arg-type]
    files["plain list"] = folder / "list.txt"
    write_move_list(plain, files["plain list"])
    best: dict[Path, list[float]] = {}
    for place in (old, ROOT) * 3:
        command = [sys.executable, "-c", _READING, *map(str, files.values())]
        out = subprocess.run(
            command, env=os.environ | {"PYTHONPATH": str(place)}, cwd=folder, capture_output=True, text=True, check=True
        ).stdout
        found = json.loads(out)
        best[place] = [min(pair) for pair in zip(best.get(place, found), found, strict=True)]
    print(f"reading, processor seconds, {old.name} and here")
    for name, before, here in zip(files, best[old], best[ROOT], strict=True):
        print(f"  {name:<28} {before:>8.3f} {here:>8.3f}   ratio {before / here:.2f}")


def index_rates(games: Iterator[Game], boards: Sequence[Game], folder: Path) -> None:
    """How long an index of many games takes, how large it is, and how long a look takes."""
    index = folder / "index"
    seconds = timed(lambda: build_index(games, index))
    opened = PositionIndex(index)
    size = sum(path.stat().st_size for path in index.iterdir())
    random = np.random.default_rng(0)
    positions = [game.board(int(random.integers(min(len(game.moves), 40) + 1))) for game in boards[:LOOKS]]
    print(f"position index of {opened.games:,} games: {len(opened):,} positions, {size / 1e6:,.0f} MB, {seconds:.0f} s")
    for name, look in (("index", opened.look), ("what ships", known_games)):
        times = sorted(timed(lambda board=board, look=look: look(board)) * 1000 for board in positions)
        print(
            f"  a look, {name:<12} median {times[len(times) // 2]:.3f} ms, slowest of {len(times):,} {times[-1]:.3f} ms"
        )


def opening_accuracy(games: list[Game], folder: Path) -> None:
    """How many tagged games that were left out get a class, and how many of those the one they are tagged with."""
    tagged = [game for game in games if game.tags.get("ECCO")]
    if len(tagged) < 1000:
        return
    build_openings([game for n, game in enumerate(tagged) if n % 10], opening_names(), folder / "positions.npz")
    left_out = tagged[::10]
    tags = [game.tags.pop("ECCO") for game in left_out]
    print(f"openings of {len(tags):,} tagged games left out")
    for plies in (4, 8, 12, CLASS_PLIES):
        found = load_openings(folder).codes_of([Game(game.moves[:plies]) for game in left_out])
        named = [(tag, code) for tag, code in zip(tags, found, strict=True) if code]
        right = sum(tag == code for tag, code in named)
        share, agreed = len(named) / len(tags), right / max(1, len(named))
        print(f"  after {plies:2} plies {share:.1%} have a class, {agreed:.1%} of these as tagged")


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS if CORPUS.exists() else sample_games())
    parser.add_argument("--folder", type=Path, help="where to work (default: the folder for temporary files)")
    parser.add_argument("--pgn-games", type=int, default=20_000, help="how many games are imported for the rate")
    parser.add_argument("--openings", action="store_true", help="only tell the openings of all tagged games")
    parser.add_argument("--against", type=Path, help="only compare how fast another checkout reads")
    parser.add_argument("--workers", type=int, default=2, help="processes that read (default: 2)")
    options = parser.parse_args()
    print(machine_line())
    print(f"corpus: {options.corpus.name}, cores: {os.cpu_count()}")
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        if options.openings:
            opening_accuracy(list(read_games(options.corpus, where="ecco <> ''")), folder)
            return
        games = list(islice(read_games(options.corpus), options.pgn_games))
        if options.against:
            reading_against(games[:2000], folder, options.against.resolve())
            return
        import_rates(games, folder, options.workers)
        index_rates(islice(read_games(options.corpus), INDEX_GAMES), games, folder)
        opening_accuracy(games, folder)


if __name__ == "__main__":
    main()
