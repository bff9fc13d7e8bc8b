"""Who plays whom from which opening with which colour: the same list every time, so that a stopped match can go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from xiangqi_gpt.rules import BLACK, RED

from .start_positions import Opening


@dataclass(frozen=True)
class Fixture:
    """A game to be played.

    ``number`` counts from 1; ``pair`` is shared by the two games from one opening; ``players`` are the places of the
    first and the second player in the list of all, ``first_color`` is the side of the first.
    """

    number: int
    pair: int
    players: tuple[int, int]
    first_color: int
    opening: Opening

    @property
    def round(self) -> str:
        """The tag ``Round``: the pair, counted from 1, and which of its games this is."""
        return f"{self.pair + 1}.{1 if self.first_color == RED else 2}"


def pairings(players: int, *, gauntlet: bool = False) -> list[tuple[int, int]]:
    """Who meets whom: everybody everybody, or in a gauntlet the first player all others.

    >>> pairings(3), pairings(3, gauntlet=True)
    ([(0, 1), (0, 2), (1, 2)], [(0, 1), (0, 2)])
    """
    return [pairing for pairing in combinations(range(players), 2) if not gauntlet or pairing[0] == 0]


def schedule(
    openings: Sequence[Opening], games: int, *, players: int = 2, gauntlet: bool = False, paired: bool = True
) -> Iterator[Fixture]:
    """``games`` games of each pairing, every opening with both colours; openings start over when they run out.

    All pairings meet once in an opening before the next one comes, so that a match that is stopped is even.
    ``paired=False`` plays each opening once, colours taking turns. More games only add to the end of the list.
    """
    meetings = pairings(players, gauntlet=gauntlet)
    legs = 2 if paired else 1
    for turn in range((games + legs - 1) // legs):
        opening = openings[turn % len(openings)]
        for place, meeting in enumerate(meetings):
            pair = turn * len(meetings) + place
            for leg in range(min(legs, games - turn * legs)):
                color = BLACK if (leg if paired else turn) % 2 else RED
                yield Fixture(pair * legs + leg + 1, pair, meeting, color, opening)
