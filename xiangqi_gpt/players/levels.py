"""Twenty steps from a first game to a model's strongest play: the same on every machine, since none counts time."""

from __future__ import annotations

import re
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


#: By number, 1 to 20. The weaker ones err as people do: they play moves that people play, only more often the worse,
#: and overlook what people overlook. Their places on the ladder, and how well they are known: docs/levels.md.
LEVELS: Final = {
    1: Level("first game", temperature=4.5, source="online", overlook=0.9, elo=-886),
    2: Level("newcomer", temperature=3.0, source="online", overlook=0.7, elo=-803),
    3: Level("starter", temperature=3.0, top_p=0.99, source="online", overlook=0.7, elo=-660),
    4: Level("early beginner", temperature=3.0, top_p=0.99, source="online", overlook=0.4, elo=-561),
    5: Level("beginner", temperature=3.0, top_p=0.99, source="online", elo=-463),
    6: Level("novice", temperature=2.2, top_p=0.98, source="online", elo=-419),
    7: Level("learner", temperature=1.6, top_p=0.97, source="online", elo=-352),
    8: Level("casual player", temperature=1.2, top_p=0.95, source="online", elo=-302),
    9: Level("hobby player", temperature=0.8, top_p=0.95, source="online", elo=-254),
    10: Level("club player", temperature=0.4, top_p=0.9, elo=-78),
    11: Level("strong club player", elo=3),
    12: Level("team player", nodes=10, overlook=0.3, elo=142),
    13: Level("team captain", nodes=20, overlook=0.2, elo=219),
    14: Level("tournament player", nodes=28, overlook=0.1, elo=370),
    15: Level("prize winner", nodes=40, overlook=0.05, elo=454),
    16: Level("expert", nodes=60, elo=624),
    17: Level("leading expert", nodes=120, elo=686),
    18: Level("master", nodes=250, elo=858),
    19: Level("senior master", nodes=550, elo=975),
    20: Level("strongest", nodes=1200, elo=1096),
}
STRONGEST_LEVEL: Final = max(LEVELS)

#: Options of the search with which the levels were rated: they keep them where the search's own become stronger.
LEVEL_SEARCH: Final = {"quiescence": "captures", "in_flight": "loss"}

#: The levels of version 0.1, which had ten: which of today's plays the same, move for move.
LEVELS_OF_0_1: Final = {1: 5, 2: 6, 3: 7, 4: 8, 5: 9, 6: 10, 7: 11, 8: 16, 9: 18, 10: 20}

#: Elo of the levels with the shipped model on the ladder of docs/levels.md, where Fairy-Stockfish with 100 nodes is 0.
LADDER_ELO: Final = {number: level.elo for number, level in LEVELS.items()}
#: What 0 on the ladder is called where people or programs expect numbers above 0: the window, UCI_Elo.
SHOWN_ELO: Final = 1500


def nearest_level(elo: float) -> int:
    """Return the level whose Elo on the ladder is nearest to a number, of two equally near ones the weaker.

    >>> nearest_level(-1000), nearest_level(0), nearest_level(850)
    (1, 11, 18)
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


def from_version_0_1(spec: str) -> str:
    """Return a player's spec that version 0.1 wrote with its level as it is numbered now; others stay as they are.

    >>> from_version_0_1("gpt:my model,level=3"), from_version_0_1("gpt"), from_version_0_1("uci:x,level=3")
    ('gpt:my model,level=7', 'gpt', 'uci:x,level=3')
    """
    if re.split("[:,]", spec)[0] not in MODEL_PLAYERS:
        return spec
    return re.sub(
        r",level=(\d+)(?=,|$)", lambda found: f",level={LEVELS_OF_0_1.get(int(found[1]), int(found[1]))}", spec
    )


def rated_level(spec: str) -> int | None:
    """Return the level that a spec plays with the shipped model, whose strength is known; None for any other player.

    >>> rated_level("gpt,level=7"), rated_level("gpt:default,level=7"), rated_level("gpt:my model,level=7")
    (7, 7, None)
    """
    found = re.fullmatch(r"(?:gpt|default|gpt:default|default:default),level=([1-9]\d*)", spec.strip())
    level = int(found[1]) if found else 0
    return level if level in LEVELS else None
