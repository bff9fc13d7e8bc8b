"""``xiangqi-gpt tune``: a player's options, tuned by games and tested."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Sequence

from xiangqi_gpt.files import is_special, would_replace

from .arena_options import MOST_GAMES, add_opening_options, check_least
from .output import report_stream, say, text_output, warn
from .parser import Parser, check_folders

_EPILOG = """
SPSA: in each iteration all parameters are changed at once, by a step up or down at random; the two players that result
play pairs of games, and the parameters move towards the winner. At the end the tuned player meets the one of the
start, on other openings, until the test is decided. The player's spec says where each parameter starts. With fixed
nodes the same command plays the same games; stopped at any moment, it goes on.

example:
  xiangqi-gpt tune search:default,nodes=100,cpuct=1.5,fpu=0.3 --parameter cpuct=0.5..3.0 --parameter fpu=0.0..1.0
"""
_MOST_ITERATIONS = 1_000_000


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt tune",
        description="Tune a player's options by paired games (SPSA), and test the result against the start (SPRT).",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("player", metavar="PLAYER", help="who is tuned, with a value for each parameter")
    add(
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=LOW..HIGH[,step=STEP]",
        help="an option that is tuned, its bounds and the change tried at the end (default: a tenth of the range)",
    )
    add("--iterations", type=int, default=200, metavar="N", help="how often the parameters move (default: 200)")
    add("--pairs", type=int, default=4, metavar="N", help="pairs of games in each (default: 4)")
    add(
        "--rate",
        type=float,
        default=0.1,
        metavar="R",
        help="steps that a lead of a point a pair moves a parameter at the end (default: 0.1)",
    )
    add("--sprt", default="elo0=0,elo1=15", metavar="TEST", help="the test at the end (default: elo0=0,elo1=15)")
    add("--games", type=int, default=400, metavar="N", help="most games of the test, 0 for none (default: 400)")
    add_opening_options(parser, random_plies="4, with --openings 0")
    add("--seed", type=int, default=0, metavar="N", help="of the changes, the openings and the players (default: 0)")
    add("--max-plies", type=int, default=400, metavar="N", help="a longer game is a draw (default: 400)")
    add("--win", metavar="RULE", help="end a game that is decided: score=900,moves=4,after=0 (both players see it so)")
    add("--draw", metavar="RULE", help="end a game that is even: score=15,moves=8,after=80")
    add(
        "--out",
        type=text_output,
        default="tuning.html",
        metavar="FILE",
        help="the page with the path (default: tuning.html)",
    )
    add(
        "--pgn",
        type=text_output,
        default="tuning.pgn",
        metavar="FILE",
        help="where the games of the test go (default: tuning.pgn, or tuning-2.pgn and so on)",
    )
    add("--csv", type=text_output, metavar="FILE", help="write the path as a table, a line an iteration")
    add("--force", action="store_true", help="replace the page of an earlier run")
    add("--json", action="store_true", help="print the result as one JSON object")
    return parser


def main(argv: Sequence[str]) -> int:
    """Tune, test and print the result; progress goes to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    check_least(parser, options, iterations=1, pairs=1, games=0, seed=0, max_plies=1, random_plies=0, opening_plies=0)
    if options.opening_plies is not None and not options.openings:
        parser.error("--opening-plies needs --openings FILE.pgn")
    if max(options.games, 2 * options.pairs) > MOST_GAMES or options.iterations > _MOST_ITERATIONS:
        parser.error(f"--games, --pairs and --iterations must be at most {MOST_GAMES:,}")
    if not 0 < options.rate <= 10:
        parser.error(f"--rate must be above 0 and at most 10, not {options.rate:g}")
    stream = report_stream(parser, options.out, options.csv, options.pgn)
    check_folders(parser, options.out, options.csv, options.pgn)

    from xiangqi_gpt.arena.elo.sprt import Sprt
    from xiangqi_gpt.arena.tuning.spsa import Parameter
    from xiangqi_gpt.arena.tuning.tuning import Tuning, is_begun, journal_of, plan_tuning, test_result, tune
    from xiangqi_gpt.arena.tuning.tuning_page import write_page, write_table
    from xiangqi_gpt.progress_bar import ProgressBar

    from .progress import MatchBar

    Sprt.parse(options.sprt)
    if not options.force and would_replace(options.out) and not is_begun(options.out):
        parser.error(f"{options.out} exists already: choose another name, or replace it with --force")
    rules = ("openings", "opening_plies", "random_plies", "max_plies", "win", "draw")
    tuning = plan_tuning(
        options.player,
        [Parameter.parse(text) for text in options.parameter],
        iterations=options.iterations,
        pairs=options.pairs,
        rate=options.rate,
        seed=options.seed,
        **{name: getattr(options, name) for name in rules},
    )
    command = f"xiangqi-gpt tune {shlex.join(argv)}"
    standings = None
    with journal_of(options.out, tuning) as journal:
        try:
            with ProgressBar(total=options.iterations, unit="iteration", initial=len(journal)) as bar:

                def show(run: Tuning) -> None:
                    values = zip(run.spsa.parameters, run.path[-1], strict=True)
                    bar.set_postfix_str(", ".join(f"{p.name} {p.text(v)}" for p, v in values), refresh=False)
                    bar.update(max(0, len(run.points) - bar.n))

                tune(tuning, journal, show)
            if options.csv:
                write_table(tuning, options.csv)
            if options.games:
                with MatchBar(options.games) as games_bar:
                    standings = test_result(
                        tuning, options.pgn, sprt=options.sprt, games=options.games, on_progress=games_bar.show
                    )
        except KeyboardInterrupt:
            if not is_special(options.out):
                warn("\ninterrupted; the same command goes on from the games that are finished")
            raise
        write_page(tuning, options.out, command=command, standings=standings)
        journal.discard()
    if options.json:
        test = None if standings is None else standings.as_dict()
        say(json.dumps(tuning.as_dict() | {"test": test}, ensure_ascii=False), file=stream)
    else:
        say(tuning.summary(), file=stream)
        if standings is not None:
            say(standings.summary(), file=stream)
        say(f"  page in {options.out}", file=stream)
    return 0
