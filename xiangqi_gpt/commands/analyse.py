"""``xiangqi-gpt analyse``: a game reviewed by the model and its search."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Final

from .output import binary_output, can_write_chinese, report_stream, say, text_output, warn
from .parser import Parser, check_folders
from .piece_font import piece_font

if TYPE_CHECKING:
    from xiangqi_gpt.analysis.move_analysis import GameAnalysis
    from xiangqi_gpt.records import Game

#: Positions that the search looks at for each position of the game, its threads, and the memory of its trees.
_NODES: Final = 20
_MOST_THREADS: Final = 4
_MEGABYTES: Final = 512

_EPILOG = """
examples:
  xiangqi-gpt analyse game.pgn --html report.html
  xiangqi-gpt analyse games.pgn --game 3 --engine uci:fairy-stockfish,nodes=10000 --pgn judged.pgn
  xiangqi-gpt analyse game.xqf --json > analysis.json
  xiangqi-gpt analyse game.pgn --glance --gif game.gif

The model's search judges, 20 nodes at each position unless --nodes or --seconds say otherwise; --seconds alone goes
as deep as it can. --glance takes the model's first impression instead, and --engine asks any other player. With
--nodes the same game is judged alike every time. A move that gives away 4 points (of 100) of expected score is an
inaccuracy (?!), 8 a mistake (?), 16 a blunder (??); moves of the opening book are never called so.
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
    deep.add_argument("--glance", action="store_true", help="no search: the model's first impression of each move")
    deep.add_argument("--engine", metavar="PLAYER", help="let this player judge, as uci:fairy-stockfish,nodes=10000")
    add("--nodes", type=int, metavar="N", help="search N nodes at each position (default: 20, with --seconds no end)")
    add("--seconds", type=float, metavar="S", help="search the whole game for S seconds at most")
    add("--threads", type=int, metavar="N", help="threads of the search (default: one a core, 4 at most)")
    add("--pgn", type=text_output, metavar="FILE", help="write the game with comments, glyphs and better lines")
    add("--html", type=text_output, metavar="FILE", help="write a report for a browser, all in one file")
    add("--gif", type=binary_output, metavar="FILE", help="write the game as an animated picture (needs Pillow)")
    add("--json", action="store_true", help="print one JSON object instead of the table")
    add("--force", action="store_true", help="replace the files of --pgn, --html and --gif")
    return parser


def _analyse(options: argparse.Namespace, game: Game) -> GameAnalysis:
    from xiangqi_gpt.analysis.files import find_opening
    from xiangqi_gpt.analysis.glance import glance
    from xiangqi_gpt.analysis.judges import make_judge
    from xiangqi_gpt.analysis.move_analysis import GameAnalysis
    from xiangqi_gpt.analysis.review import GameReview, review_game
    from xiangqi_gpt.players import load_player
    from xiangqi_gpt.players.networks import load_network
    from xiangqi_gpt.progress_bar import ProgressBar

    model, opening = load_network(options.model), find_opening(game)
    if options.glance:
        moves = glance(model, game, source=options.source)
        return GameAnalysis(game, tuple(moves), model=options.model, opening=opening)
    nodes = options.nodes or (None if options.seconds else _NODES)
    threads = options.threads or min(os.cpu_count() or 1, _MOST_THREADS)
    search = f"search:{options.model},nodes={nodes or _NODES},threads={threads},megabytes={_MEGABYTES}"
    bar = ProgressBar(total=100, unit="%", file=sys.stderr, leave=False, bar_format="{l_bar}{bar}| {postfix}")

    def show(review: GameReview, share: float) -> None:
        bar.set_postfix_str(f"{review.nodes} nodes at each position" if review.nodes else "", refresh=False)
        bar.update(round(100 * share) - bar.n)

    with bar, closing(load_player(options.engine or search, seed=0)) as player:
        review = review_game(
            model,
            game,
            make_judge(player),
            source=options.source,
            nodes=nodes,
            seconds=options.seconds,
            on_progress=show,
        )
    deep = options.engine or f"search:{options.model},nodes={nodes or review.nodes}"
    found, reviewed = tuple(review.moves), review.reviewed
    return GameAnalysis(game, found, model=options.model, deep=deep, opening=opening, reviewed=reviewed)


def main(argv: Sequence[str]) -> int:
    """Analyse one game; the table or JSON goes to standard output, progress to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    for name in ("game", "nodes", "threads"):
        value = getattr(options, name)
        if value is not None and value < 1:
            parser.error(f"--{name} must be at least 1, not {value}")
    if options.seconds is not None and not 0 < options.seconds < 1e6:
        parser.error(f"--seconds must be above 0 and below a million, not {options.seconds:g}")
    for name in ("nodes", "seconds", "threads"):
        if getattr(options, name) is not None and (options.glance or options.engine):
            parser.error(f"--{name} is for the model's search: it cannot go with --glance or --engine")
    check_folders(parser, options.pgn, options.html, options.gif)
    stream = report_stream(parser, options.pgn, options.html)

    from xiangqi_gpt.analysis.files import find_game, refuse_to_replace
    from xiangqi_gpt.inference.model_folder import check_model
    from xiangqi_gpt.inference.vocabulary import SOURCES

    if options.gif:
        from xiangqi_gpt.analysis.gif import check_pillow

        check_pillow()
    if options.source not in SOURCES:
        parser.error(f"--source is one of {', '.join(SOURCES)}, not {options.source}")
    if not options.force:
        refuse_to_replace(options.pgn, options.html, options.gif)
    check_model(options.model)
    game, problem = find_game(options.path, options.game)
    if problem is not None:
        warn(f"{problem}; the moves before it are analysed")

    import json

    from xiangqi_gpt.analysis.annotate import annotated
    from xiangqi_gpt.analysis.as_json import analysis_as_dict
    from xiangqi_gpt.analysis.gif import write_gif
    from xiangqi_gpt.analysis.html import write_html
    from xiangqi_gpt.analysis.table import format_table
    from xiangqi_gpt.records import write_pgn

    analysis = _analyse(options, game)
    if options.pgn:
        write_pgn([annotated(analysis)], options.pgn)
    if options.html:
        write_html(analysis, options.html, piece_font=piece_font())
    if options.gif:
        write_gif(game, options.gif, piece_font=piece_font(), judgements={m.ply: m.judgement for m in analysis.moves})
    if options.json:
        say(json.dumps(analysis_as_dict(analysis), ensure_ascii=False), file=stream)
    else:
        say(format_table(analysis, chinese=can_write_chinese(stream)), file=stream)
    return 0
