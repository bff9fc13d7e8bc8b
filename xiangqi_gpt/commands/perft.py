"""``xiangqi-gpt perft``: count positions, the standard proof of a move generator."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .output import say, warn
from .parser import Parser


def main(argv: Sequence[str]) -> int:
    """Print the number of positions DEPTH plies deep, and the speed on standard error."""
    parser = Parser(prog="xiangqi-gpt perft", description=__doc__)
    parser.add_argument("depth", type=int, help="how many plies deep (0-12)")
    parser.add_argument("--fen", help="position to start from (default: the start of the game)")
    parser.add_argument("--divide", action="store_true", help="print the count below each first move")
    options = parser.parse_args(argv)
    if not 0 <= options.depth <= 12:
        parser.error("the depth must be between 0 and 12")

    from xiangqi_gpt.machine import machine_line
    from xiangqi_gpt.rules import START_FEN, Board
    from xiangqi_gpt.rules.perft import divide, perft

    board = Board(options.fen or START_FEN, lenient=True)
    start = time.perf_counter()
    if options.divide:
        counts = divide(board, options.depth)
        for move, count in counts.items():
            say(f"{move}: {count}")
        total = sum(counts.values())
    else:
        total = perft(board, options.depth)
    seconds = time.perf_counter() - start
    say(total)
    rate = total / max(seconds, 1e-9)
    warn(f"{seconds:.2f} s, {rate:,.0f} nodes a second on {machine_line()}")
    return 0
