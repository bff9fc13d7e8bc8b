"""Verdicts for the bar: what the model's search says of the chances in the position shown."""

from __future__ import annotations

from dataclasses import replace

from xiangqi_gpt.players.levels import at_its_best

from ..state.mode import Mode
from ..worker.messages import Failed, Judge, Judged
from .mode_context import ModeContext
from .opponents import is_model
from .player_requests import Asked


class Verdicts:
    """Keeps one question open at most; where it has no answer, a player's glance has to do."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self._asked: Asked | None = None
        self._without: tuple[int, int] | None = None  # revision and ply of the position that was not judged

    def sync_requests(self, adviser: str, *, is_wanted: bool) -> None:
        """Make the open question fit the position shown; ``is_wanted``: nobody thinks about a move meanwhile."""
        session, asked = self._context.session, self._asked
        if asked is not None and (not is_wanted or (asked.revision, asked.ply) != (session.revision, session.shown)):
            self._context.cancel(asked.number)
            self._asked = None
        if is_wanted and self._asked is None and self.is_due(adviser):
            position = session.request()
            shown, spec = replace(position, moves=position.moves[: session.shown]), self._judge(adviser)
            self._context.load(spec)
            number = self._context.ask(lambda number: Judge(number, spec, shown))
            self._asked = Asked(number, spec, session.revision, session.shown)

    def is_due(self, adviser: str) -> bool:
        """Whether the position shown has no verdict, and one can be hoped for."""
        session = self._context.session
        is_sure = session.is_live and session.outcome is not None
        if is_sure or session.opinions.has_verdict(session.shown) or self._context.mode is not Mode.PLAY:
            return False
        return (session.revision, session.shown) != self._without and is_model(self._judge(adviser))

    def _judge(self, adviser: str) -> str:
        """Whose search judges: a model that plays, before whoever gives advice."""
        models = [player for player in self._context.session.players if is_model(player)]
        return at_its_best(models[0]) if models else adviser

    def answer(self, reply: Judged | Failed) -> bool:
        """Take in a verdict, or that there is none; False when the reply is to another question."""
        asked = self._asked
        if asked is None or reply.number != asked.number:
            return False
        self._asked = None
        if isinstance(reply, Judged) and reply.wdl is not None:
            self._context.session.opinions.keep_verdict(asked.ply, reply.wdl)
        else:
            self._without = (asked.revision, asked.ply)
        return True

    def forget(self) -> None:
        """Another game is played."""
        if self._asked is not None:
            self._context.cancel(self._asked.number)
        self.forget_question()
        self._without = None

    def forget_question(self) -> None:
        """The players' process is gone for good: nothing is answered."""
        self._asked = None
