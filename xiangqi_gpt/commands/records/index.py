"""``xiangqi-gpt records index``: build a position index and look positions up in it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..output import binary_output, say, warn
from ..parser import Parser, check_command

_EPILOG = """
examples:
  xiangqi-gpt records index build corpus.parquet --out index
  xiangqi-gpt records index look --index index --moves "h2e2 h9g7 h0g2"
  xiangqi-gpt records index look --moves 炮二平五
  xiangqi-gpt records index compact corpus.parquet --out positions.npz
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt records index",
        description="How many games reached a position or its mirror image, how they ended and went on, and when.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="count the positions of record files into an index")
    build.add_argument("path", nargs="+", metavar="FILE", help="record files or corpora")
    build.add_argument("--out", required=True, metavar="FOLDER", help="the index to write")
    compact = commands.add_parser("compact", help="write what ships: counts and opening classes, no moves, no years")
    compact.add_argument("path", nargs="+", metavar="FILE", help="record files or corpora")
    compact.add_argument("--out", type=binary_output, required=True, metavar="FILE.npz", help="the file to write")
    for command, plies, games in ((build, 60, 1), (compact, 40, 3)):
        command.add_argument(
            "--plies", type=int, default=plies, metavar="N", help=f"look at the first N plies (default: {plies})"
        )
        command.add_argument(
            "--min-games", type=int, default=games, metavar="N", help=f"of at least N games (default: {games})"
        )
    look = commands.add_parser("look", help="what is known of a position")
    look.add_argument("--index", metavar="FOLDER", help="an index (default: what ships)")
    look.add_argument("--fen", metavar="FEN", help="the position (default: the start)")
    look.add_argument("--moves", default="", metavar="MOVES", help="moves from it, in any notation")
    return parser


def main(argv: Sequence[str]) -> int:
    """Run one of the commands; illegal games are left out of an index and named."""
    parser = _parser()
    check_command(parser, argv, ("build", "compact", "look"))
    options = parser.parse_args(argv)
    if options.command == "look":
        return _look(options)
    for name in ("plies", "min_games"):
        if getattr(options, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")

    from itertools import chain

    from xiangqi_gpt.progress_bar import ProgressBar
    from xiangqi_gpt.records import RecordError, read_games
    from xiangqi_gpt.records.plural import counted

    problems: list[RecordError] = []
    files = (read_games(path, on_illegal="drop", problems=problems) for path in options.path)
    games = ProgressBar(chain.from_iterable(files), unit=" games", desc="counting", leave=False, delay=0.5)
    if options.command == "build":
        from xiangqi_gpt.records.openings.position_index_writer import build_index

        index = build_index(games, options.out, plies=options.plies, min_games=options.min_games)
        say(f"{counted(len(index), 'position')} of {counted(index.games, 'game')} in {options.out}")
    else:
        from xiangqi_gpt.records.openings.openings import opening_names
        from xiangqi_gpt.records.openings.openings_writer import build_openings

        count = build_openings(games, opening_names(), options.out, plies=options.plies, min_games=options.min_games)
        say(f"{counted(count, 'position')} in {options.out}")
    for problem in problems:
        warn(problem)
    return 0


def _look(options: argparse.Namespace) -> int:
    from xiangqi_gpt.records.openings.openings import known_games, opening_of
    from xiangqi_gpt.records.openings.position_index import PositionIndex, format_games
    from xiangqi_gpt.rules import START_FEN, Board

    board = Board(options.fen or START_FEN, lenient=True)
    for text in options.moves.split():
        board.push_text(text)
    found = PositionIndex(options.index).look(board) if options.index else known_games(board)
    say(board.render())
    if opening := opening_of(board):
        say(opening)
    say(format_games(found, board))
    return 0
