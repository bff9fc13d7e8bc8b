"""``xiangqi-gpt describe``: what a model or a preset is, and what it costs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .output import say
from .parser import Parser
from .train import add_options

_OPTIONS = (
    "layers",
    "width",
    "heads",
    "features",
    "tokenizer",
    "body",
    "optimizer",
    "batch_plies",
    "seed",
    "threads",
    "device",
    "precision",
)


def build_parser() -> argparse.ArgumentParser:
    """The options: some of those of ``train``, with the same meaning."""
    parser = Parser(
        prog="xiangqi-gpt describe",
        description="Say how large a model is and how fast it reads and learns on this machine, by a short timing.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("name", metavar="MODEL|PRESET", help="a model's folder, default, or a preset such as small")
    add_options(parser, _OPTIONS)
    parser.add_argument("--timed", type=int, default=3, metavar="N", help="steps that are timed (default: 3)")
    return parser


def main(argv: Sequence[str]) -> int:
    """Print the table."""
    parser = build_parser()
    given = vars(parser.parse_args(argv))
    name, timed = given.pop("name"), given.pop("timed")
    if timed < 1:
        parser.error(f"--timed {timed}: expected a number above 0")

    from xiangqi_gpt.inference.config import PRESETS
    from xiangqi_gpt.training.run.describe import describe, format_description
    from xiangqi_gpt.training.run.run_settings import new_config
    from xiangqi_gpt.training.run.train import check

    config = new_config(given | ({"preset": name} if name in PRESETS else {"start_from": name}))
    check(config)
    say(format_description(name, describe(config, timed)))
    return 0
