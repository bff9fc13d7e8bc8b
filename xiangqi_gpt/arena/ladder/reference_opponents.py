"""The reference opponents of the ladder: players anyone can install, at fixed nodes or depth, and how strong they are.

The ratings are from a tournament of all of them among each other, 1,810 games from random openings, by maximum
likelihood; Fairy-Stockfish at 100 nodes is zero. ``error`` is one standard deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.players.engine_process import EngineError, find_program
from xiangqi_gpt.players.spec import parse_spec


@dataclass(frozen=True)
class ReferenceOpponent:
    """An opponent of known strength; ``package`` is the Debian package that brings its program, "" for ours."""

    name: str
    spec: str
    elo: float
    error: float
    package: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether its program is on this machine."""
        if not self.package:
            return True
        try:
            find_program(parse_spec(self.spec).target)
        except EngineError:
            return False
        return True


REFERENCE_OPPONENTS: Final = (
    ReferenceOpponent("random", "random", -1012, 65),
    ReferenceOpponent("greedy", "greedy", -658, 53),
    ReferenceOpponent("greedy2", "greedy2", -442, 39),
    ReferenceOpponent("hoixiangqi depth 1", "xboard:hoixiangqi,depth=1", -319, 45, "hoichess"),
    ReferenceOpponent("hoixiangqi depth 2", "xboard:hoixiangqi,depth=2", -190, 30, "hoichess"),
    ReferenceOpponent("fairy-stockfish 100 nodes", "uci:fairy-stockfish,nodes=100", 0, 0, "fairy-stockfish"),
    ReferenceOpponent("hoixiangqi depth 3", "xboard:hoixiangqi,depth=3", 123, 35, "hoichess"),
    ReferenceOpponent("hoixiangqi depth 4", "xboard:hoixiangqi,depth=4", 207, 40, "hoichess"),
    ReferenceOpponent("fairy-stockfish 1,000 nodes", "uci:fairy-stockfish,nodes=1000", 391, 43, "fairy-stockfish"),
    ReferenceOpponent("sjaakii depth 4", "uci:sjaakii,depth=4", 599, 109, "sjaakii"),
    ReferenceOpponent("fairy-stockfish 10,000 nodes", "uci:fairy-stockfish,nodes=10000", 1011, 134, "fairy-stockfish"),
    ReferenceOpponent(
        "fairy-stockfish 100,000 nodes", "uci:fairy-stockfish,nodes=100000", 1494, 163, "fairy-stockfish"
    ),
)


def installed(
    opponents: Sequence[ReferenceOpponent] = REFERENCE_OPPONENTS,
) -> tuple[list[ReferenceOpponent], list[ReferenceOpponent]]:
    """The reference opponents that can be played on this machine, and those that are missing."""
    here = [opponent for opponent in opponents if opponent.is_installed]
    return here, [opponent for opponent in opponents if opponent not in here]
