"""Advice on the game being played: hints, and what a model thinks of every position shown."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.players.levels import at_its_best
from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import Move

from ..state.mode import Mode
from ..state.opinions import opinion_of
from ..state.scene import Arrow, Tone, likely_arrows
from ..state.session import HUMAN, NO_JUDGES
from ..worker.messages import Decided, Failed
from .mode_context import ModeContext
from .move_entry import obstacle
from .opponents import is_model
from .player_requests import Asked, ask_player
from .verdicts import Verdicts

#: Players whose advice is not worth asking for.
_NO_ADVISERS: Final = (HUMAN, *NO_JUDGES)
_DEFAULT_ADVISER: Final = "gpt"


class Advice:
    """Asks the adviser, and shows what it said as long as it fits the game."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self.verdicts = Verdicts(context)
        self._hint_asked: Asked | None = None
        self._analysis_asked: Asked | None = None
        self._hint: tuple[int, Move] | None = None  # of the game's revision
        self._dismissed: set[str] = set()
        self._is_silent = False  #: the adviser says nothing of its chances

    @property
    def adviser(self) -> str:
        """The player asked for hints and thoughts: the opponent if it is worth asking."""
        worthy = [player for player in self._context.session.players if player not in (*_NO_ADVISERS, *self._dismissed)]
        return at_its_best(worthy[0]) if worthy else _DEFAULT_ADVISER

    @property
    def decision(self) -> Decision | None:
        """What a player thinks of the shown position, where that is to be shown."""
        session = self._context.session
        return session.opinions.at(session.shown) if self._context.shows_ideas else None

    def ask_hint(self, now: float) -> None:
        """The person wants a hint."""
        session = self._context.session
        key = obstacle(session)
        if key is not None:
            self._context.notify(lambda t: t(key), now, Tone.BAD)
            return
        known = session.opinions.at(session.ply_count)
        if known is not None and known.policy:
            self._give_hint(known, now)
        elif self._hint_asked is None:
            self._hint_asked = ask_player(self._context, self.adviser, session.ply_count)
            self._context.notify(lambda t: t("hint_wait"), now, Tone.QUIET)

    def _give_hint(self, decision: Decision, now: float) -> None:
        session, notation = self._context.session, self._context.settings.notation
        move, board = next(iter(decision.policy), decision.move), session.shown_board
        self._hint = (session.revision, move)
        self._context.notify(lambda t: t("hint", move=t.moved(board, move, notation)), now, Tone.GOOD)

    def sync_requests(self, *, is_thinking: bool) -> None:
        """Make the open questions fit the game and what is shown of it.

        ``is_thinking``: a player thinks about its move, which nothing may delay.
        """
        session, hint, analysis = self._context.session, self._hint_asked, self._analysis_asked
        if hint is not None and hint.revision != session.revision:
            self._context.cancel(hint.number)
            self._hint_asked = None
        showing = (self._context.shows_ideas or self._needs_bar) and self._context.mode is Mode.PLAY
        if analysis is not None and (
            not showing or (analysis.revision, analysis.ply) != (session.revision, session.shown)
        ):
            self._context.cancel(analysis.number)
            self._analysis_asked = analysis = None
        over = session.is_live and session.outcome is not None
        deciding = session.is_live and session.awaits_player
        if showing and analysis is None and not (over or deciding) and self._lacks_opinion:
            self._analysis_asked = ask_player(self._context, self.adviser, session.shown)
        self.verdicts.sync_requests(self.adviser, is_wanted=showing and not is_thinking)

    @property
    def _needs_bar(self) -> bool:
        """Whether the bar beside the record needs an opinion: a model plays, and is asked about each position."""
        session = self._context.session
        return not self._is_silent and not session.is_secret and any(map(is_model, session.players))

    @property
    def _lacks_opinion(self) -> bool:
        """Whether nobody has said of the shown position what is to be shown of it, and no verdict on it is due."""
        session = self._context.session
        known = session.opinions.at(session.shown)
        if self._context.shows_ideas and (known is None or not known.policy):
            return True
        is_judged = session.evaluation_at(session.shown) is not None or self.verdicts.is_due(self.adviser)
        return known is None and not is_judged

    def answer(self, reply: Decided, now: float) -> None:
        """Take in a decision that may have been asked for."""
        session, hint, analysis = self._context.session, self._hint_asked, self._analysis_asked
        if hint is not None and reply.number == hint.number:
            self._hint_asked = None
            if reply.decision.policy:
                session.opinions.keep(session.ply_count, reply.decision)
            self._give_hint(reply.decision, now)
        elif analysis is not None and reply.number == analysis.number:
            self._is_silent = False
            session.opinions.keep(analysis.ply, reply.decision)
            if reply.decision.policy or not self._context.shows_ideas:
                self._analysis_asked = None
            self._is_silent |= opinion_of(reply.decision) is None

    def failed(self, reply: Failed) -> None:
        """Take in a failure that may have been an answer: thoughts are not asked for again until they are wanted."""
        if self._hint_asked is not None and reply.number == self._hint_asked.number:
            self._hint_asked = None
        elif self._analysis_asked is not None and reply.number == self._analysis_asked.number:
            self._analysis_asked, self._is_silent = None, True
            self._context.change(show_ideas=False)

    def forget(self) -> None:
        """Another game is played: nothing that was asked or said for the old one counts any more."""
        for asked in (self._hint_asked, self._analysis_asked):
            if asked is not None:
                self._context.cancel(asked.number)
        self.verdicts.forget()
        self.forget_questions()
        self._hint, self._is_silent = None, False

    def disable(self, spec: str) -> None:
        """A player is asked no more, even where it sits in a game that is over; what it was asked, nobody answers."""
        self._dismissed.add(spec)
        self.forget()

    def enable(self, spec: str) -> None:
        """A player may be asked again."""
        self._dismissed.discard(spec)

    def stop_judging(self) -> None:
        """The model cannot be used: it is not asked about positions before it is wanted again."""
        self._is_silent = True

    def forget_questions(self) -> None:
        """The players' process is gone for good: nothing is answered."""
        self._hint_asked = self._analysis_asked = None
        self.verdicts.forget_question()

    def arrows(self) -> list[Arrow]:
        """Return the hint, or the likeliest moves where the model's idea is shown."""
        session, analysis = self._context.session, self.decision
        if self._hint is not None and self._hint[0] == session.revision and session.is_live:
            return [Arrow(self._hint[1])]
        over = session.is_live and session.outcome is not None
        return likely_arrows(analysis) if analysis is not None and not over else []
