"""``xiangqi-gpt warm``: compile the rules, so that the first move of a game does not have to wait for it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .parser import Parser


def main(argv: Sequence[str]) -> int:
    """Compile what is not compiled yet and say what was done."""
    parser = Parser(prog="xiangqi-gpt warm", description=__doc__)
    parser.parse_args(argv)

    start = time.perf_counter()
    from xiangqi_gpt.players.warm import warm as warm_players
    from xiangqi_gpt.records.warm import warm as warm_records
    from xiangqi_gpt.rules.warm import warm as warm_rules

    compiled = warm_rules() + warm_records() + warm_players()
    seconds = time.perf_counter() - start
    if compiled:
        print(f"compiled the rules ({compiled} functions) in {seconds:.1f} s; later starts will use them")
    else:
        print(f"the rules were compiled already; loaded in {seconds:.1f} s")
    return 0
