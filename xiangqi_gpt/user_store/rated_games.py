"""The rated games of one person: against whom, with which side, and how they ended."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from xiangqi_gpt.rules import BLACK, RED, Outcome, Termination
from xiangqi_gpt.rules.pieces import COLOR_NAMES

from .database import UserStore, UserStoreError


@dataclass(frozen=True)
class RatedGame:
    """A game that was played to its end.

    ``level`` and its ``elo`` on the ladder when it was played; ``side`` is the person's, ``red`` or ``black``;
    ``score`` is 1, 0.5 or 0 for the person; ``reason`` says how it ended; ``plies`` is its length. ``game_id`` tells
    it from every other game, so that it counts once; "" where it has none.
    """

    played: datetime
    level: int
    elo: float
    side: str
    score: float
    reason: str = ""
    plies: int = 0
    game_id: str = ""

    @classmethod
    def ended(
        cls, outcome: Outcome, side: int, *, level: int, elo: float, played: datetime, plies: int, game_id: str = ""
    ) -> RatedGame:
        """Return what is kept of a game that ``outcome`` has ended; ``side`` is the person's, RED or BLACK."""
        score = 0.5 if outcome.winner is None else float(outcome.winner == side)
        decided = outcome.termination is Termination.ADJUDICATION and outcome.detail
        reason = outcome.detail if decided else str(outcome.termination)
        return cls(played, level, elo, COLOR_NAMES[side], score, reason, plies, game_id)

    @property
    def outcome(self) -> Outcome:
        """How it ended, for a sentence about it; a reason that is not known counts as decided by the players."""
        side = BLACK if self.side == COLOR_NAMES[BLACK] else RED
        winner = None if self.score == 0.5 else side if self.score else 1 - side
        try:
            return Outcome(winner, Termination(self.reason))
        except ValueError:
            return Outcome(winner, Termination.ADJUDICATION, self.reason)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**asdict(self), "played": _text(self.played)}

    @classmethod
    def from_dict(cls, data: Any) -> RatedGame:
        """Return a game from ``as_dict`` or from its row. Raises ``UserStoreError`` when the data is none."""
        try:
            score, played = float(data["score"]), datetime.fromisoformat(data["played"])
            if score not in (0.0, 0.5, 1.0):
                raise ValueError(f"a score of {score}")
            if str(data["side"]) not in COLOR_NAMES:
                raise ValueError(f"a side {data['side']!r}")
            values = (int(data["level"]), float(data["elo"]), str(data["side"]))
            if not math.isfinite(values[1]):
                raise ValueError(f"a level of {values[1]} Elo")
            reason, plies, game_id = str(data["reason"]), int(data["plies"]), str(data["game_id"] or "")
            return cls(played, *values, score, reason, plies, game_id)
        except (LookupError, ValueError, TypeError, OverflowError) as error:
            raise UserStoreError(f"a rated game is damaged: {error}") from None


def has_begun(plies: int, side: int) -> bool:
    """Return whether the person who plays ``side`` has moved in a game of so many plies from the usual start.

    From then on a rated game counts, and leaving it is a loss; before that it is aborted.
    """
    return plies > (0 if side == RED else 1)


def next_side(games: Sequence[RatedGame]) -> int:
    """Return the side of the next rated game: the other one than in the last, RED at first."""
    return BLACK if games and games[-1].side == COLOR_NAMES[RED] else RED


class RatedGames:
    """The rated games of one person, in the order in which they ended."""

    def __init__(self, store: UserStore) -> None:
        self._store = store

    def add(self, game: RatedGame) -> bool:
        """Keep a game; return False where one with its ``game_id`` is kept already. Raises ``UserStoreError``."""
        values = (_text(game.played), game.level, game.elo, game.side, game.score, game.reason, game.plies)
        with self._store.writing() as connection:
            added = connection.execute(
                "INSERT INTO rated_games (played, level, elo, side, score, reason, plies, game_id) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (game_id) DO NOTHING",
                (*values, game.game_id or None),
            )
        return added.rowcount == 1

    def all(self) -> list[RatedGame]:
        """Return all games, the oldest first. Raises ``UserStoreError``."""
        return [RatedGame.from_dict(row) for row in self._store.rows("SELECT * FROM rated_games ORDER BY id")]

    def delete(self) -> int:
        """Delete all games; return how many there were. Raises ``UserStoreError``."""
        return self._store.empty("rated_games")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
