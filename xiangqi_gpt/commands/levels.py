"""``xiangqi-gpt levels fit``: a level's option, moved until the level has an Elo."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from xiangqi_gpt.files import is_special

from .arena_options import MOST_GAMES, check_least
from .output import report_stream, say, text_output, warn
from .parser import Parser, check_folders

_EPILOG = """
example:
  xiangqi-gpt levels fit gpt:default,temperature=1,source=online --parameter temperature=0.2..3.0 --target -250

The option's range is halved at each step: its middle plays the opponents, whose Elo count as exact, and the half goes
on in which the target must lie. The result is the value nearest to the target, with its interval. nodes are whole
numbers, each tried at most once. Stopped at any moment, the same command goes on.
"""


def _parser() -> Parser:
    parser = Parser(prog="xiangqi-gpt levels", description="Place a level at an Elo by games.")
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    fit = tasks.add_parser(
        "fit",
        help="move an option of a player until it has an Elo",
        description="Move one option of a player by bisection until its games give the Elo wanted.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = fit.add_argument
    add("player", metavar="PLAYER", help="who is placed")
    add("--parameter", required=True, metavar="NAME=LOW..HIGH", help="temperature, top_p, overlook or nodes")
    add("--target", required=True, type=float, metavar="ELO", help="the Elo on the ladder that it shall have")
    add(
        "--opponent",
        action="append",
        default=[],
        metavar="SPEC@ELO",
        help="who it plays, and that player's Elo; may be repeated (default: the two levels nearest to the target)",
    )
    add("--pairs", type=int, default=20, metavar="N", help="pairs of games against each for a value (default: 20)")
    add("--steps", type=int, default=6, metavar="N", help="values that are tried at most (default: 6)")
    add("--max-plies", type=int, default=300, metavar="N", help="a longer game is a draw (default: 300)")
    add("--seed", type=int, default=0, metavar="N", help="of the openings and the players (default: 0)")
    add(
        "--out",
        type=text_output,
        default="level.json",
        metavar="FILE",
        help="all values that were tried, as JSON (default: level.json)",
    )
    add("--force", action="store_true", help="replace the file of an earlier fit")
    return parser


def main(argv: Sequence[str]) -> int:
    """Fit and print the table; progress goes to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    check_least(parser, options, pairs=1, steps=1, max_plies=1, seed=0)
    if 2 * options.pairs > MOST_GAMES or options.steps > 100:
        parser.error(f"--pairs must be at most {MOST_GAMES // 2:,} and --steps at most 100")
    if not abs(options.target) <= 10_000:
        parser.error(f"--target must be an Elo from -10000 to 10000, not {options.target:g}")
    stream = report_stream(parser, options.out)
    check_folders(parser, options.out)

    from xiangqi_gpt.analysis.files import refuse_to_replace
    from xiangqi_gpt.arena.tuning.level_fit import (
        LevelFit,
        Probe,
        Reference,
        best_probe,
        fit_level,
        fitted_parameter,
        nearest_references,
    )
    from xiangqi_gpt.arena.tuning.tuning import is_begun
    from xiangqi_gpt.files import atomic_write

    if not options.force and not is_begun(options.out):
        refuse_to_replace(options.out)
    fit = LevelFit(
        options.player,
        fitted_parameter(options.parameter),
        options.target,
        tuple(map(Reference.parse, options.opponent)) or nearest_references(options.target),
        options.pairs,
        options.steps,
        options.seed,
        {"max_plies": options.max_plies},
    )
    fit.check()

    def line(probe: Probe) -> str:
        interval = f"{probe.low:+.0f} to {probe.high:+.0f}"
        return f"{fit.parameter.name}={probe.value:<8} Elo {probe.elo:+5.0f}  ({interval}), {probe.games} games"

    with fit.journal(options.out) as journal:
        try:
            probes = fit_level(fit, journal, lambda probe: warn(line(probe)))
        except KeyboardInterrupt:
            if not is_special(options.out):
                warn("\ninterrupted; the same command goes on from what is finished")
            raise
        best = best_probe(probes, fit.target)
        is_reached = best.low <= fit.target <= best.high
        found = {
            "player": fit.spec_with(float(best.value)),
            "target": fit.target,
            "is_reached": is_reached,
            "best": asdict(best),
            "probes": [asdict(probe) for probe in probes],
            "opponents": [asdict(reference) for reference in fit.references],
        }
        with atomic_write(options.out) as unfinished:
            unfinished.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
        journal.discard()
    for probe in probes:
        say(line(probe), file=stream)
    say(f"nearest to {fit.target:+.0f}: {found['player']}", file=stream)
    if not is_reached:
        say(
            "the target lies outside the interval of that value: widen --parameter, or try more --steps or --pairs",
            file=stream,
        )
    return 0
