"""``xiangqi-gpt average``: one model from the weights of several."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .output import say
from .parser import Parser

_EPILOG = """
examples:
  xiangqi-gpt average default runs/on --out runs/mean
  xiangqi-gpt average runs/a runs/b runs/c --shares 2 1 1 --out runs/mean

The models must have come from one beginning, as when one was trained on from another (train --start-from): then their
mean can be better than each. The mean of models that began apart is worth nothing. Compare with evaluate and match.
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt average",
        description="Write a model whose weights are the mean of those of several models of one shape.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("models", nargs="+", metavar="MODEL", help="a model's folder, or the name of a shipped model")
    parser.add_argument(
        "--shares", nargs="+", type=float, metavar="N", help="how much each model counts (default: all the same)"
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the model; it must not be there")
    return parser


def main(argv: Sequence[str]) -> int:
    """Write the model; the last line names its folder."""
    options = _parser().parse_args(argv)

    from xiangqi_gpt.training.recipes.averaging import write_average

    write_average(options.models, options.shares or [1.0] * len(options.models), options.out)
    say(f"model: {options.out}    play it: xiangqi-gpt play --model {options.out}")
    return 0
