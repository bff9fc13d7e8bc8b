"""Which variations of a study show their first move only."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Final

from xiangqi_gpt.records.game_node import GameNode

#: Moves of a line that is shown without being asked for.
_SHORT: Final = 60


class Folding:
    """What a person folded and unfolded; ``revision`` counts how often."""

    def __init__(self) -> None:
        self.revision = 0
        self._chosen: dict[GameNode, bool] = {}
        self._all = False

    def is_folded(self, first: GameNode, depth: int, looked_at: Collection[GameNode]) -> bool:
        """Return whether a variation is folded; ``depth`` 1 is one that leaves the game itself.

        Unless a person chose, those are that are long or inside another one, but none of the nodes looked at.
        """
        if first.is_end():
            return False
        if (chosen := self._chosen.get(first)) is not None:
            return chosen
        if first in looked_at:
            return False
        return depth > 1 or self._all or sum(1 for _ in islice(first.mainline_moves(), _SHORT)) == _SHORT

    def choose(self, first: GameNode, *, is_folded: bool) -> None:
        """Fold or unfold a variation."""
        self._chosen[first] = is_folded
        self.revision += 1

    def toggle_all(self) -> bool:
        """Fold all, or as is usual; return whether they are folded now."""
        self._chosen.clear()
        self._all = not self._all
        self.revision += 1
        return self._all

    def reveal(self, path: list[GameNode]) -> None:
        """Unfold what hides the last position of a path."""
        for step in path[:-1]:
            if self._chosen.get(step):
                self.choose(step, is_folded=False)
