"""What else there is to say of the position shown in Play mode: its opening, and what a blind model wanted wrongly."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..state.displayed_moves import PositionRequest
from ..state.mode import Mode
from ..state.move_notes import Insight
from ..worker.messages import Failed, Look, Looked
from .mode_context import ModeContext


@dataclass(frozen=True)
class _Asked:
    """An open question about a position."""

    number: int
    position: PositionRequest


class GameInsight:
    """Asks about each position that is shown while the model's ideas are, and keeps what was said."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self._asked: _Asked | None = None
        self._known: dict[PositionRequest, Insight] = {}

    @property
    def _position(self) -> PositionRequest:
        session = self._context.session
        request = session.request()
        return replace(request, moves=request.moves[: session.shown])

    @property
    def shown(self) -> Insight | None:
        """What is known of the shown position."""
        return self._known.get(self._position) if self._context.shows_ideas else None

    def sync_requests(self, adviser: str) -> None:
        """Make the open question fit what is shown; ``adviser`` is the player to ask."""
        position, asked = self._position, self._asked
        wanted = self._context.shows_ideas and self._context.mode is Mode.PLAY and position not in self._known
        if asked is not None and not (wanted and asked.position == position):
            self._context.cancel(asked.number)
            self._asked = asked = None
        if wanted and asked is None:
            self._asked = _Asked(self._context.ask(lambda number: Look(number, adviser, position)), position)

    def answer(self, reply: Looked | Failed) -> bool:
        """Take in an answer; False when it is to another question. What failed is not asked for again."""
        asked = self._asked
        if asked is None or reply.number != asked.number:
            return False
        self._asked = None
        self._known[asked.position] = reply.insight if isinstance(reply, Looked) else Insight()
        return True

    def forget(self) -> None:
        """Another game or another adviser: nothing that was asked or said counts any more."""
        if self._asked is not None:
            self._context.cancel(self._asked.number)
        self._known.clear()
        self.forget_question()

    def forget_question(self) -> None:
        """The players' process is gone for good: nothing is answered."""
        self._asked = None
