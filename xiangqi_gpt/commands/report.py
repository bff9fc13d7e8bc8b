"""``xiangqi-gpt report``: runs of training as a page, and two matches or two ladders side by side."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from .output import say, text_output
from .parser import Parser, check_command, check_folders


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt report",
        description="Show runs of training, or what match --json and ladder --json printed, side by side.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    compare = commands.add_parser("compare", help="how much a rating changed, and whether that is more than chance")
    compare.add_argument("before", metavar="BEFORE.json")
    compare.add_argument("after", metavar="AFTER.json")
    compare.add_argument("--json", action="store_true", help="print the comparison as one JSON object")
    runs = commands.add_parser("runs", help="curves, scores and cards of runs of training, as one page for a browser")
    runs.add_argument("folders", nargs="+", metavar="RUN", help="the folder of a run")
    runs.add_argument(
        "--html", type=text_output, default="runs.html", metavar="FILE", help="the page (default: runs.html)"
    )
    runs.add_argument("--force", action="store_true", help="replace the page if there is one")
    return parser


def _write_page(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    page = Path(options.html)
    check_folders(parser, options.html)

    from xiangqi_gpt.files import atomic_write, is_special
    from xiangqi_gpt.training.run.run_page import format_run_page, read_run

    if page.exists() and not options.force and not is_special(page):
        parser.error(f"{page} exists; --force replaces it")
    text = format_run_page([read_run(Path(folder)) for folder in options.folders])
    with atomic_write(page) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    if not is_special(page):
        say(f"page: {page}")
    return 0


def main(argv: Sequence[str]) -> int:
    """Write the page, or print the comparison."""
    parser = _parser()
    if argv and argv[0] not in ("compare", "runs") and Path(argv[0]).is_dir():
        argv = ["runs", *argv]  # report runs/a runs/b
    check_command(parser, argv, ("compare", "runs"))
    options = parser.parse_args(argv)
    if options.command == "runs":
        return _write_page(parser, options)

    from xiangqi_gpt.arena.report.compare import compare_reports, comparison_table, read_report

    before, after = read_report(options.before), read_report(options.after)
    changes = compare_reports(before, after)
    others = comparison_table(before, after)
    if options.json:
        keys = ("player", "before", "after", "difference", "low", "high", "likelihood")
        rows = [{key: getattr(change, key) for key in keys} for change in changes]
        say(json.dumps({"changes": rows, **{name: [old, new] for name, old, new in others}}, ensure_ascii=False))
        return 0
    for change in changes:
        say(change)
    for name, old, new in others:
        say(f"  {name.replace('_', ' ')}: {old} to {new}")
    return 0
