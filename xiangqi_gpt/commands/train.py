"""``xiangqi-gpt train``: train a model on game records."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Collection, Sequence
from typing import Any

from xiangqi_gpt.training.config import More, TrainConfig

from .output import say
from .parser import Parser, Renamed

_EXAMPLES = """
examples:
  train.py                                          ten minutes on the sample games that ship
  train.py --corpus games.parquet more.pgn --minutes 60 --out runs/first
  train.py --resume --out runs/first                go on after an interruption
  train.py --start-from default --corpus mine.pgn   begin with the weights of a model
  torchrun --nproc-per-node 2 train.py ...          several processes, one model
  xiangqi-gpt play --model runs/first               play what was trained
"""


def build_parser() -> argparse.ArgumentParser:
    """The options, made from ``TrainConfig``: one for each field, with its text as help."""
    parser = Parser(
        prog="xiangqi-gpt train",
        description="Train a model on game records and write it, with checkpoints and metrics, into a folder.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,  # an option that was not given is not there
    )
    add_options(parser, [field.name for field in dataclasses.fields(TrainConfig)])
    return parser


def add_options(parser: argparse.ArgumentParser, names: Collection[str], settings: type[Any] = TrainConfig) -> None:
    """Add an option for each of these fields of a settings class; those that are not given do not appear."""
    for field in dataclasses.fields(settings):
        if field.name not in names or field.metadata.get("is_hidden"):
            continue
        flag = "--" + field.name.replace("_", "-")
        text = field.metadata["help"]
        if isinstance(field.default, bool):
            parser.add_argument(flag, action="store_true", help=text)
        elif isinstance(field.default, tuple):
            item = int if field.name == "lengths" else str
            parser.add_argument(flag, nargs="+", type=item, metavar=field.metadata["metavar"], help=text)
        else:
            parser.add_argument(
                flag,
                type=field.metadata.get("parse", type(field.default)),
                choices=field.metadata.get("choices"),
                metavar=field.metadata.get("metavar") or (None if "choices" in field.metadata else "N"),
                help=text if field.default in ("", 0) else f"{text} (default: {field.default})",
            )
        if "old" in field.metadata:  # accepted for one release
            old, values = field.metadata["old"]
            parser.add_argument(f"--{old}", action=Renamed, dest=field.name, new=flag, values=values)


def take_more(parser: argparse.ArgumentParser, given: dict[str, Any]) -> None:
    """Turn ``--minutes +20`` and ``--steps -500`` into the settings that make a run longer or shorter that goes on."""
    for name in ("minutes", "steps"):
        more = given.get(name)
        if not isinstance(more, More):
            continue
        if "resume" not in given:
            change = "longer" if more.amount >= 0 else "shorter"
            parser.error(f"--{name} {more.amount:+g} makes a run {change}: it goes with --resume")
        if not abs(more.amount) > 0:
            parser.error(f"--{name} {more.amount:+g}: expected a number other than 0")
        given[f"more_{name}"] = given.pop(name).amount


def main(argv: Sequence[str]) -> int:
    """Train as the options say; the last line names the model's folder."""
    parser = build_parser()
    options = vars(parser.parse_args(argv))
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in options.items()}
    take_more(parser, given)

    from xiangqi_gpt.training.run.run_settings import new_config, resumed_config
    from xiangqi_gpt.training.run.train import train
    from xiangqi_gpt.training.runtime.processes import is_first_process

    config = resumed_config(given.get("out", TrainConfig.out), given) if "resume" in given else new_config(given)
    scores = train(config)
    if scores:
        say(
            f"held-out games, {scores.plies:,} plies: {scores.nats_per_move:.3f} nats a move, top-1 {scores.top1:.1%}, "
            f"from ply 10 {scores.top1_ply10:.1%}"
        )
    if is_first_process():
        say(f"model: {config.out}    play it: xiangqi-gpt play --model {config.out}")
    return 0
