"""Training: the reader guesses the moves of one side of a game, and is told how many were right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from xiangqi_gpt.rules import Board, Move

from .move_notes import MoveNote

#: Points of a guess: the move that was played, and another that the model finds at least as likely, or a second try.
RIGHT: Final = 3
AS_GOOD: Final = 1


class Verdict(Enum):
    """What a guess was worth."""

    RIGHT = auto()
    AS_GOOD = auto()
    AGAIN = auto()  #: wrong, and to be tried once more
    WRONG = auto()


@dataclass
class Guessing:
    """The side whose moves are guessed, and the score so far."""

    side: int
    guesses: int = 0
    right: int = 0
    points: int = 0
    missed_at: Board | None = None  #: the position in which the first try was wrong

    def judge(
        self, board: Board, guess: Move, played: Move, policy: Mapping[Move, float], note: MoveNote | None
    ) -> Verdict:
        """Count a guess, unless it is wrong and may be tried once more.

        ``policy`` (may be empty) and ``note`` are what the model says of position and played move. Where left and right
        of a position are alike, so are a move and its mirror image.
        """
        is_second, self.missed_at = board == self.missed_at, None
        is_right = guess == played or (guess == played.mirror() and _is_symmetric(board))
        chance = policy.get(guess, 0.0)
        likely = note.probability if note is not None else policy.get(played)
        is_as_good = not is_right and likely is not None and chance >= likely
        if not (is_right or is_as_good or is_second):
            self.missed_at = board.copy()
            return Verdict.AGAIN
        self.guesses += 1
        if is_right and not is_second:
            self.right += 1
        self.points += RIGHT if is_right and not is_second else AS_GOOD if is_right or is_as_good else 0
        return Verdict.RIGHT if is_right else Verdict.AS_GOOD if is_as_good else Verdict.WRONG

    @property
    def share(self) -> float:
        """Points of those there were to get, 0 to 1."""
        return self.points / (RIGHT * self.guesses) if self.guesses else 0.0


def _is_symmetric(board: Board) -> bool:
    """Whether a position is its own mirror image."""
    squares = board.squares.reshape(10, 9)
    return bool((squares == squares[:, ::-1]).all())
