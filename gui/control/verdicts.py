"""Verdicts for bar and course: what the model's search says of the chances in the positions of a game."""

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
        self._without: set[tuple[int, int]] = set()  # revision and ply of positions that were not judged

    def sync_requests(self, adviser: str, *, is_wanted: bool) -> None:
        """Make the open question fit the position shown; ``is_wanted``: nobody thinks about a move meanwhile."""
        session, asked = self._context.session, self._asked
        ply = self._wanted(adviser) if is_wanted else None
        if asked is not None and (asked.revision, asked.ply) != (session.revision, ply):
            self._context.cancel(asked.number)
            self._asked = None
        if ply is not None and self._asked is None:
            position = session.request()
            earlier, spec = replace(position, moves=position.moves[:ply]), self._judge(adviser)
            self._context.load(spec)
            number = self._context.ask(lambda number: Judge(number, spec, earlier))
            self._asked = Asked(number, spec, session.revision, ply)

    def _wanted(self, adviser: str) -> int | None:
        """After how many plies the position is that is judged next: the one shown, then the latest for the course."""
        session = self._context.session
        if self.is_due(adviser):
            return session.shown
        if not (session.opinions.has_verdict(session.shown) or self._is_sure(session.shown)):
            return None
        plies = range(session.ply_count, -1, -1)
        return next((ply for ply in plies if self._is_open(adviser, ply)), None)

    def is_due(self, adviser: str) -> bool:
        """Whether the position shown has no verdict, and one can be hoped for."""
        return self._is_open(adviser, self._context.session.shown)

    def _is_sure(self, ply: int) -> bool:
        """Whether the game ended with the position after ``ply`` plies."""
        session = self._context.session
        return session.outcome is not None and ply == session.ply_count

    def _is_open(self, adviser: str, ply: int) -> bool:
        session = self._context.session
        if self._is_sure(ply) or session.opinions.has_verdict(ply) or self._context.mode is not Mode.PLAY:
            return False
        return (session.revision, ply) not in self._without and is_model(self._judge(adviser))

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
            self._without.add((asked.revision, asked.ply))
        return True

    def forget(self) -> None:
        """Another game is played."""
        if self._asked is not None:
            self._context.cancel(self._asked.number)
        self.forget_question()
        self._without.clear()

    def forget_question(self) -> None:
        """The players' process is gone for good: nothing is answered."""
        self._asked = None
