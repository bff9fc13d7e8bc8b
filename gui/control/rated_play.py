"""Rated games: no help while one lasts, and its result kept among the person's own data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from xiangqi_gpt.players.levels import SHOWN_ELO
from xiangqi_gpt.players.own_rating import rate_person
from xiangqi_gpt.user_store import RatedGame, RatedGames, UserStore, UserStoreError

from ..state.commands import Command
from ..state.error_report import ErrorReport, report
from ..state.intents import ChooseGame, Intent, OpenRecord, Paste, ResumeStudy, SwitchMode
from ..state.mode import Mode
from ..state.rated import rated_result
from ..state.scene import Tone
from ..state.session import GameSession
from .mode_context import ModeContext

#: What would help, or show the game to somebody who judges it.
_HELP: Final = (Command.HINT, Command.IDEAS, Command.SETUP)
_ELSEWHERE: Final = (Mode.ANALYSE, Mode.SETUP)


class RatedPlay:
    """Refuses help in a rated game, and keeps the result once."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self._kept: GameSession | None = None

    def refuses(self, intent: Intent, now: float) -> bool:
        """Whether a wish is refused because the game is rated; the person is told so."""
        session = self._context.session
        takes_back = session.is_rated and self._context.mode is Mode.PLAY and intent in (Command.UNDO, Command.REDO)
        if not takes_back and not (session.is_secret and self._helps(intent)):
            return False
        self._context.notify(lambda t: t("rated_no_help"), now, Tone.QUIET)
        return True

    def _helps(self, intent: Intent) -> bool:
        if isinstance(intent, SwitchMode):
            return intent.mode in _ELSEWHERE
        if isinstance(intent, OpenRecord | ChooseGame | Paste | ResumeStudy):
            return True
        if intent is Command.SWITCH_MODE:
            return self._context.mode is Mode.PLAY
        return self._context.mode is Mode.PLAY and intent in _HELP

    def begin(self) -> None:
        """Hide what the model thinks when a rated game begins or is gone on with."""
        if self._context.session.is_secret and self._context.settings.show_ideas:
            self._context.change(show_ideas=False)

    def games(self) -> tuple[list[RatedGame], ErrorReport | None]:
        """Return the rated games so far, the oldest first, and what went wrong where they cannot be read."""
        try:
            with UserStore() as store:
                return RatedGames(store).all(), None
        except UserStoreError as error:
            return [], report(error)

    def keep(self, now: float) -> None:
        """Keep the result of a rated game that has ended, and say the new rating; tried again where it fails."""
        session = self._context.session
        if session is self._kept or (game := rated_result(session, datetime.now(UTC))) is None:
            return
        try:
            with UserStore() as store:
                games = RatedGames(store)
                games.add(game)
                self._kept = session
                results = [(played.elo, played.score) for played in games.all()]
        except UserStoreError as error:
            reported = report(error)
            self._context.notify(lambda t: t("rating_not_kept", error=t.error(reported)), now, Tone.BAD)
            return
        rating = rate_person(results)
        elo, low, high = (round(value + SHOWN_ELO) for value in (rating.elo, rating.low, rating.high))
        self._context.notify(lambda t: t("rating_now", elo=elo, low=low, high=high), now, Tone.GOOD)
