"""Options that all commands share which measure a model on games."""

from __future__ import annotations

import argparse


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
