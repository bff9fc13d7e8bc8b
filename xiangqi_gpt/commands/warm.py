"""``xiangqi-gpt warm``: compile the rules, so that the first move of a game does not have to wait for it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from .output import say
from .parser import Parser


def main(argv: Sequence[str]) -> int:
    """Compile what is not compiled yet and say what was done."""
    parser = Parser(prog="xiangqi-gpt warm", description=__doc__)
    parser.parse_args(argv)

    start = time.perf_counter()
    from .kernel_stages import STAGES, compile_stages, end_behind, is_complete, start_behind

    helper = None if is_complete() or (os.cpu_count() or 1) < 2 else start_behind()
    compiled = compile_stages(STAGES)
    if helper is not None:
        end_behind(helper)
    seconds = time.perf_counter() - start
    if helper is not None or compiled:
        say(f"compiled the rules in {seconds:.1f} s; later starts will use them")
    else:
        say(f"the rules were compiled already; loaded in {seconds:.1f} s")
    return 0
