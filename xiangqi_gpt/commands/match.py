"""``xiangqi-gpt match``: players, many games, and what the scores say about their strength."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Sequence

from .arena_options import PLAYER_HELP, add_opening_options, check_counts
from .output import report_stream, say, text_output
from .parser import Parser, check_folders

_EPILOG = f"""
{PLAYER_HELP}

Each opening is played twice, with colours exchanged. A player that breaks down, moves illegally or oversteps its time
loses that game. The same command again goes on with a match that was stopped; the games in its PGN are not played
again. With --json one object is printed; its counts, score and Elo are those of the first player against all others.
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt match",
        description="Let players play a match without a board to watch, and report score and Elo.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--player", action="append", default=[], metavar="PLAYER", help="a player; give two or more")
    add("--checkpoints", metavar="RUN", help="the players are a run's checkpoints; their Elo goes into its card.md")
    add("--games", type=int, default=20, metavar="N", help="how many games each two of them play (default: 20)")
    add("--gauntlet", action="store_true", help="only the first player meets all others")
    add_opening_options(parser, random_plies="4, with --openings 0")
    add("--seed", type=int, default=0, metavar="N", help="of the openings and the players (default: 0)")
    add("--tc", metavar="SECONDS+INC", help="a clock for each player, for example 60+0.6; who oversteps it loses")
    add("--max-plies", type=int, default=400, metavar="N", help="a longer game is a draw (default: 400)")
    add(
        "--most-checks",
        type=int,
        metavar="N",
        help="of each side's checks N count within the natural limit (default: all; the Asian federation: 10)",
    )
    add("--win", metavar="RULE", help="end a game that is decided: score=900,moves=4,after=0 (both players see it so)")
    add("--draw", metavar="RULE", help="end a game that is even: score=15,moves=8,after=80")
    add("--referee", metavar="PLAYER", help="an engine whose scores decide for --win and --draw, not the players'")
    add(
        "--sprt",
        metavar="TEST",
        help="stop when decided: elo0=0,elo1=20,alpha=0.05,beta=0.05, and model=normalized for nElo (two players)",
    )
    add("--anchor", metavar="PLAYER=ELO", help="the fixed rating among many players (default: the first is 0)")
    add("--concurrency", type=int, default=256, metavar="N", help="games in play at once (default: 256)")
    add("--workers", type=int, default=1, metavar="N", help="processes that share the games (default: 1)")
    add("--ray", metavar="ADDRESS", help="play on a Ray cluster; local, auto or ray://HOST:PORT")
    add(
        "--pgn",
        type=text_output,
        metavar="FILE",
        help="where the games go (default: match.pgn, or match-2.pgn and so on)",
    )
    add("--force", action="store_true", help="start anew and replace the file of --pgn")
    add("--report", type=text_output, metavar="FILE", help="write a report to look at, one HTML file")
    add("--csv", type=text_output, metavar="FILE", help="write a table with a line a game")
    add("--json", action="store_true", help="print the report as one JSON object")
    return parser


def main(argv: Sequence[str]) -> int:
    """Play the match and print its report; progress goes to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    check_counts(parser, options)
    if options.checkpoints is None and len(options.player) < 2:
        parser.error(f"a match has two or more players: give --player twice, not {len(options.player)} times")
    if options.sprt and (options.checkpoints or len(options.player) > 2):
        parser.error("--sprt is for two players")
    if options.referee and not (options.win or options.draw):
        parser.error("--referee needs --win or --draw")
    check_folders(parser, options.report, options.csv)
    stream = report_stream(parser, options.pgn, options.report, options.csv)

    from xiangqi_gpt.arena.report.match_page import write_csv, write_report
    from xiangqi_gpt.arena.report.strength_curve import write_curve
    from xiangqi_gpt.arena.tournament.match_plan import plan_match

    from .piece_font import piece_font
    from .progress import MatchBar

    plan = plan_match(
        options.player,
        checkpoints=options.checkpoints,
        games=options.games,
        gauntlet=options.gauntlet,
        openings=options.openings,
        opening_plies=options.opening_plies,
        random_plies=options.random_plies,
        seed=options.seed,
        control=options.tc,
        max_plies=options.max_plies,
        most_checks=options.most_checks,
        win=options.win,
        draw=options.draw,
        referee=options.referee,
        sprt=options.sprt,
        anchor=options.anchor,
        concurrency=options.concurrency,
    )
    with plan.open(options.pgn, force=options.force) as file, MatchBar(len(plan.fixtures)) as bar:
        try:
            standings = plan.play(file, workers=options.workers, ray=options.ray or "", on_progress=bar.show)
        except KeyboardInterrupt:
            bar.say_interrupted(file.path)
            raise
        if options.report:
            write_report(standings, file.games(), options.report, settings=plan.settings, piece_font=piece_font())
        if options.csv:
            write_csv(standings, options.csv)
        if options.checkpoints:
            command = f"xiangqi-gpt match {shlex.join(argv)}"
            write_curve(options.checkpoints, standings, plan.settings["steps"], command)
    if options.json:
        say(json.dumps(standings.as_dict() | plan.settings | {"pgn": str(file.path)}, ensure_ascii=False), file=stream)
    else:
        say(f"{standings.summary()}\n  games in {file.path}", file=stream)
        if options.report:
            say(f"  report in {options.report}", file=stream)
    return 0
