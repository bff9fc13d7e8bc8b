"""Options that all commands share in which players play games."""

from __future__ import annotations

import argparse
from typing import Final

#: Openings are drawn before the first game: more would take all memory in silence.
MOST_GAMES: Final = 1_000_000

PLAYER_HELP: Final = """\
A PLAYER is random, greedy, greedy2, gpt (the shipped model), gpt:FOLDER,temperature=0.5,top_p=0.9 or an engine:
uci:fairy-stockfish,nodes=1000, ucci:PROGRAM,depth=5, xboard:hoixiangqi,depth=3."""


def add_opening_options(parser: argparse.ArgumentParser, *, random_plies: str) -> None:
    """Where games start; ``random_plies`` says its default."""
    add = parser.add_argument
    add("--openings", metavar="FILE", help="start positions (FEN or EPD, one a line) or the games of a .pgn, at random")
    add("--opening-plies", type=int, metavar="N", help="with --openings FILE.pgn: the first N moves of each game")
    add("--random-plies", type=int, metavar="N", help=f"random moves at the start (default: {random_plies})")


def check_counts(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with one line when a number of the options makes no sense."""
    if options.games > MOST_GAMES:
        parser.error(f"--games must be at most {MOST_GAMES:,}, not {options.games:,}")
    if options.opening_plies is not None and not options.openings:
        parser.error("--opening-plies needs --openings FILE.pgn")
    check_least(
        parser,
        options,
        games=1,
        random_plies=0,
        opening_plies=0,
        seed=0,
        max_plies=1,
        most_checks=0,
        concurrency=1,
        workers=1,
    )


def check_least(parser: argparse.ArgumentParser, options: argparse.Namespace, **least: int) -> None:
    """End with one line when an option that was given is smaller than it may be."""
    for name, smallest in least.items():
        value = getattr(options, name, None)
        if value is not None and value < smallest:
            parser.error(f"--{name.replace('_', '-')} must be at least {smallest}, not {value}")
