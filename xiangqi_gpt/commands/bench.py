"""``xiangqi-gpt bench``: what the search finds in 30 positions, with a signature, and how fast it is here."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Final

from .output import say
from .parser import Parser

if TYPE_CHECKING:
    from xiangqi_gpt.rules import Board

#: Plies of the positions taken from each of the sample games that are longer than the last of these.
_PLIES: Final = (12, 41, 72)
POSITIONS: Final = 30

_EPILOG: Final = """
The positions come from the sample games that ship. Equal signatures say that every move got the same visits: so it is
on one machine for any number of threads. On another processor sums are rounded otherwise, and a move may change where
two are nearly equal (a small lead).

examples:
  xiangqi-gpt bench
  xiangqi-gpt bench runs/first --nodes 1600 --threads 2 --json
"""


def main(argv: Sequence[str]) -> int:
    """Search the positions and print what was found; progress goes to standard error."""
    parser = Parser(
        prog="xiangqi-gpt bench",
        description="Search 30 positions: nodes, best moves, a hash of the visits of all moves, and the speed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", nargs="?", default="default", help="a model folder or name (default: default)")
    parser.add_argument("--nodes", type=int, default=400, metavar="N", help="nodes a position (default: 400)")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="processor cores (default: 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    for name in ("nodes", "threads"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1, not {getattr(options, name)}")

    from xiangqi_gpt.machine import machine_line
    from xiangqi_gpt.players import SearchLimit
    from xiangqi_gpt.players.bench import run_bench
    from xiangqi_gpt.players.search import SearchPlayer
    from xiangqi_gpt.progress_bar import ProgressBar

    limit = SearchLimit(nodes=options.nodes)
    with closing(SearchPlayer.load(options.model, limit=limit, threads=options.threads)) as player:
        boards = bench_positions()
        player.choose(boards[0], SearchLimit(nodes=64))  # kernels are loaded or compiled
        with ProgressBar(total=len(boards), unit="position") as bar:
            report = run_bench(player, boards, bar.update)
    settings = {"model": options.model, "limit": options.nodes, "threads": options.threads, "machine": machine_line()}
    say(json.dumps(report.as_dict() | settings) if options.json else f"{report.summary()}\n{machine_line()}")
    return 0


def bench_positions() -> list[Board]:
    """Return the positions, with the games that led to them."""
    from xiangqi_gpt.data import sample_games
    from xiangqi_gpt.records import read_games

    boards: list[Board] = []
    for game in read_games(sample_games()):
        if len(game.moves) > _PLIES[-1]:
            boards += [game.board(ply) for ply in _PLIES]
        if len(boards) >= POSITIONS:
            break
    return boards[:POSITIONS]
