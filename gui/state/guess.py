"""Training: the reader guesses the moves of one side of a game, and is told how many were right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from xiangqi_gpt.rules import Move

from .move_notes import MoveNote

#: Points of a guess: the move that was played, and another that the model finds at least as likely.
RIGHT: Final = 3
AS_GOOD: Final = 1


class Verdict(Enum):
    """What a guess was worth."""

    RIGHT = auto()
    AS_GOOD = auto()
    WRONG = auto()


@dataclass
class Guessing:
    """The side whose moves are guessed, and the score so far."""

    side: int
    guesses: int = 0
    right: int = 0
    points: int = 0

    def judge(self, guess: Move, played: Move, policy: Mapping[Move, float], note: MoveNote | None) -> Verdict:
        """Count a guess. ``policy`` (may be empty) and ``note`` are what the model says of position and played move."""
        self.guesses += 1
        if guess == played:
            self.right += 1
            self.points += RIGHT
            return Verdict.RIGHT
        chance = policy.get(guess, 0.0)
        likely = note.probability if note is not None else policy.get(played)
        if likely is not None and chance >= likely:
            self.points += AS_GOOD
            return Verdict.AS_GOOD
        return Verdict.WRONG

    @property
    def share(self) -> float:
        """Points of those there were to get, 0 to 1."""
        return self.points / (RIGHT * self.guesses) if self.guesses else 0.0
