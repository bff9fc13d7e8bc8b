"""``xiangqi-gpt records``: look at game records, check them, and convert them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from .parser import Parser

_EPILOG = """
examples:
  xiangqi-gpt records stats games.parquet --where "year >= 2000 and result = '1-0'"
  xiangqi-gpt records check old.pgn new.pgn
  xiangqi-gpt records convert games.parquet games.pgn --notation chinese
  xiangqi-gpt records convert old.pgn clean.parquet --on-illegal cut

PGN may use coordinates, Chinese, WXF or short algebraic moves, in UTF-8, GB18030 or Big5. Also read: DhtmlXQ (.ubb).
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt records",
        description="Look at game records (PGN, DhtmlXQ, Parquet corpora), check them, and convert them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    stats = commands.add_parser("stats", help="results, kinds, lengths and years of games")
    stats.add_argument("path", nargs="+", metavar="FILE", help="record files, counted together")
    stats.add_argument("--json", action="store_true", help="print one JSON object")

    check = commands.add_parser("check", help="replay every game and list what is wrong")
    check.add_argument("path", nargs="+", metavar="FILE", help="record files")

    convert = commands.add_parser("convert", help="write the games of one file in another format")
    convert.add_argument("source", metavar="FROM", help="a record file")
    convert.add_argument("target", metavar="TO", help="the file to write, .pgn or .parquet")
    convert.add_argument(
        "--notation",
        choices=("iccs", "chinese", "traditional", "wxf"),
        default="iccs",
        help="how to write moves in PGN (default: iccs, that is h2e2)",
    )
    convert.add_argument("--force", action="store_true", help="replace TO if it exists")

    for command in (stats, convert):
        command.add_argument("--where", metavar="SQL", help="take these games only; for a Parquet corpus")
        command.add_argument(
            "--on-illegal",
            choices=("fail", "cut", "drop"),
            default="fail",
            help="a game with an illegal move: stop, keep the moves before it, or leave the game out (default: fail)",
        )
    return parser


def main(argv: Sequence[str]) -> int:
    """Run one of the commands; ``check`` returns 1 for broken games and 2 for files that cannot be read."""
    options = _parser().parse_args(argv)
    if options.command == "stats":
        return _stats(options)
    return _check(options.path) if options.command == "check" else _convert(options)


def _stats(options: argparse.Namespace) -> int:
    from itertools import chain

    from xiangqi_gpt.records import RecordError, read_games
    from xiangqi_gpt.records.summary import format_summary, summarize

    problems: list[RecordError] = []
    files = (
        read_games(path, where=options.where, on_illegal=options.on_illegal, problems=problems) for path in options.path
    )
    summary = summarize(chain.from_iterable(files))
    print(json.dumps(summary.as_dict(), ensure_ascii=False) if options.json else format_summary(summary))
    _report(problems)
    return 0


def _check(paths: Sequence[str]) -> int:
    from xiangqi_gpt.records import CorpusError, RecordError, read_games

    games = broken = unreadable = 0
    for path in paths:
        problems: list[RecordError] = []
        try:
            games += sum(1 for _ in read_games(path, on_illegal="drop", problems=problems))
        except CorpusError as error:
            print(error)
            unreadable += 1
        for problem in problems:
            print(problem)
        broken += len({problem.game for problem in problems})
    print(f"legal games: {games:,}, broken games: {broken:,}, unreadable files: {unreadable:,}")
    return 2 if unreadable else 1 if broken else 0


def _convert(options: argparse.Namespace) -> int:
    from xiangqi_gpt.records import RecordError, read_games
    from xiangqi_gpt.records.convert import write_games

    problems: list[RecordError] = []
    games = read_games(options.source, where=options.where, on_illegal=options.on_illegal, problems=problems)
    count = write_games(games, options.target, notation=options.notation, replace=options.force)
    print(f"{count:,} games in {options.target}")
    _report(problems)
    return 0


def _report(problems: Sequence[Exception]) -> None:
    for problem in problems:
        print(problem, file=sys.stderr)
