"""Options that all commands share which measure a model on games."""

from __future__ import annotations

import argparse

from xiangqi_gpt.training.config import (
    AUTO,
    LEAST_RATING_HELP,
    PRECISION_HELP,
    PRECISIONS,
    THREADS_HELP,
    WHERE_HELP,
    YEARS_HELP,
    thread_count,
)


def add_model_and_corpus(parser: argparse.ArgumentParser) -> None:
    """What is measured, and on which games."""
    parser.add_argument("model", metavar="MODEL", help="a model's folder, or the name of a shipped model (default)")
    parser.add_argument(
        "--corpus",
        nargs="+",
        default=[],
        metavar="FILE",
        help="game records: Parquet corpora or PGN files (default: the sample games that ship)",
    )


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Which games of a corpus, as in ``train``."""
    parser.add_argument("--where", default="", metavar="SQL", help=WHERE_HELP)
    parser.add_argument("--years", default="", metavar="YEARS", help=YEARS_HELP)
    parser.add_argument("--least-rating", type=int, default=0, metavar="N", help=LEAST_RATING_HELP)


def add_compute(parser: argparse.ArgumentParser) -> None:
    """Precision and threads, chosen for this machine unless they are given."""
    parser.add_argument("--precision", choices=PRECISIONS, default=AUTO, help=f"{PRECISION_HELP} (default: {AUTO})")
    parser.add_argument("--threads", type=thread_count, default=0, metavar="N", help=THREADS_HELP)
