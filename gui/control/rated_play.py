"""Rated games: no help while one lasts, and its result kept among the person's own data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Protocol

from xiangqi_gpt.players.own_rating import rate_person
from xiangqi_gpt.user_store import RatedGame, RatedGames, UserStore, UserStoreError

from ..state.commands import Command
from ..state.error_report import ErrorReport, report
from ..state.intents import ChooseGame, Intent, OpenPuzzles, OpenRecord, Paste, SwitchMode
from ..state.mode import Mode
from ..state.rated import RatedProposal, propose_rated, rated_result, would_lose
from ..state.scene import Tone
from ..state.session import GameSession
from .mode_context import ModeContext

#: What would help, or show the game to somebody who judges it.
_HELP: Final = (Command.HINT, Command.IDEAS, Command.SETUP)
_ELSEWHERE: Final = (Mode.ANALYSE, Mode.SETUP)
#: Seconds that the window waits for another program to let go of the own data, and until it tries again.
_PATIENCE: Final = 0.1
_TRY_AGAIN: Final = 5.0


class ResultFiles(Protocol):
    """Where a result waits until it is among the person's own data: the window's ``Store`` is it."""

    def load_results(self) -> list[RatedGame]:
        """Return the results that wait."""
        ...

    def save_result(self, game: RatedGame) -> bool:
        """Keep a result; return whether that was possible."""
        ...

    def remove_result(self, game: RatedGame) -> None:
        """Forget a result."""
        ...


class RatedPlay:
    """Refuses help in a rated game, and keeps the result once, however long that takes."""

    def __init__(self, context: ModeContext, files: ResultFiles | None = None) -> None:
        self._context, self._files = context, files
        self._waiting = files.load_results() if files is not None else []
        self._try_at: float | None = float("-inf") if self._waiting else None
        self._ended: GameSession | None = None  # whose result was taken
        self._at_risk: GameSession | None = None  # whose result is in no file
        self._is_aborted = False  # and that is to be said
        self._is_said = False  # that a result is not kept yet

    def refuses(self, intent: Intent, now: float) -> bool:
        """Whether a wish is refused because the game is rated; the person is told so."""
        key = self.refusal(intent)
        if key:
            self._context.notify(lambda t: t(key), now, Tone.QUIET)
        return bool(key)

    def refusal(self, intent: Intent) -> str:
        """Return the key of the sentence why a rated game allows no such wish, "" where it does."""
        session = self._context.session
        takes_back = session.is_rated and self._context.mode is Mode.PLAY and intent in (Command.UNDO, Command.REDO)
        if takes_back or (session.is_secret and self._helps(intent)):
            return "rated_no_help"
        if session.is_secret and session.clock is not None and self._stops_clock(intent):
            return "rated_no_pause"
        return ""

    def _stops_clock(self, intent: Intent) -> bool:
        """Whether the person could think without using time; a pause that a failed player began can be ended."""
        if intent is Command.PAUSE:
            return not self._context.session.paused
        leaves = isinstance(intent, SwitchMode) and intent.mode is Mode.PUZZLE
        return leaves or intent is Command.PUZZLES or isinstance(intent, OpenPuzzles)

    def _helps(self, intent: Intent) -> bool:
        if isinstance(intent, SwitchMode):
            return intent.mode in _ELSEWHERE
        if isinstance(intent, OpenRecord | ChooseGame | Paste):
            return True
        if intent is Command.SWITCH_MODE:
            return self._context.mode is Mode.PLAY
        return self._context.mode is Mode.PLAY and intent in _HELP

    def leave(self, session: GameSession) -> None:
        """Give a rated game up: it is lost from the person's first move on, and aborted before."""
        if would_lose(session) and session.person is not None:
            session.resign(session.person)
            self._end(session)
            self._context.keep_game(session)
        else:
            self._is_aborted = session.is_secret and session.is_unfinished

    def give_up(self, session: GameSession, now: float) -> None:
        """Give a game up that was kept: it is not offered again."""
        self.leave(session)
        session.abort(now)
        self._context.keep_game(session)

    def is_at_risk(self, session: GameSession) -> bool:
        """Whether the result of a game is kept nowhere yet, so that the unfinished game has to stay."""
        return session is self._at_risk

    def games(self) -> tuple[list[RatedGame], ErrorReport | None]:
        """Return the rated games so far, the oldest first, and what went wrong where they cannot be read."""
        try:
            with UserStore(patience=_PATIENCE) as store:
                return RatedGames(store).all(), None
        except UserStoreError as error:
            return [], report(error)

    def proposal(self) -> RatedProposal:
        """Return what the rated games so far say of the next one; where they cannot be read, as without any."""
        return propose_rated(self.games()[0], follows=self._context.settings.rated)

    def keep(self, now: float) -> None:
        """Take the result of a rated game that has ended, and keep what is due to be kept."""
        session = self._context.session
        if session.is_rated and session.outcome is not None and session is not self._ended:
            self._end(session)
        if self._is_aborted:
            self._is_aborted = False
            self._context.notify(lambda t: t("rated_aborted"), now, Tone.QUIET)
        self.tick(now)

    def _end(self, session: GameSession) -> None:
        """Take the result of a rated game that has ended; one that was aborted has none."""
        game = rated_result(session, datetime.now(UTC))
        self._ended, self._is_aborted = session, game is None
        if game is None:
            return
        if self._files is not None and not self._files.save_result(game):
            self._at_risk = session
        self._waiting.append(game)
        self._try_at, self._is_said = float("-inf"), False

    def wake_at(self) -> float | None:
        """Return when a result is tried to be kept again; None where none waits."""
        return self._try_at

    def tick(self, now: float) -> bool:
        """Keep the results that wait, if that is due, and say the new rating; return whether anything was tried."""
        if self._try_at is None or now < self._try_at:
            return False
        try:
            with UserStore(patience=_PATIENCE) as store:
                while self._waiting:
                    is_new = RatedGames(store).add(self._waiting[0])
                    self._forget(self._waiting.pop(0))
        except UserStoreError as error:
            self._try_at = now + _TRY_AGAIN
            if not self._is_said:
                self._is_said, reported = True, report(error)
                self._context.notify(lambda t: t("rating_not_kept", error=t.error(reported)), now, Tone.BAD)
            return True
        self._try_at, self._is_said = None, False
        self._say_rating(now, is_new=is_new)
        return True

    def _forget(self, game: RatedGame) -> None:
        """A result is among the person's own data: nothing else has to hold it."""
        if self._files is not None:
            self._files.remove_result(game)
        if self._at_risk is not None and self._at_risk.game_id == game.game_id:
            risked, self._at_risk = self._at_risk, None
            if risked is self._context.session:
                self._context.keep_game(risked)

    def _say_rating(self, now: float, *, is_new: bool) -> None:
        games, error = self.games()
        if error is not None:
            self._context.notify(lambda t: t("rating_unread", error=t.error(error)), now, Tone.BAD)
            return
        rating = rate_person([(played.elo, played.score) for played in games])
        key = "rating_now" if is_new else "rating_counted"
        self._context.notify(lambda t: t(key, **rating.shown()), now, Tone.GOOD if is_new else Tone.QUIET)
