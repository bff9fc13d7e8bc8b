"""``xiangqi-gpt compress``: a smaller model that plays like a large one."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any

from xiangqi_gpt.training.config import CompressConfig, TrainConfig

from .output import say
from .parser import Parser
from .train import add_options, take_more

_EPILOG = """
examples:
  xiangqi-gpt compress runs/large --preset small --corpus games.parquet --minutes 60 --out runs/small
  xiangqi-gpt compress runs/large --layers 4 --corpus games.parquet --out runs/four
  xiangqi-gpt compress --resume --out runs/small    go on after an interruption
"""
#: What the teacher fixes.
_FIXED = (
    "start_from",
    "layers",
    "width",
    "heads",
    "features",
    "tokenizer",
    "body",
    "warmup_games",
    "lengths",
    "legal_margin",
)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt compress",
        description="Train a smaller model on games and on what a large model says about them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,  # an option that was not given is not there
    )
    parser.add_argument("teacher", nargs="?", metavar="TEACHER", help="the large model: a folder, or a shipped model")
    add_options(parser, ["layers", "soft"], CompressConfig)
    parser.add_argument("--method", choices=("distil",), help=argparse.SUPPRESS)  # what the cards of version 0.1 say
    fields = [field.name for field in dataclasses.fields(TrainConfig)]
    add_options(parser, [name for name in fields if name not in _FIXED])
    return parser


def main(argv: Sequence[str]) -> int:
    """Train the student; the last line names its folder."""
    parser = _parser()
    options = vars(parser.parse_args(argv))
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in options.items()
    }
    take_more(parser, given)
    own = {name: given.pop(name) for name in ("teacher", "layers", "soft") if given.get(name) is not None}
    for name in ("teacher", "method"):
        given.pop(name, None)
    if "resume" not in given and "teacher" not in own:
        parser.error("which model? xiangqi-gpt compress TEACHER --preset small --out DIR")

    from xiangqi_gpt.training.recipes.compress import compress, kept_compression
    from xiangqi_gpt.training.run.run_settings import new_config, resumed_config
    from xiangqi_gpt.training.runtime.processes import is_first_process

    if "resume" in given:
        out = given.get("out", TrainConfig.out)
        compression, config = kept_compression(out, own), resumed_config(out, given)
    else:
        compression, config = CompressConfig(**own), new_config(given)
    scores = compress(compression, config)
    if scores:
        say(f"held-out games: {scores.nats_per_move:.3f} nats a move, top-1 {scores.top1:.1%}")
    if is_first_process():
        say(f"model: {config.out}    play it: xiangqi-gpt play --model {config.out}")
    return 0
