"""``xiangqi-gpt records tokenize``: a corpus to a training store in random order."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..output import say, warn
from ..parser import Parser

_EPILOG = """
example:
  xiangqi-gpt records tokenize corpus.parquet --out tokens --where "year >= 2000"
  xiangqi-gpt train --corpus tokens --out runs/first
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt records tokenize",
        description="Write a corpus as a training store: memory-mapped numbers, shuffled, of any size.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("corpus", metavar="CORPUS.parquet", help="what records import wrote")
    add("--out", required=True, metavar="FOLDER", help="the store to write")
    add("--where", metavar="SQL", help="take these games only")
    add("--every-game", action="store_true", help="also games that are cut off or the beginning of another")
    add("--seed", type=int, default=0, metavar="N", help="of the order (default: 0)")
    add("--memory-limit", default="2GiB", metavar="SIZE", help="beyond it the shuffle goes to disk (default: 2GiB)")
    return parser


def main(argv: Sequence[str]) -> int:
    """Write the store and say what is in it; illegal games are left out and named."""
    options = _parser().parse_args(argv)

    import numpy as np

    from xiangqi_gpt.records import RecordError
    from xiangqi_gpt.records.corpus.sql import memory_size
    from xiangqi_gpt.records.plural import counted
    from xiangqi_gpt.records.store.token_store import SPLITS
    from xiangqi_gpt.records.store.tokenize import tokenize

    problems: list[RecordError] = []
    store = tokenize(
        options.corpus,
        options.out,
        where=options.where,
        every_game=options.every_game,
        seed=options.seed,
        memory=memory_size(options.memory_limit),
        problems=problems,
    )
    for problem in problems:
        warn(problem)
    counts = np.bincount(store.splits, minlength=len(SPLITS))
    splits = ", ".join(f"{name} {counts[code]:,}" for name, code in SPLITS.items())
    say(f"{counted(store.games, 'game')}, {counted(store.plies, 'ply')} in {options.out}: {splits}")
    return 0
