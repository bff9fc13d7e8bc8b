"""The rungs of the ladder: opponents anyone can install, at fixed nodes or depth, and how strong they are.

The ratings are from a tournament of all rungs among each other, 1,810 games from random openings, by maximum
likelihood; Fairy-Stockfish at 100 nodes is zero. ``error`` is one standard deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.players.engine_process import EngineError, find_program
from xiangqi_gpt.players.spec import parse_spec


@dataclass(frozen=True)
class Rung:
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


RUNGS: Final = (
    Rung("random", "random", -1012, 65),
    Rung("greedy", "greedy", -658, 53),
    Rung("greedy2", "greedy2", -442, 39),
    Rung("hoixiangqi depth 1", "xboard:hoixiangqi,depth=1", -319, 45, "hoichess"),
    Rung("hoixiangqi depth 2", "xboard:hoixiangqi,depth=2", -190, 30, "hoichess"),
    Rung("fairy-stockfish 100 nodes", "uci:fairy-stockfish,nodes=100", 0, 0, "fairy-stockfish"),
    Rung("hoixiangqi depth 3", "xboard:hoixiangqi,depth=3", 123, 35, "hoichess"),
    Rung("hoixiangqi depth 4", "xboard:hoixiangqi,depth=4", 207, 40, "hoichess"),
    Rung("fairy-stockfish 1,000 nodes", "uci:fairy-stockfish,nodes=1000", 391, 43, "fairy-stockfish"),
    Rung("sjaakii depth 4", "uci:sjaakii,depth=4", 599, 109, "sjaakii"),
    Rung("fairy-stockfish 10,000 nodes", "uci:fairy-stockfish,nodes=10000", 1011, 134, "fairy-stockfish"),
    Rung("fairy-stockfish 100,000 nodes", "uci:fairy-stockfish,nodes=100000", 1494, 163, "fairy-stockfish"),
)


def installed(rungs: Sequence[Rung] = RUNGS) -> tuple[list[Rung], list[Rung]]:
    """The rungs that can be played on this machine, and those that are missing."""
    here = [rung for rung in rungs if rung.is_installed]
    return here, [rung for rung in rungs if rung not in here]
