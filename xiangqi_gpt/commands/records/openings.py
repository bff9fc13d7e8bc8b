"""``xiangqi-gpt records openings``: the openings of games, by their tags or by what is known of their positions."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..output import say, warn
from ..parser import Parser


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt records openings",
        description="Count the openings of games (classes and names of ECCO) and how the games ended.",
    )
    add = parser.add_argument
    add("path", nargs="+", metavar="FILE", help="record files or corpora")
    add("--where", metavar="SQL", help="take these games only; for a Parquet corpus")
    add("--most", type=int, default=30, metavar="N", help="show the N most frequent (default: 30)")
    return parser


def main(argv: Sequence[str]) -> int:
    """Print a table; illegal games are left out and named."""
    options = _parser().parse_args(argv)

    from itertools import chain

    from xiangqi_gpt.records import RecordError, read_games
    from xiangqi_gpt.records.corpus.query import format_table
    from xiangqi_gpt.records.openings.openings import count_openings

    problems: list[RecordError] = []
    files = (read_games(path, where=options.where, on_illegal="drop", problems=problems) for path in options.path)
    counts = count_openings(chain.from_iterable(files))
    rows = [
        (opening, f"{results.games:,}", f"{results.red:,}", f"{results.drawn:,}", f"{results.black:,}")
        for opening, results in counts[: options.most]
    ]
    for line in format_table(iter([("opening", "games", "Red won", "drawn", "Black won"), *rows])):
        say(line)
    for problem in problems:
        warn(problem)
    return 0
