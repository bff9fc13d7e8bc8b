"""Lets the opponent think on the person's time, where the person wants that."""

from __future__ import annotations

from ..state.mode import Mode
from ..state.session import HUMAN, GameSession
from ..worker.messages import Failed, Ponder, Pondered
from .mode_context import ModeContext
from .opponents import is_model
from .player_requests import Asked


class Pondering:
    """Keeps one question open at most, about the position in which the person is to move."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self._asked: Asked | None = None
        self._is_open = False

    def sync_requests(self) -> None:
        """Make the open question fit the game."""
        session, asked = self._context.session, self._asked
        opponent = self._opponent(session)
        if asked is not None and (asked.spec, asked.revision) != (opponent, session.revision):
            self.forget()
        if opponent is not None and self._asked is None:
            position = session.request()
            number = self._context.ask(lambda number: Ponder(number, opponent, position))
            self._asked, self._is_open = Asked(number, opponent, session.revision, session.ply_count), True

    def _opponent(self, session: GameSession) -> str | None:
        """Who could think now: the model in a game that waits for a person's move."""
        other = session.players[1 - session.turn]
        waits = session.outcome is None and not session.paused and session.players[session.turn] == HUMAN
        if not (self._context.settings.ponder and self._context.mode is Mode.PLAY and waits and session.ply_count):
            return None
        return other if is_model(other) and self._context.is_ready(other) else None

    def answer(self, reply: Pondered | Failed) -> bool:
        """Take in that it is over; False when the reply is to another question."""
        if not self._is_open or self._asked is None or reply.number != self._asked.number:
            return False
        self._is_open = isinstance(reply, Pondered) and not reply.done
        return True

    def forget(self) -> None:
        """Nothing that was asked counts any more."""
        if self._asked is not None and self._is_open:
            self._context.cancel(self._asked.number)
        self._asked, self._is_open = None, False

    def forget_question(self) -> None:
        """The players' process is gone for good: nothing is answered."""
        self._is_open = False
