"""``xiangqi-gpt records label``: an engine's best move and score at every ply of a corpus."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from xiangqi_gpt.files import would_replace

from ..output import corpus_output, say, warn
from ..parser import Parser

_EPILOG = """
example:
  xiangqi-gpt records label games.parquet --out labelled.parquet --engine uci:fairy-stockfish,nodes=1000

ENGINE is a player that thinks: uci:PROGRAM, ucci:PROGRAM or xboard:PROGRAM with nodes=N, depth=N or movetime=MS.
Interrupted, the same command goes on where it stopped (OUT.unfinished keeps the finished games).
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt records label",
        description="Ask an engine for its best move and its score at every ply of a corpus.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("source", metavar="IN", help="a record file")
    add("--out", type=corpus_output, required=True, metavar="OUT.parquet", help="the corpus to write")
    add("--engine", required=True, metavar="ENGINE", help="the engine and how long it thinks about a position")
    add("--ray", metavar="ADDRESS", help="work on this Ray cluster: HOST:PORT, auto, or local for this machine")
    add("--processes", type=int, metavar="N", help="how many engines at once (default: one a core)")
    add("--where", metavar="SQL", help="take these games only; for a Parquet corpus")
    add("--limit", type=int, metavar="N", help="take the first N games only")
    add(
        "--on-illegal",
        choices=("fail", "cut", "drop"),
        default="fail",
        help="a game with an illegal move: stop, keep the moves before it, or leave the game out (default: fail)",
    )
    add("--force", action="store_true", help="replace OUT if it exists")
    return parser


def main(argv: Sequence[str]) -> int:
    """Label the games; progress goes to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    for name in ("processes", "limit"):
        if (value := getattr(options, name)) is not None and value < 1:
            parser.error(f"--{name} must be at least 1, not {value}")
    if Path(options.out).suffix.lower() != ".parquet":
        parser.error(f"--out must end in .parquet, for no other format has labels: {options.out}")
    if would_replace(options.out) and not options.force:
        parser.error(f"{options.out} exists already: choose another name, or replace it with --force")

    from xiangqi_gpt.arena.datagen.label import LabelReport, label_corpus
    from xiangqi_gpt.progress_bar import ProgressBar
    from xiangqi_gpt.records import RecordError
    from xiangqi_gpt.records.plural import counted

    problems: list[RecordError] = []
    with ExitStack() as stack:
        bars: list[ProgressBar] = []

        def start(report: LabelReport) -> None:
            bar = ProgressBar(total=report.positions, initial=report.positions_before, unit=" positions")
            bars.append(stack.enter_context(bar))

        report = label_corpus(
            options.source,
            options.out,
            options.engine,
            processes=options.processes or os.cpu_count() or 1,
            ray=options.ray,
            where=options.where,
            limit=options.limit,
            on_illegal=options.on_illegal,
            problems=problems,
            on_start=start,
            on_game=lambda positions: bars[0].update(positions),
        )
    say(f"{counted(report.games, 'game')}, {counted(report.positions, 'position')} in {options.out}")
    if report.games_before:
        say(f"{report.games_before:,} of the games were labelled before this call")
    if report.unanswered:
        warn(f"{report.unanswered:,} positions have no label: the engine gave no answer")
    for problem in problems:
        warn(problem)
    return 0
