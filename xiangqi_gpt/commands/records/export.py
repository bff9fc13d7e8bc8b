"""``xiangqi-gpt records export``: games of a corpus as files that other programs read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from xiangqi_gpt.files import is_standard_output

from ..output import report_stream, say, text_output, warn
from ..parser import Parser
from .format_option import add_format, chosen_ending

_EPILOG = """
examples:
  xiangqi-gpt records export corpus.parquet --where "red = '许银川'" --out xu.pgn --notation chinese
  xiangqi-gpt records export corpus.parquet --where "year = 2020" --out games/ --each xqf
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt records export",
        description="Write games of a corpus, or of any file of records, into one file (.pgn, .ubb, .txt, .parquet), "
        "or each into its own.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("corpus", metavar="CORPUS", help="a Parquet corpus, or without --where a record file of any format")
    add("--out", type=text_output, required=True, metavar="PATH", help="the file to write, or with --each a folder")
    add_format(add)
    add("--where", metavar="SQL", help="take these games only")
    add("--each", choices=("pgn", "xqf", "ubb"), help="a file of this format for each game")
    add("--notation", choices=("iccs", "chinese", "traditional", "wxf"), default="iccs", help="of moves in PGN")
    add("--force", action="store_true", help="replace OUT if it exists")
    return parser


def main(argv: Sequence[str]) -> int:
    """Write the games and say how many; illegal ones are left out and named."""
    parser = _parser()
    options = parser.parse_args(argv)
    ending = chosen_ending(parser, options)
    if options.each and (options.format or is_standard_output(options.out)):
        parser.error("--each takes a folder, and is the format")

    from xiangqi_gpt.records import RecordError, read_games
    from xiangqi_gpt.records.formats.convert import write_each, write_games
    from xiangqi_gpt.records.plural import counted

    problems: list[RecordError] = []
    games = read_games(options.corpus, where=options.where, on_illegal="drop", problems=problems)
    if options.each:
        count = write_each(games, options.out, options.each, notation=options.notation, replace=options.force)
    else:
        count = write_games(games, options.out, ending=ending, notation=options.notation, replace=options.force)
    for problem in problems:
        warn(problem)
    say(f"{counted(count, 'game')} in {options.out}", file=report_stream(parser, options.out))
    return 0
