"""``xiangqi-gpt ladder``: one player's rating, by games against opponents of known strength."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace

from xiangqi_gpt.files import is_special

from .arena_options import PLAYER_HELP
from .output import report_stream, say, text_output
from .parser import Parser

_EPILOG = f"""
{PLAYER_HELP}

Fairy-Stockfish at 100 nodes a move is Elo 0. A moves-only model is rated twice: with the rules keeping its moves
legal, and without, where an illegal move loses the game; one with input features, trained on legal moves only, once.
A player that searches is rated at fixed nodes. The same command again goes on with a ladder that was stopped.
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt ladder",
        description="Rate a player on the ladder of known opponents: one number, with its interval.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("player", metavar="PLAYER", help="who is rated")
    add("--quick", action="store_true", help="about ± 75 Elo in at most ten minutes, instead of ± 35")
    add("--precision", type=float, metavar="ELO", help="play until the 95 %% interval is ± this")
    add("--games", type=int, metavar="N", help="play at most so many games (default: 800, --quick 200)")
    add(
        "--reference-errors",
        action="store_true",
        help="show the interval with the opponents' own errors first (games end when the other is narrow enough)",
    )
    add("--seed", type=int, default=0, metavar="N", help="of the openings and the players (default: 0)")
    add(
        "--pgn",
        type=text_output,
        default="ladder.pgn",
        metavar="FILE",
        help="where the games go (default: ladder.pgn, or ladder-2.pgn)",
    )
    add("--force", action="store_true", help="start anew where the games of this ladder are there already")
    add("--json", action="store_true", help="print the rating as one JSON object")
    return parser


def main(argv: Sequence[str]) -> int:
    """Play and print the rating; progress goes to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.precision is not None and not 5 <= options.precision <= 400:
        parser.error(f"--precision must be from 5 to 400, not {options.precision:g}")
    if options.games is not None and not 2 <= options.games <= 100_000:
        parser.error(f"--games must be from 2 to 100,000, not {options.games}")
    if options.seed < 0:
        parser.error(f"--seed must be at least 0, not {options.seed}")

    from xiangqi_gpt.arena.ladder.ladder import QUICK, LadderSettings
    from xiangqi_gpt.arena.ladder.player_rating import rate_player

    from .progress import LadderLine

    settings = QUICK if options.quick else LadderSettings()
    if options.precision is not None:
        settings = replace(settings, precision=options.precision)
    if options.games is not None:
        settings = replace(settings, games=options.games, least=min(settings.least, options.games))
    line = LadderLine()
    try:
        rating = rate_player(
            options.player, settings, pgn=options.pgn, seed=options.seed, force=options.force, on_progress=line.show
        )
    except KeyboardInterrupt:
        if not is_special(options.pgn):  # which keeps no games to go on from
            line.say_interrupted()
        raise
    if options.json:
        text = json.dumps(rating.as_dict(), ensure_ascii=False)
    else:
        text = rating.summary(reference_errors=options.reference_errors)
    say(text, file=report_stream(parser, options.pgn))
    return 0
