"""``xiangqi-gpt rules check FILE``: judge repeated positions and compare with the verdicts of a file.

Each line of FILE is a JSON object: "fen", "moves" (coordinates), "game_end" and "side_to_move_result" ("win", "draw",
"loss" or null). The exit status is 1 when a verdict differs.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from .output import say
from .parser import Parser, check_command


def main(argv: Sequence[str]) -> int:
    """Print each case that differs and how many agree."""
    parser = Parser(prog="xiangqi-gpt rules", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="judge the cases of a file")
    check.add_argument(
        "file",
        type=Path,
        help='a case a line: {"fen": "...", "moves": ["h2e2", ...], "game_end": true, "side_to_move_result": "win"}',
    )
    check_command(parser, argv, ("check",))
    options = parser.parse_args(argv)

    from xiangqi_gpt.rules.repetition_cases import read_cases

    cases = list(read_cases(options.file))
    for case in cases:
        if not case.agrees():
            expected = f"{case.side_to_move_result or 'any result'} for the side to move"
            say(f"line {case.line}: {case.note or case.board.fen()}")
            say(f"  expected: {expected if case.game_end else 'the game goes on'}")
            say(f"  found:    {case.board.outcome() or 'the game goes on'}")
    agreeing = sum(case.agrees() for case in cases)
    say(f"{agreeing} of {len(cases)} cases agree")
    return 0 if agreeing == len(cases) else 1
