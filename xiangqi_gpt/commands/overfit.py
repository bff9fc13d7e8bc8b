"""``xiangqi-gpt overfit``: learn one batch by heart."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .output import say
from .parser import Parser
from .train import add_options

_OPTIONS = (
    *(
        "corpus",
        "kinds",
        "preset",
        "layers",
        "width",
        "heads",
        "features",
        "tokenizer",
        "body",
        "optimizer",
        "matrix_rate",
        "table_rate",
    ),
    "weight_decay",
    *("seed", "threads", "device", "precision"),
)


def build_parser() -> argparse.ArgumentParser:
    """The options: some of those of ``train``, with the same meaning."""
    parser = Parser(
        prog="xiangqi-gpt overfit",
        description="Learn one batch by heart: the first thing to run after a change. Status 1 if it is not reached.",
        argument_default=argparse.SUPPRESS,
    )
    add_options(parser, _OPTIONS)
    parser.add_argument("--steps", type=int, default=400, metavar="N", help="most steps (default: 400)")
    parser.add_argument("--batch-plies", type=int, default=512, metavar="N", help="plies in the batch (default: 512)")
    return parser


def main(argv: Sequence[str]) -> int:
    """Print a line every 20 steps and what was reached."""
    parser = build_parser()
    given = vars(parser.parse_args(argv))
    if given["steps"] < 1:
        parser.error(f"--steps must be at least 1, not {given['steps']}")

    from xiangqi_gpt.training.recipes.overfit import KNOWN, Step, overfit
    from xiangqi_gpt.training.run.run_settings import new_config
    from xiangqi_gpt.training.run.train import check

    config = new_config({name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})
    check(config)

    def show(step: Step) -> None:
        if step.step % 20 == 0:
            say(f"step {step.step:4}  {step.nats_per_move:.4f} nats a move, top-1 {step.top1:.1%}", flush=True)

    last = overfit(config, show)
    is_known = last.top1 == 1 and last.nats_per_move < KNOWN
    say(
        f"{'known by heart' if is_known else 'NOT known by heart'} after {last.step} steps: "
        f"{last.nats_per_move:.4f} nats a move, top-1 {last.top1:.1%}"
    )
    return 0 if is_known else 1
