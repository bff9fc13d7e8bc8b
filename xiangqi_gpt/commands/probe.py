"""``xiangqi-gpt probe``: what board a model believes in."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from .measuring_options import add_compute, add_model_and_corpus
from .output import say
from .parser import Parser

_EPILOG = """
examples:
  xiangqi-gpt probe runs/moves-only --corpus games.parquet
  xiangqi-gpt probe runs/moves-only --corpus games.parquet --layer 6 --json

The probe is fitted on the training split, its layer chosen on the validation split, its accuracy taken on the test
split. It is kept in the model's folder as probe.safetensors; the board then shows what the model believes.
"""


def _layer(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected a number or all, not {text!r}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt probe",
        description="Fit a linear map from a model's hidden states to the piece on each square, and say how often it is"
        " right.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_model_and_corpus(parser)
    parser.add_argument(
        "--layer",
        type=_layer,
        metavar="N|all",
        help="read after block N, 0 for before the first, or try all and keep the best (default: all)",
    )
    parser.add_argument("--plies", type=int, default=100_000, metavar="N", help="positions to fit on (default: 100000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of what is drawn (default: 1)")
    add_compute(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def main(argv: Sequence[str]) -> int:
    """Fit the probe, keep it beside the weights, and print its accuracy."""
    parser = _parser()
    options = parser.parse_args(argv)
    for name, least in (("plies", 1), ("seed", 0), ("threads", 0)):
        if getattr(options, name) < least:
            parser.error(f"--{name} must be at least {least}, not {getattr(options, name)}")

    import torch

    from xiangqi_gpt.data import sample_games
    from xiangqi_gpt.progress_bar import ProgressBar
    from xiangqi_gpt.training.evaluation.probe_fitting import format_scores, probe_model
    from xiangqi_gpt.training.runtime.compute import choose_compute

    compute = choose_compute(options.precision, options.threads, torch.device("cpu"))
    with ProgressBar(unit="ply", unit_scale=True) as bar:
        path, scores = probe_model(
            options.model,
            [Path(name) for name in options.corpus] or [sample_games()],
            layers=[] if options.layer is None else [options.layer],
            plies=options.plies,
            seed=options.seed,
            precision=compute.precision,
            on_group=bar.update,
        )
    compute.announce()
    if options.json:
        say(json.dumps(scores.as_dict() | {"probe": str(path)}))
    else:
        say(f"{format_scores(scores)}\nprobe: {path}")
    return 0
