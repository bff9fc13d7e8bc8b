"""``xiangqi-gpt report``: what two matches or two ladders say when they are put side by side."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from .parser import Parser, check_command


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="xiangqi-gpt report", description="Work with what match --json and ladder --json printed.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    compare = commands.add_parser("compare", help="how much a rating changed, and whether that is more than chance")
    compare.add_argument("before", metavar="BEFORE.json")
    compare.add_argument("after", metavar="AFTER.json")
    compare.add_argument("--json", action="store_true", help="print the comparison as one JSON object")
    return parser


def main(argv: Sequence[str]) -> int:
    """Print the comparison."""
    parser = _parser()
    check_command(parser, argv, ("compare",))
    options = parser.parse_args(argv)

    from xiangqi_gpt.arena.report.compare import compare_reports, comparison_table, read_report

    before, after = read_report(options.before), read_report(options.after)
    changes = compare_reports(before, after)
    others = comparison_table(before, after)
    if options.json:
        keys = ("player", "before", "after", "difference", "low", "high", "likelihood")
        rows = [{key: getattr(change, key) for key in keys} for change in changes]
        print(json.dumps({"changes": rows, **{name: [old, new] for name, old, new in others}}, ensure_ascii=False))
        return 0
    for change in changes:
        print(change)
    for name, old, new in others:
        print(f"  {name.replace('_', ' ')}: {old} to {new}")
    return 0
