"""``xiangqi-gpt records query``: the games of a corpus that meet a condition, or any question in SQL."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from xiangqi_gpt.files import terminal_text

from ..output import say
from ..parser import Parser

_EPILOG = """
examples:
  xiangqi-gpt records query corpus.parquet --where "red = '许银川' and year >= 2000" --limit 20
  xiangqi-gpt records query corpus.parquet --where "plies > 200" --columns year,red,black,plies --order "plies DESC"
  xiangqi-gpt records query corpus.parquet --sql "SELECT opening, count(*) FROM games GROUP BY 1 ORDER BY 2"
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt records query",
        description="Show the games of a corpus that meet a condition. Columns: row, moves, plies, result, kind, "
        "event, date, year, red, black, red_elo, black_elo, ecco, init_fen, truncated, prefix_of_other, "
        "result_conflict, source, split, opening, k, best, cp, noise.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("corpus", metavar="CORPUS.parquet", help="a Parquet corpus")
    add("--where", metavar="SQL", help="take these games only")
    add("--columns", metavar="A,B,...", help="what to show of each game")
    add("--order", metavar="SQL", help="the order of the games, as in 'year DESC'")
    add("--limit", type=int, metavar="N", help="show at most N games (default: 50)")
    add("--sql", metavar="SELECT", help="instead: any SELECT over the table games")
    add("--csv", action="store_true", help="print comma-separated values")
    return parser


def main(argv: Sequence[str]) -> int:
    """Print the rows."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.sql and (options.columns or options.order or options.limit is not None):
        parser.error("--sql says everything itself: leave --columns, --order and --limit out")

    from xiangqi_gpt.records.corpus.query import SHOWN, format_table, query_games, query_sql

    if options.sql:
        rows = query_sql(options.corpus, options.sql, where=options.where)
    else:
        columns = options.columns.split(",") if options.columns else SHOWN
        limit = 50 if options.limit is None else options.limit
        rows = query_games(options.corpus, where=options.where, columns=columns, order=options.order, limit=limit)
    if options.csv:
        import csv

        if sys.stdout.isatty():  # another program gets what the corpus has
            rows = (tuple(terminal_text(cell) if isinstance(cell, str) else cell for cell in row) for row in rows)
        csv.writer(sys.stdout).writerows(rows)
    else:
        for line in format_table(rows):
            say(line)
    return 0
