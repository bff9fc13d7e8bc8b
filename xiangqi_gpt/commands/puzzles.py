"""``xiangqi-gpt puzzles``: how many puzzles a player solves; ``puzzles mine`` finds new ones."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from xiangqi_gpt.files import would_replace

from .output import report_stream, say, text_output, warn
from .parser import Parser, check_folders

_EPILOG = """
examples:
  xiangqi-gpt puzzles gpt                            the mates that ship, by the model's policy alone
  xiangqi-gpt puzzles gpt mates.jsonl --json
  xiangqi-gpt puzzles greedy2 studies.parquet --where "plies >= 9" --limit 1000
  xiangqi-gpt puzzles mine games.parquet --out mates.jsonl
  xiangqi-gpt puzzles mine games.pgn --kind material --out wins.jsonl

FILE has puzzles (.jsonl, one object a line, with fen and mate_in, or another kind's key), for which any move counts
that forces the mate or what else is asked for, or studies (any record file), for which the recorded moves of the side
that begins count.
PLAYER is written as for match. xiangqi-gpt puzzles mine --help tells about new puzzles.
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt puzzles",
        description="Count the puzzles that a player solves.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("player", metavar="PLAYER", help="who solves them")
    add("file", nargs="?", metavar="FILE", help="puzzles or studies (default: the mates that ship)")
    add(
        "--limit",
        type=int,
        metavar="N",
        help="the first N mates of each depth and other puzzles of each kind, or the first N studies",
    )
    add("--where", metavar="SQL", help="take these studies only; for a Parquet corpus")
    add("--seed", type=int, default=0, metavar="N", help="of a player that draws lots (default: 0)")
    add("--json", action="store_true", help="print one JSON object")
    return parser


def _mine_parser() -> argparse.ArgumentParser:
    parser = Parser(prog="xiangqi-gpt puzzles mine", description="Find new puzzles in the positions of games.")
    add = parser.add_argument
    add("source", nargs="+", metavar="GAMES", help="record files")
    add("--out", type=text_output, required=True, metavar="OUT.jsonl", help="the file of puzzles to write")
    add(
        "--kind",
        choices=("mate", "material", "defence"),
        default="mate",
        help="forced mates, material won by force, or the only moves that are not mated (default: mate)",
    )
    add("--limit", type=int, metavar="N", help="look at the first N games only")
    add("--solutions", type=int, default=1, metavar="N", help="how many first moves may solve it (default: 1)")
    add("--per-depth", type=int, metavar="N", help="at most N puzzles of each depth")
    add("--processes", type=int, metavar="N", help="how many processes search (default: one a core)")
    add("--judge", metavar="PLAYER", help="a model whose surprise is the difficulty (default: that of a blind guess)")
    add("--force", action="store_true", help="replace OUT if it exists")
    return parser


def main(argv: Sequence[str]) -> int:
    """Solve or mine; progress goes to standard error."""
    if argv[:1] == ["mine"]:
        return _mine(argv[1:])
    parser = _parser()
    options = parser.parse_args(argv)
    if options.limit is not None and options.limit < 1:
        parser.error(f"--limit must be at least 1, not {options.limit}")

    from xiangqi_gpt.arena.puzzle_solving import MateReport, StudyReport, first_of_each, solve_mates, solve_studies
    from xiangqi_gpt.data import puzzles
    from xiangqi_gpt.players import load_player
    from xiangqi_gpt.progress_bar import ProgressBar
    from xiangqi_gpt.records import read_games
    from xiangqi_gpt.records.puzzles import read_puzzles

    path = options.file or puzzles()
    are_mates = Path(path).suffix.lower() == ".jsonl"
    if are_mates and options.where:
        parser.error(f"--where is for a Parquet corpus, not for {path}")
    mates = first_of_each(read_puzzles(path), options.limit) if are_mates else []
    studies = [] if are_mates else list(read_games(path, where=options.where, on_illegal="drop"))[: options.limit]
    report: MateReport | StudyReport
    with (
        closing(load_player(options.player, seed=options.seed)) as player,
        ProgressBar(total=len(mates) + len(studies), unit="puzzle") as bar,
    ):
        if are_mates:
            report = solve_mates(player, mates, on_puzzle=bar.update)
        else:
            report = solve_studies(player, studies, on_puzzle=bar.update)
    settings = {"player": options.player, "file": str(path), "seed": options.seed}
    say(json.dumps(report.as_dict() | settings, ensure_ascii=False) if options.json else report.summary())
    return 0


def _mine(argv: Sequence[str]) -> int:
    parser = _mine_parser()
    options = parser.parse_args(argv)
    for name in ("limit", "solutions", "per_depth", "processes"):
        if (value := getattr(options, name)) is not None and value < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1, not {value}")
    if would_replace(options.out) and not options.force:
        parser.error(f"{options.out} exists already: choose another name, or replace it with --force")
    check_folders(parser, options.out)

    from collections import Counter
    from contextlib import ExitStack
    from itertools import chain, islice

    from xiangqi_gpt.arena.datagen.puzzle_mining import mine_puzzles
    from xiangqi_gpt.players import load_player
    from xiangqi_gpt.progress_bar import ProgressBar
    from xiangqi_gpt.records import read_games
    from xiangqi_gpt.records.puzzles import PuzzleKind, write_puzzles

    with ExitStack() as stack:
        judge = stack.enter_context(closing(load_player(options.judge))) if options.judge else None
        bar = stack.enter_context(ProgressBar(unit="game", delay=0.5))

        def on_game(depths: Counter[int]) -> None:
            counts = ", ".join(f"{count} in {n}" for n, count in sorted(depths.items()))
            bar.set_postfix_str(f"found: {counts or 'none'}", refresh=False)
            bar.update()

        found = mine_puzzles(
            islice(chain.from_iterable(read_games(path, on_illegal="drop") for path in options.source), options.limit),
            kind=PuzzleKind(options.kind),
            most_solutions=options.solutions,
            per_depth=options.per_depth,
            judge=judge,
            processes=options.processes or os.cpu_count() or 1,
            on_game=on_game,
        )
    if not found:
        warn("no puzzles found")
        return 1
    count = write_puzzles(found, options.out)
    depths = Counter(puzzle.moves for puzzle in found)
    what = {"mate": "mates", "material": "wins of material", "defence": "defences against mate"}[options.kind]
    counts = ", ".join(f"{depths[n]} {what} in {n}" for n in sorted(depths))
    say(f"{count:,} puzzles in {options.out}: {counts}", file=report_stream(parser, options.out))
    return 0
