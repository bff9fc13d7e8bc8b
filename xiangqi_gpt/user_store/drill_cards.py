"""Mistakes to learn from, each a position to be tried again, that come back by spaced repetition (FSRS)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from xiangqi_gpt.files import parse_json
from xiangqi_gpt.rules import Board, Move

from .database import UserStore, UserStoreError

if TYPE_CHECKING:
    from fsrs import Scheduler

_UTC: Final = UTC
#: What a row that was written by something else raises where it is read.
_DAMAGE: Final = (AttributeError, LookupError, OverflowError, TypeError, ValueError)


@dataclass(frozen=True)
class Position:
    """A position in which a mistake was made.

    Moves are coordinates (``h2e2``): ``played``, the ``best`` one with its continuation ``variation``, and the
    ``refutation`` of what was played; ``loss`` is the expected score given away (0 to 1), ``game`` says where it was.
    """

    fen: str
    played: str
    best: str
    variation: tuple[str, ...]
    refutation: tuple[str, ...]
    loss: float
    game: str = ""


@dataclass(frozen=True)
class DrillCard:
    """A position that is kept: when it is due, how often it was tried, and how often the first try was right."""

    id: int
    position: Position
    due: datetime
    tries: int
    solved: int


class DrillDeck:
    """The positions of one person."""

    def __init__(self, store: UserStore) -> None:
        self._store = store

    def __len__(self) -> int:
        rows = self._store.rows("SELECT count(*) AS cards FROM drill_cards")
        return int(rows[0]["cards"]) if rows else 0

    def add(self, positions: Iterable[Position], now: datetime | None = None) -> int:
        """Keep positions, due at once; return how many were new: one that is known stays as it is."""
        from fsrs import Card

        now, added = now or datetime.now(_UTC), 0
        with self._store.writing() as connection:
            for position in positions:
                schedule = Card(card_id=1, due=now).to_json()
                done = connection.execute(
                    "INSERT OR IGNORE INTO drill_cards"
                    " (fen, played, best, variation, refutation, loss, game, schedule, due)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(_key(position.fen), position.played, position.best, " ".join(position.variation)),
                        *(" ".join(position.refutation), position.loss, position.game, schedule, _text(now)),
                    ),
                )
                added += done.rowcount
        return added

    def due(self, now: datetime | None = None, most: int = 1000) -> list[DrillCard]:
        """Return the positions that are due, the longest overdue first, then the gravest."""
        return self._cards("WHERE due <= ? ORDER BY due, loss DESC LIMIT ?", (_text(now or datetime.now(_UTC)), most))

    def all(self) -> list[DrillCard]:
        """Return all positions, those that are due first in front."""
        return self._cards("ORDER BY due, id", ())

    def next_due(self) -> datetime | None:
        """Return when the next position is due, None where there is none."""
        cards = self._cards("ORDER BY due LIMIT 1", ())
        return cards[0].due if cards else None

    def answer(self, card: int, *, right: bool, now: datetime | None = None) -> datetime:
        """Keep whether the first try at a position was right; return when it comes back.

        Raises ``UserStoreError`` where it is no longer kept.
        """
        from fsrs import Card, Rating

        now = now or datetime.now(_UTC)
        with self._store.writing() as connection:
            row = connection.execute("SELECT schedule FROM drill_cards WHERE id = ?", (card,)).fetchone()
            if row is None:
                raise UserStoreError("this position is no longer among those to be drilled")
            try:
                schedule = Card.from_json(row["schedule"])
                schedule, _ = _scheduler(right).review_card(schedule, Rating.Good if right else Rating.Again, now)
            except _DAMAGE as error:
                raise _damaged(error) from None
            connection.execute(
                "UPDATE drill_cards SET schedule = ?, due = ?, tries = tries + 1, solved = solved + ? WHERE id = ?",
                (schedule.to_json(), _text(schedule.due), int(right), card),
            )
        return schedule.due

    def delete(self) -> int:
        """Delete all positions; return how many there were. Raises ``UserStoreError``."""
        return self._store.empty("drill_cards")

    def _cards(self, clause: str, values: tuple[object, ...]) -> list[DrillCard]:
        return [_card(row) for row in self._store.rows(f"SELECT * FROM drill_cards {clause}", values)]


@cache
def _scheduler(right: bool) -> Scheduler:
    """FSRS with its own parameters; without its random shift of dates, so that the same answers give the same days.

    What was wrong comes back after its minutes of learning; what was right skips them.
    """
    from fsrs import Scheduler

    if right:
        return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    return Scheduler(enable_fuzzing=False)


def _card(row: sqlite3.Row) -> DrillCard:
    try:
        parse_json(row["schedule"])
        position = Position(
            *(row["fen"], row["played"], row["best"], tuple(row["variation"].split())),
            *(tuple(row["refutation"].split()), row["loss"], row["game"]),
        )
        _check(position)
        return DrillCard(row["id"], position, datetime.fromisoformat(row["due"]), row["tries"], row["solved"])
    except _DAMAGE as error:
        raise _damaged(error) from None


def _damaged(error: Exception) -> UserStoreError:
    return UserStoreError(f"a position to be drilled is damaged: {error}")


def _check(position: Position) -> None:
    """Raise ``XiangqiError`` where the position is none, or a move of it no move's name."""
    Board(position.fen)
    for text in (position.played, position.best, *position.variation, *position.refutation):
        Move.from_iccs(text)


def _key(fen: str) -> str:
    """A position without its counters: the same one from another game is the same task."""
    return " ".join(fen.split()[:2])


def _text(moment: datetime) -> str:
    return moment.astimezone(_UTC).isoformat(timespec="seconds")
