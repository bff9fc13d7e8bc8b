"""What every player is: something that is shown a board and chooses a move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from xiangqi_gpt.rules import Board, Move, XiangqiError


class PlayerError(XiangqiError):
    """A player that cannot be made or cannot go on; the text names the player."""


@dataclass(frozen=True)
class Decision:
    """A chosen move and what the player saw.

    ``policy`` gives the probability of legal moves, most likely first (empty for players without one); ``wdl`` the
    probabilities of a win, a draw and a loss for the side to move (None where the player has no opinion);
    ``variation`` the expected continuation with the chosen move first; ``nodes`` positions looked at.
    """

    move: Move
    policy: Mapping[Move, float] = field(default_factory=dict)
    wdl: tuple[float, float, float] | None = None
    variation: tuple[Move, ...] = ()
    nodes: int = 1
    seconds: float = 0.0


class Player(Protocol):
    """Chooses moves. The same seed and the same positions give the same moves."""

    name: str

    def choose(self, board: Board) -> Decision:
        """A legal move for the side to move. Raises ``PlayerError`` when the game is over."""
        ...

    def choose_many(self, boards: Sequence[Board]) -> list[Decision]:
        """One decision a board; for models much faster than one call a board."""
        ...

    def close(self) -> None:
        """Free what the player holds (processes, caches); calling it twice is fine."""
        ...
