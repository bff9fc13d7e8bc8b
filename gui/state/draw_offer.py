"""The offer of a draw that stands in a game, and how soon a person may offer one again."""

from __future__ import annotations

from typing import Final

#: Plies after which a person whose offer was refused may offer again.
OFFER_AGAIN: Final = 10


class DrawOffer:
    """Counts in plies of the game; ``first_turn`` is the side that makes its first move."""

    def __init__(self, first_turn: int) -> None:
        self._first_turn = first_turn
        self._offer: tuple[int, int] | None = None  # by whom, after how many plies
        self._refused_at: int | None = None

    def offer(self, side: int, ply: int) -> None:
        """A side offers a draw; it stands until the other side has moved."""
        self._offer = (side, ply)

    def refuse(self, ply: int) -> None:
        """A person's offer was refused."""
        self._refused_at = ply

    def offered_by(self, played: int) -> int | None:
        """Return the side whose offer stands after so many plies; None where there is none."""
        if self._offer is None:
            return None
        side, ply = self._offer
        moved_since = [(self._first_turn + index) % 2 for index in range(ply, played)]
        return side if ply <= played and 1 - side not in moved_since else None

    def plies_to_next(self, played: int) -> int:
        """Return how many plies must be played before a person may offer a draw (again)."""
        last = self._refused_at
        return 0 if last is None or last > played else max(0, last + OFFER_AGAIN - played)
