"""``xiangqi-gpt analyse``: a game seen through the model's eyes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing

from .output import can_write_chinese, report_stream, say, text_output, warn
from .parser import Parser, check_folders
from .piece_font import piece_font

_EPILOG = """
examples:
  xiangqi-gpt analyse game.pgn --html report.html
  xiangqi-gpt analyse games.pgn --game 3 --engine uci:fairy-stockfish,nodes=10000 --pgn judged.pgn
  xiangqi-gpt analyse game.xqf --json > analysis.json

Without --nodes and --engine the better move is the one the model finds likeliest, and values are the model's own.
A move that gives away 5 points (of 100) of expected score is an inaccuracy (?!), 10 a mistake (?), 20 a blunder (??).
"""


def _parser() -> Parser:
    parser = Parser(
        prog="xiangqi-gpt analyse",
        description="Judge every move of a game: its probability, its surprise, what it gave away and what was better.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("path", metavar="GAME", help="a record file of any format")
    add("--game", type=int, default=1, metavar="N", help="which game of a file of many (default: 1)")
    add("--model", default="default", metavar="MODEL", help="a model's folder or a shipped model's name")
    add("--source", default="master", metavar="KIND", help="as whose games it is read: master, online, ... or any")
    deep = parser.add_mutually_exclusive_group()
    deep.add_argument("--nodes", type=int, metavar="N", help="let the model search N nodes at every move")
    deep.add_argument("--engine", metavar="PLAYER", help="let this player judge, as uci:fairy-stockfish,nodes=10000")
    add("--pgn", type=text_output, metavar="FILE", help="write the game with comments, glyphs and better lines")
    add("--html", type=text_output, metavar="FILE", help="write a report for a browser, all in one file")
    add("--json", action="store_true", help="print one JSON object instead of the table")
    add("--force", action="store_true", help="replace the files of --pgn and --html")
    return parser


def main(argv: Sequence[str]) -> int:
    """Analyse one game; the table or JSON goes to standard output, progress to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    for name in ("game", "nodes"):
        value = getattr(options, name)
        if value is not None and value < 1:
            parser.error(f"--{name} must be at least 1, not {value}")
    check_folders(parser, options.pgn, options.html)
    stream = report_stream(parser, options.pgn, options.html)

    from xiangqi_gpt.analysis.files import find_game, find_opening, refuse_to_replace
    from xiangqi_gpt.inference.model_folder import check_model
    from xiangqi_gpt.inference.vocabulary import SOURCES

    if options.source not in SOURCES:
        parser.error(f"--source is one of {', '.join(SOURCES)}, not {options.source}")
    if not options.force:
        refuse_to_replace(options.pgn, options.html)
    check_model(options.model)
    game, problem = find_game(options.path, options.game)
    if problem is not None:
        warn(f"{problem}; the moves before it are analysed")

    import json

    from tqdm import tqdm

    from xiangqi_gpt.analysis.annotate import annotated
    from xiangqi_gpt.analysis.as_json import analysis_as_dict
    from xiangqi_gpt.analysis.html import write_html
    from xiangqi_gpt.analysis.move_analysis import GameAnalysis, analyse_game
    from xiangqi_gpt.analysis.table import format_table
    from xiangqi_gpt.players import load_player
    from xiangqi_gpt.players.networks import load_network
    from xiangqi_gpt.records import write_pgn

    spec = options.engine or (f"search:{options.model},nodes={options.nodes}" if options.nodes else "")
    with ExitStack() as stack:
        deep = stack.enter_context(closing(load_player(spec, seed=0))) if spec else None
        moves = analyse_game(load_network(options.model), game, source=options.source, deep=deep)
        bar = tqdm(moves, total=len(game.moves), unit="move", file=sys.stderr, leave=False, disable=deep is None)
        analysis = GameAnalysis(game, tuple(bar), model=options.model, deep=spec, opening=find_opening(game))
    if options.pgn:
        write_pgn([annotated(analysis)], options.pgn)
    if options.html:
        write_html(analysis, options.html, piece_font=piece_font())
    if options.json:
        say(json.dumps(analysis_as_dict(analysis), ensure_ascii=False), file=stream)
    else:
        say(format_table(analysis, chinese=can_write_chinese(stream)), file=stream)
    return 0
