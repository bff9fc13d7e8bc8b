"""Live analysis: asks about the position shown for as long as it is shown, and keeps what was said of it."""

from __future__ import annotations

from dataclasses import dataclass

from xiangqi_gpt.records.game_node import GameNode

from ..state.move_notes import LiveNote
from ..state.study import Study
from ..worker.messages import Failed, Watch, Watched
from .mode_context import ModeContext


@dataclass(frozen=True)
class _Asked:
    """What is asked: a position, with how many lines, by whom."""

    node: GameNode
    lines: int
    model: str
    analyst: str


class LiveAnalysis:
    """Keeps one question open at most."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self._number: int | None = None
        self._asked: _Asked | None = None  # also once it is answered
        self._found: LiveNote | None = None

    def sync(self, study: Study, model: str, analyst: str, *, active: bool) -> None:
        """Make the open question fit the position; ``active``: it is on the screen and may be told of."""
        lines = self._context.settings.lines
        wanted = _Asked(study.current, lines, model, analyst) if active and lines and study.outcome is None else None
        if wanted == self._asked:
            return
        if self._number is not None:
            self._context.cancel(self._number)
        self._asked, self._number, self._found = wanted, None, None
        if wanted is not None:
            request = study.request()
            self._number = self._context.ask(lambda number: Watch(number, model, request, lines, analyst))

    def found(self, study: Study) -> LiveNote | None:
        """Return the best lines of the position on the board as far as they are known."""
        return self._found if self._asked is not None and self._asked.node is study.current else None

    def take(self, reply: Watched) -> bool:
        """Take in an answer; False when it is to another question."""
        if reply.number != self._number:
            return False
        self._found = reply.live
        if reply.done:
            self._number = None
        return True

    def failed(self, reply: Failed) -> bool:
        """Nothing more comes; whether that was about this question."""
        if reply.number is None or reply.number != self._number:
            return False
        self._number = None
        return True

    def forget_question(self) -> None:
        """The players' process is gone for good: nothing is answered, and nothing asked before another position."""
        self._number = None
