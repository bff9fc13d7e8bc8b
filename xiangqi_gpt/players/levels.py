"""Ten steps from a beginner to the strongest play of a model: the same on every machine, since none counts time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Level:
    """How a level plays: the model's moves drawn with ``temperature`` among the likeliest ``top_p``, in the style of
    ``source``; with ``nodes``, by the visits of a search of so many positions a move. ``overlook`` is the chance that a
    move is not seen that people overlook (``players.overlooking``). ``elo`` is its place on the ladder."""

    name: str
    temperature: float = 0.0
    top_p: float = 1.0
    source: str = "master"
    nodes: int = 0
    overlook: float = 0.0
    elo: int = 0


#: By number, 1 to 10. The weaker ones err as people do: they play moves that people play, only more often the worse.
#: Their places on the ladder: docs/levels.md.
LEVELS: Final = {
    1: Level("beginner", temperature=3.0, top_p=0.99, source="online", elo=-463),
    2: Level("novice", temperature=2.2, top_p=0.98, source="online", elo=-419),
    3: Level("learner", temperature=1.6, top_p=0.97, source="online", elo=-352),
    4: Level("casual player", temperature=1.2, top_p=0.95, source="online", elo=-302),
    5: Level("hobby player", temperature=0.8, top_p=0.95, source="online", elo=-254),
    6: Level("club player", temperature=0.4, top_p=0.9, elo=-78),
    7: Level("strong club player", elo=3),
    8: Level("expert", nodes=60, elo=624),
    9: Level("master", nodes=250, elo=858),
    10: Level("strongest", nodes=1200, elo=1096),
}

#: Elo of the levels with the shipped model on the ladder of docs/levels.md, where Fairy-Stockfish with 100 nodes is 0.
LADDER_ELO: Final = {number: level.elo for number, level in LEVELS.items()}
#: What 0 on the ladder is called where people or programs expect numbers above 0: the window, UCI_Elo.
SHOWN_ELO: Final = 1500


def nearest_level(elo: float) -> int:
    """Return the level whose Elo on the ladder is nearest to a number, of two equally near ones the weaker.

    >>> nearest_level(-1000), nearest_level(0), nearest_level(800)
    (1, 7, 9)
    """
    return min(LADDER_ELO, key=lambda level: abs(LADDER_ELO[level] - elo))


#: Players that are a model of ours, by the name their specs begin with.
MODEL_PLAYERS: Final = ("gpt", "default", "search")


def at_its_best(spec: str) -> str:
    """Return a model's spec without its level or chance: whom to ask for advice. Other players stay as they are.

    >>> at_its_best("gpt,level=2"), at_its_best("random")
    ('gpt', 'random')
    """
    name, _, target = spec.partition(":") if ":" in spec.partition(",")[0] else (spec.partition(",")[0], "", "")
    if name not in MODEL_PLAYERS:
        return spec
    folder = target.partition(",")[0]
    return f"gpt:{folder}" if folder else "gpt"
