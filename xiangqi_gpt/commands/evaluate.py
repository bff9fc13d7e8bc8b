"""``xiangqi-gpt evaluate``: how well a model predicts games, beside what any model has to beat."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from .measuring_options import add_choice, add_compute, add_model_and_corpus
from .output import say, warn
from .parser import Parser

_EPILOG = """
examples:
  xiangqi-gpt evaluate default
  xiangqi-gpt evaluate runs/first --corpus games.parquet --kinds master master_unlabelled
  xiangqi-gpt evaluate runs/first --corpus games.parquet --split test --json

docs/evaluation.md says what each number means.
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt evaluate",
        description="Measure how well a model predicts games: moves, legality and results.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_model_and_corpus(parser)
    add_choice(parser)
    parser.add_argument(
        "--split",
        choices=("train", "validation", "test", "all"),
        default="validation",
        help="which games, by the split that training makes (default: validation)",
    )
    parser.add_argument("--kinds", nargs="+", default=[], metavar="KIND", help="only games of these kinds")
    parser.add_argument(
        "--games", type=int, default=0, metavar="N", help="at most so many games, drawn by chance, the same each time"
    )
    parser.add_argument(
        "--no-value-from",
        nargs="+",
        default=[],
        metavar="SOURCE",
        help="sources whose results are not to be believed: they do not count for win, draw and loss",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
    add_compute(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def main(argv: Sequence[str]) -> int:
    """Measure the model and print a table or a JSON object."""
    parser = _parser()
    options = parser.parse_args(argv)
    for name in ("games", "threads", "least_rating"):
        if getattr(options, name) < 0:
            parser.error(f"--{name.replace('_', '-')} must be at least 0, not {getattr(options, name)}")

    from xiangqi_gpt.data import sample_games
    from xiangqi_gpt.progress_bar import ProgressBar
    from xiangqi_gpt.records import RecordError
    from xiangqi_gpt.training.data.corpus_choice import game_condition
    from xiangqi_gpt.training.evaluation.evaluate_model import evaluate_model, format_metrics
    from xiangqi_gpt.training.runtime.compute import choose_compute
    from xiangqi_gpt.training.runtime.processes import find_device

    where = game_condition(options.where, options.years, options.least_rating)
    device = find_device(options.device)
    compute = choose_compute(options.precision, options.threads, device)
    problems: list[RecordError] = []
    with ProgressBar(unit="ply", unit_scale=True) as bar:
        measures = evaluate_model(
            options.model,
            [Path(name) for name in options.corpus] or [sample_games()],
            split=options.split,
            where=where,
            kinds=options.kinds,
            games=options.games,
            no_value_from=options.no_value_from,
            precision=compute.precision,
            device=device,
            problems=problems,
            on_group=bar.update,
        )
    compute.announce()
    if problems:
        warn(f"{len(problems):,} broken games were left out; the first: {problems[0]}")
    say(json.dumps(measures, ensure_ascii=False) if options.json else format_metrics(measures))
    return 0
