"""``xiangqi-gpt records``: look at game records, check them, and convert them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from ..output import report_stream, say, text_output, warn
from ..parser import Parser, check_command
from .format_option import add_format, chosen_ending

if TYPE_CHECKING:
    from xiangqi_gpt.records import RecordError

_EPILOG = """
examples:
  xiangqi-gpt records stats games.parquet --where "year >= 2000 and result = '1-0'"
  xiangqi-gpt records check old.pgn ~/xiangqi collection.zip
  xiangqi-gpt records convert games.parquet games.pgn --notation chinese
  xiangqi-gpt records convert old.pgn clean.parquet --on-illegal cut
  xiangqi-gpt records import ~/xiangqi --out corpus.parquet

Read are PGN (.pgn, .txt; coordinates, Chinese, WXF or short algebraic moves, in UTF-8, GB18030 or Big5), XQF (.xqf),
CCBridge's files (.cbl, .cbr, .cbf), DhtmlXQ (.ubb), WXF game files (.wxf), plain lists of moves, games and positions
as people paste them (.txt), and corpora (.parquet). stats, check and import also take folders and archives (.zip,
.tar and its kinds). COMMAND --help tells more.
"""

#: Commands with a file of their own (``NAME``; ``import_files`` for import) -> what they do.
_OTHERS = {
    "import": "files, folders and archives of records to one clean corpus",
    "query": "the games of a corpus that meet a condition, or any question in SQL",
    "export": "games of a corpus as files that other programs read",
    "tokenize": "a corpus to a shuffled training store",
    "openings": "the openings of games and how the games ended",
    "index": "how many games reached a position, how they ended and went on",
    "generate": "let players play games for a model to learn from",
    "label": "ask an engine for its best move and score at every ply",
}

_NOTES = 20  #: notes on how games were read that are printed

#: Where the module has another name than the command, since that is a word of Python.
_MODULES = {"import": "import_files"}


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt records",
        description="Bring game records together, look at them, check them, and convert them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    stats = commands.add_parser("stats", help="results, kinds, lengths and years of games")
    stats.add_argument("path", nargs="+", metavar="PATH", help="record files, folders, archives, counted together")
    stats.add_argument("--json", action="store_true", help="print one JSON object")

    check = commands.add_parser("check", help="replay every game and list what is wrong")
    check.add_argument("path", nargs="+", metavar="PATH", help="record files, folders, archives")

    convert = commands.add_parser("convert", help="write the games of one file in another format")
    convert.add_argument("source", metavar="FROM", help="a record file")
    convert.add_argument(
        "target", type=text_output, metavar="TO", help="the file to write: .pgn, .xqf, .ubb, .txt or .parquet"
    )
    add_format(convert.add_argument)
    convert.add_argument(
        "--notation",
        choices=("iccs", "chinese", "traditional", "wxf"),
        default="iccs",
        help="how to write moves in PGN (default: iccs, that is h2e2)",
    )
    convert.add_argument("--force", action="store_true", help="replace TO if it exists")

    for name, text in _OTHERS.items():
        commands.add_parser(name, help=text, add_help=False)

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
    if argv and argv[0] in _OTHERS:
        status: int = import_module(f".{_MODULES.get(argv[0], argv[0])}", __package__).main(argv[1:])
        return status
    parser = _parser()
    check_command(parser, argv, ("stats", "check", "convert", *_OTHERS))
    options = parser.parse_args(argv)
    if options.command == "stats":
        return _stats(options)
    return _check(options.path) if options.command == "check" else _convert(parser, options)


def _stats(options: argparse.Namespace) -> int:
    from xiangqi_gpt.records.importer.summary import format_summary, summarize_files

    problems: list[RecordError] = []
    summary = summarize_files(options.path, where=options.where, on_illegal=options.on_illegal, problems=problems)
    say(json.dumps(summary.as_dict(), ensure_ascii=False) if options.json else format_summary(summary))
    _report(problems)
    return 0


def _check(paths: Sequence[str]) -> int:
    from xiangqi_gpt.records.importer.check import Check

    check = Check()
    for problem in check.run(paths):
        say(problem)
    say(f"legal games: {check.legal:,}, broken games: {check.broken:,}, unreadable files: {check.unreadable:,}")
    if check.damaged:
        say(f"broken beside main lines: {check.damaged:,}")
    return 2 if check.unreadable else 1 if check.broken else 0


def _convert(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    ending = chosen_ending(parser, options)
    from xiangqi_gpt.records import read_games
    from xiangqi_gpt.records.formats.convert import write_games
    from xiangqi_gpt.records.plural import counted

    problems: list[RecordError] = []
    games = read_games(options.source, where=options.where, on_illegal=options.on_illegal, problems=problems)
    count = write_games(games, options.target, ending=ending, notation=options.notation, replace=options.force)
    say(f"{counted(count, 'game')} in {options.target}", file=report_stream(parser, options.target))
    _report(problems)
    return 0


def _report(problems: Sequence[RecordError]) -> None:
    """Print what is wrong, and the first notes on how games were read."""
    notes = [problem for problem in problems if problem.scope == "note"]
    for problem in (*(problem for problem in problems if problem.scope != "note"), *notes[:_NOTES]):
        warn(problem)
    if len(notes) > _NOTES:
        warn(f"... and {len(notes) - _NOTES:,} more notes")
