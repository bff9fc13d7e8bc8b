"""The rated games of one person: against whom, with which side, and how they ended."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from .database import UserStore, UserStoreError


@dataclass(frozen=True)
class RatedGame:
    """A game that was played to its end.

    ``level`` and its ``elo`` on the ladder when it was played; ``side`` is the person's, ``red`` or ``black``;
    ``score`` is 1, 0.5 or 0 for the person; ``reason`` says how it ended; ``plies`` is its length.
    """

    played: datetime
    level: int
    elo: float
    side: str
    score: float
    reason: str = ""
    plies: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**asdict(self), "played": _text(self.played)}


class RatedGames:
    """The rated games of one person, in the order in which they ended."""

    def __init__(self, store: UserStore) -> None:
        self._store = store

    def add(self, game: RatedGame) -> None:
        """Keep a game. Raises ``UserStoreError``."""
        with self._store.writing() as connection:
            connection.execute(
                "INSERT INTO rated_games (played, level, elo, side, score, reason, plies) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (_text(game.played), game.level, game.elo, game.side, game.score, game.reason, game.plies),
            )

    def all(self) -> list[RatedGame]:
        """Return all games, the oldest first. Raises ``UserStoreError``."""
        return [_game(row) for row in self._store.rows("SELECT * FROM rated_games ORDER BY id")]

    def delete(self) -> int:
        """Delete all games; return how many there were. Raises ``UserStoreError``."""
        return self._store.empty("rated_games")


def _game(row: sqlite3.Row) -> RatedGame:
    try:
        score, played = float(row["score"]), datetime.fromisoformat(row["played"])
        if score not in (0.0, 0.5, 1.0):
            raise ValueError(f"a score of {score}")
        values = (int(row["level"]), float(row["elo"]), str(row["side"]))
        return RatedGame(played, *values, score, str(row["reason"]), int(row["plies"]))
    except (ValueError, TypeError) as error:
        raise UserStoreError(f"a rated game is damaged: {error}") from None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
