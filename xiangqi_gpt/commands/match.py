"""``xiangqi-gpt match``: two players, many games, and what the score says about their strength."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing

from .parser import Parser

#: Openings are drawn before the first game: more would take all memory in silence.
_MOST_GAMES = 1_000_000

_EPILOG = """
A PLAYER is random, greedy, greedy2, gpt (the shipped model), gpt:FOLDER,temperature=0.5,top_p=0.9 or an engine:
uci:fairy-stockfish,nodes=1000, ucci:PROGRAM,depth=5, xboard:hoixiangqi,depth=3.

Each opening is played twice, with colours exchanged. A player that breaks down or moves illegally loses that game.
With --json one object is printed; its counts, score and Elo are those of the first player.
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt match",
        description="Let two players play a match without a board to watch, and report score and Elo.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--player", action="append", default=[], metavar="PLAYER", help="a player; give two, the first is rated")
    add("--games", type=int, default=20, metavar="N", help="how many games (default: 20)")
    add("--openings", metavar="FILE", help="start positions, one FEN or EPD a line, drawn at random without repeats")
    add("--random-plies", type=int, metavar="N", help="random moves at the start (default: 4, with --openings 0)")
    add("--seed", type=int, default=0, metavar="N", help="of the openings and the players (default: 0)")
    add("--max-plies", type=int, default=400, metavar="N", help="a longer game is a draw (default: 400)")
    add("--concurrency", type=int, default=256, metavar="N", help="games in play at once (default: 256)")
    add("--pgn", metavar="FILE", help="where the games go (default: match.pgn, or match-2.pgn and so on)")
    add("--force", action="store_true", help="replace the file of --pgn")
    add("--json", action="store_true", help="print the report as one JSON object")
    return parser


def main(argv: Sequence[str]) -> int:
    """Play the match and print its report; progress goes to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    if len(options.player) != 2:
        parser.error(f"a match has two players: give --player twice, not {len(options.player)} times")
    if options.games > _MOST_GAMES:
        parser.error(f"--games must be at most {_MOST_GAMES:,}, not {options.games:,}")
    for name, least in (("games", 1), ("random_plies", 0), ("seed", 0), ("max_plies", 1), ("concurrency", 1)):
        value = getattr(options, name)
        if value is not None and value < least:
            parser.error(f"--{name.replace('_', '-')} must be at least {least}, not {value}")

    from tqdm import tqdm

    from xiangqi_gpt.arena import MatchGame, MatchReport, draw_openings, play_match, read_positions
    from xiangqi_gpt.arena.game_file import GameFile, match_record
    from xiangqi_gpt.players import load_player
    from xiangqi_gpt.rules import START_FEN

    positions = read_positions(options.openings) if options.openings else [START_FEN]
    random_plies = options.random_plies
    if random_plies is None:
        random_plies = 0 if options.openings else 4
    pairs = (options.games + 1) // 2
    openings = draw_openings(pairs, options.seed, positions=positions, random_plies=random_plies)
    names = (options.player[0], options.player[1])
    date = datetime.date.today().strftime("%Y.%m.%d")

    with ExitStack() as stack:
        first, second = (
            stack.enter_context(closing(load_player(spec, seed=2 * options.seed + i))) for i, spec in enumerate(names)
        )
        pgn = GameFile(options.pgn, force=options.force) if options.pgn else GameFile.unused("match.pgn")
        stack.enter_context(pgn)
        bar = stack.enter_context(
            tqdm(total=options.games, unit="game", file=sys.stderr, mininterval=0.5 if sys.stderr.isatty() else 10)
        )

        def on_game(game: MatchGame, report: MatchReport) -> None:
            pgn.add(match_record(game, names, event="xiangqi-gpt match", date=date))
            bar.update()

        latest: MatchReport | None = None

        def on_round(report: MatchReport) -> None:
            nonlocal latest
            latest = report
            score = f"score {report.estimate().score:.1%}, " if report.games else ""
            bar.set_postfix_str(f"{score}{report.plies_per_second:,.0f} plies/s", refresh=False)
            bar.update(0)

        try:
            report = play_match(
                first,
                second,
                openings,
                games=options.games,
                names=names,
                max_plies=options.max_plies,
                concurrency=options.concurrency,
                on_game=on_game,
                on_round=on_round,
            )
        except KeyboardInterrupt:
            if latest is not None and latest.games:
                bar.write(f"interrupted: {latest.summary()}\n  games in {pgn.path}", file=sys.stderr)
            raise
    if options.json:
        settings = {
            "seed": options.seed,
            "openings": options.openings,
            "random_plies": random_plies,
            "max_plies": options.max_plies,
            "pgn": str(pgn.path),
        }
        print(json.dumps(report.as_dict() | settings, ensure_ascii=False))
    else:
        print(f"{report.summary()}\n  games in {pgn.path}")
    return 0
