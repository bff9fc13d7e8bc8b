"""What there is to draw: the views read it, only the controller makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import BLACK, RED, Move

from .session import GameSession
from .settings import Settings


@dataclass(frozen=True)
class Arrow:
    """A move drawn on the board: with a probability it is a thought, without one a hint."""

    move: Move
    probability: float | None = None


class Tone(Enum):
    """How urgent a line of the status is."""

    PLAIN = auto()
    GOOD = auto()
    BAD = auto()
    QUIET = auto()


@dataclass(frozen=True)
class Scene:
    """One moment of the program.

    ``status`` is the line that says what is going on; ``thinking`` the side whose player is deciding (None: no one);
    ``arrows`` the moves drawn on the board; ``mind`` what the model thinks of the shown position.
    """

    session: GameSession
    settings: Settings
    status: str
    tone: Tone
    thinking: int | None
    loading: bool
    arrows: Sequence[Arrow]
    mind: Decision | None

    @property
    def bottom(self) -> int:
        """The side at the bottom of the board."""
        return BLACK if self.settings.flipped else RED
