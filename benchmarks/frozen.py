"""What the program says today, written down, so that a change that must not change anything can be held against it.

    python benchmarks/frozen.py --out before.json                          (about two minutes of one core)
    python benchmarks/frozen.py --out after.json --compare before.json     (exit status 1 when anything differs)

Written down are: policy and win/draw/loss of positions of the sample games, by each shipped model; best move and visits
of searches on one thread; the training store of the sample games, with its splits; every sample file read and written
in every format; ``analyse --json`` of one game; the help of every command. It holds no times, and nothing that the
machine's speed decides. It is for one machine: another processor rounds differently in the sixth digit.

Only names that users type or import are used, so that it runs before and after files were moved.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import hashlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

import xiangqi_gpt
from xiangqi_gpt.commands.main import COMMANDS
from xiangqi_gpt.commands.main import main as run_command
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import load_player
from xiangqi_gpt.records import read_games
from xiangqi_gpt.rules import Board

ROOT: Final = Path(__file__).resolve().parent.parent
SAMPLE: Final = ROOT / "data" / "games" / "sample.pgn"
#: Real record files, where the checkout has them beside it.
SHARED: Final = ROOT.parent / "shared" / "samples"

MODELS: Final = ("default", "blind")
POSITIONS: Final = 200
SEARCHES: Final = 50
NODES: Final = 100
SEED: Final = 16
#: Two numbers that differ by no more are the same.
TOLERANCE: Final = 1e-6

#: Commands below a command, which the program's own table does not list.
INNER_COMMANDS: Final = {
    "records": (
        *("stats", "check", "convert", "import", "query", "export"),
        *("tokenize", "openings", "index", "generate", "label"),
    ),
    "puzzles": ("mine",),
}
#: What a file is written as: name -> ending and options of ``records convert``.
TARGETS: Final = {
    "pgn": ("pgn",),
    "pgn chinese": ("pgn", "--notation", "chinese"),
    "pgn traditional": ("pgn", "--notation", "traditional"),
    "pgn wxf": ("pgn", "--notation", "wxf"),
    "xqf": ("xqf",),
    "ubb": ("ubb",),
    "txt": ("txt",),
    "parquet": ("parquet",),
}


def run(*argv: str, folder: Path | None = None) -> dict[str, Any]:
    """What a command prints and its exit status; the name of ``folder``, which differs by run, reads ``TMP``."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status: object = run_command(argv)
        except SystemExit as end:
            status = end.code or 0

    def text(stream: io.StringIO) -> str:
        found = "".join(line.rpartition("\r")[2] for line in stream.getvalue().splitlines(keepends=True))  # no bars
        found = found.replace(str(ROOT.parent), "..")
        return found.replace(str(folder), "TMP") if folder else found

    return {"status": status, "out": text(out), "err": text(err)}


def file_hash(path: Path) -> str:
    """The first 16 hexadecimal digits of a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def sample_boards(count: int) -> list[Board]:
    """Positions of the sample games, each from another game while there are enough, with their history."""
    random = np.random.default_rng(SEED)
    games = [game for game in read_games(SAMPLE) if len(game.moves) > 1]
    boards = []
    for number in range(count):
        board = games[number % len(games)].board(0)
        moves = games[number % len(games)].moves
        for move in moves[: int(random.integers(len(moves)))]:
            board.push(move)
        boards.append(board)
    return boards


def policies(_: Path) -> dict[str, Any]:
    """Of each position and model: the move, every move's probability, and win, draw and loss."""
    found: dict[str, Any] = {}
    boards = sample_boards(POSITIONS)
    for model in MODELS:
        player = xiangqi_gpt.load(model)
        for number, board in enumerate(boards):
            decision = player.choose(board)
            found[f"{model} {number:03}"] = {
                "fen": board.fen(),
                "move": str(decision.move),
                "policy": {str(move): share for move, share in decision.policy.items()},
                "wdl": list(decision.wdl or ()),
            }
    return found


def searches(_: Path) -> dict[str, Any]:
    """Of each position: the move, the visits altogether, each move's share of them, and win, draw and loss."""
    player = load_player(f"search:default,nodes={NODES},threads=1", seed=SEED)
    found = {}
    for number, board in enumerate(sample_boards(SEARCHES)):
        decision = player.choose(board)
        found[f"{number:02}"] = {
            "fen": board.fen(),
            "move": str(decision.move),
            "visits": decision.nodes,
            "shares": {str(move): share for move, share in decision.policy.items()},
            "variation": [str(move) for move in decision.variation],
            "wdl": list(decision.wdl or ()),
        }
    player.close()
    return found


def store(folder: Path) -> dict[str, Any]:
    """The training store of the sample games: the numbers of the splits, and a hash of each file."""
    corpus, out = folder / "sample.parquet", folder / "tokens"
    steps = [
        run("records", "convert", str(SAMPLE), str(corpus), folder=folder),
        run("records", "stats", str(corpus), "--json", folder=folder),
        run("records", "tokenize", str(corpus), "--out", str(out), "--every-game", folder=folder),
    ]
    files = {path.name: file_hash(path) for path in sorted(out.iterdir())} if out.is_dir() else {}
    return {"steps": steps, "files": files}


def conversions(folder: Path) -> dict[str, Any]:
    """Every sample file in every format: what the command said, and a hash of each file it wrote."""
    found: dict[str, Any] = {}
    sources = [SAMPLE, *(path for path in sorted(SHARED.glob("*")) if path.suffix != ".md")]
    for source in sources:
        for name, (ending, *options) in TARGETS.items():
            target = folder / f"{source.stem}-{name.replace(' ', '-')}.{ending}"
            said = run("records", "convert", str(source), str(target), "--on-illegal", "cut", *options, folder=folder)
            found[f"{source.name} as {name}"] = {**said, "hash": file_hash(target) if target.exists() else None}
        corpus = folder / f"{source.stem}-parquet.parquet"
        each = folder / f"{source.stem}-each"
        if corpus.exists():
            said = run("records", "export", str(corpus), "--out", str(each), "--each", "xqf", folder=folder)
            hashes = [file_hash(path) for path in sorted(each.iterdir())] if each.is_dir() else []
            total = hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]
            found[f"{source.name} as one xqf a game"] = {**said, "files": len(hashes), "hash": total}
    return found


def analysis(folder: Path) -> dict[str, Any]:
    """``analyse --json`` of the first sample game, by the model alone."""
    said = run("analyse", str(SAMPLE), "--json", folder=folder)
    return {**said, "out": json.loads(said["out"])}


def helps(_: Path) -> dict[str, Any]:
    """What each command prints with ``--help``."""
    calls: list[tuple[str, ...]] = [(), *((name,) for name in COMMANDS)]
    calls += [(name, inner) for name, below in INNER_COMMANDS.items() for inner in below]
    return {" ".join(call) or "xiangqi-gpt": run(*call, "--help") for call in calls}


PARTS: Final[dict[str, Callable[[Path], dict[str, Any]]]] = {
    "help": helps,
    "policies": policies,
    "searches": searches,
    "store": store,
    "conversions": conversions,
    "analysis": analysis,
}


def differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Where two values differ: numbers by more than ``TOLERANCE``, texts by their lines, all else by equality."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            at = f"{place} / {key}" if place else str(key)
            if key not in old or key not in new:
                yield f"{at}: only {'before' if key in old else 'after'}"
            else:
                yield from differences(old[key], new[key], at)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{place} [{number}]")
    elif isinstance(old, float | int) and isinstance(new, float | int):
        if abs(old - new) > TOLERANCE:
            yield f"{place}: {old} -> {new}"
    elif isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "before", "after", lineterm="", n=0)
        if changed := [line for line in lines if not line.startswith(("---", "+++", "@@"))]:
            yield "\n  ".join([f"{place}:", *changed])
    elif old != new:
        yield f"{place}: {old!r} -> {new!r}"


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--out", metavar="NEW.json", type=Path, help="write what is said today to this file")
    made.add_argument("--compare", metavar="OLD.json", type=Path, help="print what differs from this file")
    made.add_argument("--only", choices=PARTS, action="append", help="this part alone; may be given several times")
    return made


def frozen(parts: list[str]) -> dict[str, Any]:
    """All that is to be written down."""
    os.environ["COLUMNS"] = "100"  # argparse breaks its lines by the terminal's width
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for name in parts:
            print(f"{name} ...", file=sys.stderr, flush=True)
            found[name] = PARTS[name](Path(folder))
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


def run_and_compare(options: argparse.Namespace) -> int:
    """Write, compare, or both; 1 when something differs."""
    found = frozen(options.only or list(PARTS))
    if options.out:
        options.out.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if not options.compare:
        return 0
    old = json.loads(options.compare.read_text(encoding="utf-8"))
    listed = list(differences({name: old.get(name, {}) for name in found}, found))
    print("\n".join(listed) or "nothing differs")
    return 1 if listed else 0


def main() -> int:
    """Write, compare, or both; status 1 when something differs."""
    print(machine_line())
    arguments = parser()
    chosen = arguments.parse_args()
    if not (chosen.out or chosen.compare):
        arguments.error("give --out, --compare or both")
    return run_and_compare(chosen)


if __name__ == "__main__":
    raise SystemExit(main())
