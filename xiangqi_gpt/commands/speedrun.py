"""``xiangqi-gpt speedrun``: from record files to a rated model, with several seeds and a card."""

from __future__ import annotations

import argparse
import dataclasses
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xiangqi_gpt.training.config import More, TrainConfig

from .output import say
from .parser import Parser
from .train import add_options

_EPILOG = """
The same command again goes on with a speedrun that was stopped.

examples:
  xiangqi-gpt speedrun --corpus games.parquet --minutes 30 --out runs/speedrun
  xiangqi-gpt speedrun --corpus my-games/ --minutes 5 --seeds 1 --ladder-games 0
"""
#: Each seed has a folder of its own; a model to begin with, or another seed, would make no record.
_FIXED = ("out", "resume", "seed", "start_from", "keep_checkpoints", "warmup_games")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt speedrun",
        description="Import records, train with several seeds for a given time, rate the first model on the ladder, "
        "and write a card with machine, commit and scores.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,  # an option that was not given is not there
    )
    parser.add_argument("--out", default="runs/speedrun", metavar="DIR", help="its folder (default: runs/speedrun)")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="train with seeds 1 to N (default: 3)")
    parser.add_argument(
        "--ladder-games", type=int, default=200, metavar="N", help="games of the ladder; 0 for none (default: 200)"
    )
    fields = [field.name for field in dataclasses.fields(TrainConfig)]
    add_options(parser, [name for name in fields if name not in _FIXED])
    return parser


def main(argv: Sequence[str]) -> int:
    """Train, rate, write the card, and print it."""
    parser = _parser()
    options = vars(parser.parse_args(argv))
    out, seeds, games = Path(options.pop("out")), options.pop("seeds"), options.pop("ladder_games")
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in options.items()}
    if not 1 <= seeds <= 100:
        parser.error(f"--seeds must be from 1 to 100, not {seeds}")
    if games != 0 and not 2 <= games <= 100_000:
        parser.error(f"--ladder-games must be 0, or from 2 to 100,000, not {games}")
    for name in ("minutes", "steps"):
        if isinstance(given.get(name), More):
            parser.error(f"--{name} {given[name].amount:+g}: a speedrun is not made longer or shorter")

    from xiangqi_gpt.files import atomic_write
    from xiangqi_gpt.training.recipes.speedrun import CARD, format_card, speedrun
    from xiangqi_gpt.training.runtime.processes import is_first_process

    from .version import version_line

    results = speedrun(out, given, seeds)
    if not is_first_process():
        return 0
    ladder = _ladder(results[0].folder, games, out) if games else ""
    text = format_card(results, f"xiangqi-gpt speedrun {shlex.join(argv)}", version_line(), ladder)
    with atomic_write(out / CARD) as path:
        path.write_text(text, encoding="utf-8")
    say(text)
    say(f"card: {out / CARD}")
    return 0


def _ladder(folder: str, games: int, out: Path) -> str:
    """The rating of a model by so many games, for people."""
    from xiangqi_gpt.arena.ladder.ladder import LadderSettings
    from xiangqi_gpt.arena.ladder.player_rating import rate_player

    from .progress import LadderLine

    settings = LadderSettings(games=games, least=min(LadderSettings.least, games))
    rating = rate_player(f"gpt:{folder}", settings, pgn=str(out / "ladder.pgn"), on_progress=LadderLine().show)
    return rating.summary()
