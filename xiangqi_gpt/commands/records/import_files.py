"""``xiangqi-gpt records import``: files, folders and archives of records to one clean corpus."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..output import corpus_output, report_stream, say, text_output
from ..parser import Parser, check_folders

_EPILOG = """
examples:
  xiangqi-gpt records import ~/xiangqi collection.zip --out corpus.parquet
  xiangqi-gpt records import games/ --out corpus.parquet --on-illegal drop --report report.html

Interrupted, the same command goes on where it stopped (.OUT.import beside OUT keeps what was read).
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt records import",
        description="Read every record in files, folders and archives, check each move, merge duplicates, and write "
        "one corpus with a training, validation and test split.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("path", nargs="+", metavar="PATH", help="a record file, a folder, a zip or a tar archive")
    add("--out", type=corpus_output, required=True, metavar="OUT.parquet", help="the corpus to write")
    add(
        "--on-illegal",
        choices=("cut", "drop", "fail"),
        default="cut",
        help="a game with an illegal move: keep the moves before it, leave the game out, or stop (default: cut)",
    )
    add("--report", type=text_output, metavar="FILE.html", help="also write the report as a page")
    add("--workers", type=int, metavar="N", help="how many processes read (default: one a core)")
    add("--memory-limit", default="2GiB", metavar="SIZE", help="memory for merging (default: 2GiB)")
    add("--force", action="store_true", help="replace OUT if it exists")
    return parser


def main(argv: Sequence[str]) -> int:
    """Import and print the report; progress goes to standard error."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.workers is not None and options.workers < 1:
        parser.error(f"--workers must be at least 1, not {options.workers}")
    check_folders(parser, options.out, options.report)

    from xiangqi_gpt.records.corpus.sql import memory_size
    from xiangqi_gpt.records.importer.import_report import format_report, write_report
    from xiangqi_gpt.records.importer.run_import import import_records

    report = import_records(
        options.path,
        options.out,
        on_illegal=options.on_illegal,
        workers=options.workers,
        memory=memory_size(options.memory_limit),
        replace=options.force,
    )
    if options.report:
        write_report(report, options.report, f"Import into {Path(options.out).name}")
    say(format_report(report), file=report_stream(parser, options.report))
    return 0
