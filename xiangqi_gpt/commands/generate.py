"""``xiangqi-gpt generate``: games between players, for a model to learn from."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from .parser import Parser

#: Openings are drawn before the first game: more would take all memory in silence.
_MOST_GAMES = 1_000_000

_EPILOG = """
OUT ending in .parquet is a corpus for train.py, in which the moves of the opening and the random ones are marked so
that no model imitates them; any other OUT is a PGN file with the same marks as comments. One PLAYER plays itself.
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt generate",
        description="Let players play games for a model to learn from.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("out", metavar="OUT", help="the file to write, .pgn or .parquet; it must not exist yet")
    add("--player", action="append", default=[], metavar="PLAYER", help="a player, once or twice; see match --help")
    add("--games", type=int, default=100, metavar="N", help="how many games (default: 100)")
    add("--openings", metavar="FILE", help="start positions, one FEN or EPD a line, drawn at random without repeats")
    add("--random-plies", type=int, default=6, metavar="N", help="random moves at the start (default: 6)")
    add("--noise", type=float, default=0.0, metavar="SHARE", help="share of later moves that are random (default: 0)")
    add("--seed", type=int, default=0, metavar="N", help="of openings, noise and players (default: 0)")
    add("--max-plies", type=int, default=400, metavar="N", help="a longer game is a draw (default: 400)")
    add("--concurrency", type=int, default=256, metavar="N", help="games in play at once (default: 256)")
    return parser


def main(argv: Sequence[str]) -> int:
    """Play the games and write them; progress goes to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    if len(options.player) not in (1, 2):
        parser.error(f"give --player once or twice, not {len(options.player)} times")
    if options.games > _MOST_GAMES:
        parser.error(f"--games must be at most {_MOST_GAMES:,}, not {options.games:,}")
    for name, least in (("games", 1), ("random_plies", 0), ("seed", 0), ("max_plies", 1), ("concurrency", 1)):
        if getattr(options, name) < least:
            parser.error(f"--{name.replace('_', '-')} must be at least {least}, not {getattr(options, name)}")
    if not 0 <= options.noise < 1:
        parser.error(f"--noise must be from 0 to below 1, not {options.noise}")

    from tqdm import tqdm

    from xiangqi_gpt.arena import MatchGame, MatchReport, draw_openings, play_match, read_positions
    from xiangqi_gpt.arena.game_file import GameFile, GameFileError
    from xiangqi_gpt.arena.generate import generated_record
    from xiangqi_gpt.players import load_player
    from xiangqi_gpt.records import Game, write_corpus
    from xiangqi_gpt.rules import START_FEN

    is_corpus = options.out.endswith(".parquet")
    if is_corpus and Path(options.out).exists():
        raise GameFileError(f"{options.out} exists already: choose another name")
    if is_corpus and not Path(options.out).parent.is_dir():  # a corpus is written at the end, too late to learn it
        raise GameFileError(f"{options.out} cannot be written: there is no folder {Path(options.out).parent}")
    positions = read_positions(options.openings) if options.openings else [START_FEN]
    openings = draw_openings(options.games, options.seed, positions=positions, random_plies=options.random_plies)
    specs = (options.player[0], options.player[-1])
    date = datetime.date.today().strftime("%Y.%m.%d")
    records: list[Game] = []

    with ExitStack() as stack:
        first, second = (
            stack.enter_context(closing(load_player(spec, seed=2 * options.seed + i))) for i, spec in enumerate(specs)
        )
        pgn = None if is_corpus else stack.enter_context(GameFile(options.out))
        bar = stack.enter_context(
            tqdm(total=options.games, unit="game", file=sys.stderr, mininterval=0.5 if sys.stderr.isatty() else 10)
        )

        def on_game(game: MatchGame, report: MatchReport) -> None:
            record = generated_record(game, specs, date=date)
            if pgn is not None:
                pgn.add(record)
            else:
                records.append(record)
            bar.update()

        report = play_match(
            first,
            second,
            openings,
            games=options.games,
            paired=False,
            noise=options.noise,
            seed=options.seed,
            names=specs,
            max_plies=options.max_plies,
            concurrency=options.concurrency,
            on_game=on_game,
        )
    if is_corpus:
        write_corpus(records, options.out)
    print(f"{report.games} games, {report.plies} chosen moves in {options.out}")
    for failure in report.failures:
        print(f"  {failure}", file=sys.stderr)
    return 0
