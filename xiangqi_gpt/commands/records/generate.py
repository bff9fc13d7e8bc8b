"""``xiangqi-gpt records generate``: games between players, for a model to learn from."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from xiangqi_gpt.files import is_standard_output, would_replace

from ..arena_options import check_least
from ..output import report_stream, say, text_output, warn
from ..parser import Parser

_EPILOG = """
examples:
  xiangqi-gpt records generate games.parquet --player gpt,temperature=0.7 --games 1000 --noise 0.05
  xiangqi-gpt records generate games.parquet --player search:default,nodes=200,temperature=1 --games 500 --keep-search
  xiangqi-gpt records generate games.pgn --player gpt --player uci:fairy-stockfish,nodes=300 --openings book.epd

OUT ending in .parquet is a corpus for training, in which the moves of the opening and the random ones are marked so
that no model imitates them; a .pgn file has the same marks as comments. One PLAYER plays itself; see match --help.
Interrupted, the same command goes on where it stopped (OUT.unfinished keeps the finished games).
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt records generate",
        description="Let players play games for a model to learn from.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("out", type=text_output, metavar="OUT", help="the file to write, .pgn or .parquet; - prints PGN")
    add("--player", action="append", default=[], metavar="PLAYER", help="a player, once or twice")
    add("--games", type=int, default=100, metavar="N", help="how many games (default: 100)")
    add("--openings", metavar="FILE", help="start positions (EPD, FEN) or games (.pgn), drawn without repeats")
    add("--opening-plies", type=int, metavar="N", help="how many moves of a game in --openings are its opening")
    add("--random-plies", type=int, metavar="N", help="random moves at the start (default: 6, with --openings 0)")
    add("--noise", type=float, default=0.0, metavar="SHARE", help="share of later moves that are random (default: 0)")
    add("--label", metavar="ENGINE", help="ask this engine for its best move and score at every ply, as records label")
    add(
        "--keep-search",
        action="store_true",
        help="label each move with what the player's own search saw: best move, score and the shares of its visits",
    )
    add("--seed", type=int, default=0, metavar="N", help="of openings, noise and players (default: 0)")
    add("--max-plies", type=int, default=400, metavar="N", help="a longer game is a draw (default: 400)")
    add("--ray", metavar="ADDRESS", help="work on this Ray cluster: HOST:PORT, auto, or local for this machine")
    add("--processes", type=int, metavar="N", help="how many processes play (default: one a core)")
    add("--force", action="store_true", help="replace OUT if it exists")
    return parser


def main(argv: Sequence[str]) -> int:
    """Play the games and write them; progress goes to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    _check(parser, options)

    from xiangqi_gpt.arena.datagen.generate import GenerateReport, Recipe, generate_games
    from xiangqi_gpt.progress_bar import ProgressBar
    from xiangqi_gpt.records.plural import counted

    random_plies = options.random_plies
    if random_plies is None:
        random_plies = 0 if options.openings else 6
    recipe = Recipe(
        (options.player[0], options.player[-1]),
        openings=options.openings,
        opening_plies=options.opening_plies,
        random_plies=random_plies,
        noise=options.noise,
        max_plies=options.max_plies,
        seed=options.seed,
        label=options.label,
        keeps_search=options.keep_search,
    )
    with ExitStack() as stack:
        bars: list[ProgressBar] = []
        plies = 0

        def start(report: GenerateReport) -> None:
            bar = ProgressBar(total=report.games, initial=report.games_before, unit="game")
            bars.append(stack.enter_context(bar))

        def on_game(played: int) -> None:
            nonlocal plies
            plies += played
            seconds = bars[0].format_dict["elapsed"]
            bars[0].set_postfix_str(f"{plies / max(seconds, 0.001):,.0f} plies/s", refresh=False)
            bars[0].update()

        report = generate_games(
            recipe,
            options.out,
            options.games,
            processes=options.processes or os.cpu_count() or 1,
            ray=options.ray,
            on_start=start,
            on_game=on_game,
        )
    stream = report_stream(parser, options.out)
    say(f"{counted(report.games, 'game')}, {counted(report.moves, 'chosen move')} in {options.out}", file=stream)
    if report.games_before:
        say(f"{report.games_before:,} of the games were made before this call", file=stream)
    for failure in report.failures:
        warn(f"  {failure}")
    return 0


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with status 2 for options that make no sense, before anything heavy is loaded."""
    if len(options.player) not in (1, 2):
        parser.error(f"give --player once or twice, not {len(options.player)} times")
    check_least(parser, options, games=1, opening_plies=1, random_plies=0, seed=0, max_plies=1, processes=1)
    if options.opening_plies is not None and not options.openings:
        parser.error("--opening-plies needs --openings FILE.pgn")
    if not 0 <= options.noise < 1:
        parser.error(f"--noise must be from 0 to below 1, not {options.noise}")
    out = Path(options.out)
    ending = ".pgn" if is_standard_output(out) else out.suffix.lower()
    if ending not in (".pgn", ".parquet"):
        parser.error(f"{out}: games go to a file ending in .pgn or .parquet")
    for option, given in (("--label", options.label), ("--keep-search", options.keep_search)):
        if given and ending == ".pgn":
            parser.error(f"{out}: a PGN has no place for labels; {option} needs a .parquet file")
    if options.label and options.keep_search:
        parser.error("--label and --keep-search cannot be combined: each gives the labels of every ply")
    if would_replace(out) and not options.force:
        parser.error(f"{out} exists already: choose another name, or replace it with --force")
