"""``xiangqi-gpt history``: which games a model has read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .output import say, warn
from .parser import Parser

_EPILOG = """
examples:
  xiangqi-gpt history runs/first
  xiangqi-gpt history runs/old --corpus games.parquet --kinds master     for a model of version 0.1

Training keeps the keys of the games that a model reads beside its weights (games_read.safetensors, 8 bytes a game), so
that a model that goes on from it is judged on other games. With --corpus they are found out again: give all the files
that the model, and those it began with, were trained on.
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt history",
        description="Say how many games a model has read, or write that down for a model of which it is not known.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="MODEL", help="a model's folder, or the name of a shipped model")
    parser.add_argument(
        "--corpus", nargs="+", default=[], metavar="FILE", help="the record files that the model was trained on"
    )
    parser.add_argument(
        "--kinds", nargs="+", default=[], metavar="KIND", help="it read only games of these kinds (default: every kind)"
    )
    return parser


def main(argv: Sequence[str]) -> int:
    """Print how many games were read; with files, after writing that down."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.kinds and not options.corpus:
        parser.error("--kinds goes with --corpus")

    from xiangqi_gpt.records.plural import counted
    from xiangqi_gpt.training.run.history import history_of, recompute_history

    if options.corpus:
        recompute_history(options.model, options.corpus, options.kinds, warn)
    folder, read = history_of(options.model)
    games = f"{counted(len(read.keys), 'game')} that differ by ply 30"
    if not len(read.keys) and not read.is_complete:
        say(f"which games {folder} has read is not known")
    else:
        say(f"{folder} has read {games}{'' if read.is_complete else ', and others that are not known'}")
    return 0
