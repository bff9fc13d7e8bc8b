"""Carries out what a person wants: passes each intent to the mode it belongs to, and holds what they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.rules import BLACK, START_FEN, Move

from ..i18n.texts import Texts
from ..state import setting_changes
from ..state.clock import GameClock
from ..state.commands import Command
from ..state.intents import (
    ChangeSetting,
    ChooseGame,
    GiveUpGame,
    GiveUpStudy,
    Intent,
    OpenPuzzles,
    OpenRecord,
    Paste,
    PlayText,
    ResumeGame,
    ResumeStudy,
    SetAnalyst,
    StartGame,
    SwitchMode,
    TryMove,
)
from ..state.mode import Mode
from ..state.rated import level_to_beat
from ..state.scene import Scene, Tone
from ..state.session import HUMAN, GameSession
from ..state.settings import Settings
from ..state.study import Study
from ..worker.messages import Crashed, Decided, Failed, Judged, Looked, Pondered, Question, Ready, Reply
from .analysis_mode import AnalysisMode
from .mode_context import Wording
from .move_entry import MoveEntry
from .notices import Notices
from .opponents import Opponents
from .pasting import Pasting
from .play_mode import PlayMode
from .player_requests import PlayerRequests
from .puzzle_mode import PuzzleMode
from .rated_play import RatedPlay, ResultFiles
from .scene_composition import compose_scene
from .setup_mode import SetupMode


class Controller:
    """One window's modes. ``now`` arguments are seconds of one steady clock."""

    def __init__(
        self,
        session: GameSession,
        settings: Settings,
        thinker: PlayerRequests,
        *,
        keep_game: Callable[[GameSession], None] = lambda session: None,
        keep_study: Callable[[Study], None] = lambda study: None,
        keep_settings: Callable[[Settings], None] = lambda settings: None,
        results: ResultFiles | None = None,
    ) -> None:
        self.settings = settings
        self._thinker = thinker
        self._keep_game, self.keep_study, self._keep_settings = keep_game, keep_study, keep_settings
        self._numbers = count(1)
        self._ready: set[str] = set()
        self._is_held = self._is_released = False  # the game, while it is asked about a kept one
        self.notices = Notices()
        self.mode = Mode.PLAY
        self.play = PlayMode(self, session)
        self.analysis = AnalysisMode(self)
        self.setup = SetupMode(self)
        self.puzzles = PuzzleMode(self)
        self.entry = MoveEntry(self.notify, self._make_move)
        self.opponents = Opponents(self)
        self.rated = RatedPlay(self, results)
        self._pasting = Pasting(self)

    @property
    def session(self) -> GameSession:
        """The game being played."""
        return self.play.session

    @property
    def shows_ideas(self) -> bool:
        """Whether what the model thinks of a game is shown: the person wants it, and no rated game goes on."""
        return self.settings.show_ideas and not self.session.is_secret

    @property
    def shown(self) -> GameSession | Study:
        """What the board shows; in set-up mode, what it will show afterwards."""
        if self.mode is Mode.PUZZLE:
            return self.puzzles.session
        return self._board

    @property
    def _board(self) -> GameSession | Study:
        """What a person's moves are made in."""
        return self.analysis.study if self.mode is Mode.ANALYSE else self.session

    # --- intents

    def apply(self, intent: Intent, now: float) -> bool:
        """Carry out an intent; False when it is for the window (dialogs, files)."""
        self.notices.act()
        self.play.tick_clock(now)  # a flag that has fallen comes before what is wanted now
        if self.rated.refuses(intent, now):
            pass
        elif isinstance(intent, SwitchMode):
            self.switch(intent.mode, now)
        elif isinstance(intent, Paste):
            self._pasting.paste(intent.text, now)
        elif isinstance(intent, ChangeSetting):
            self.change(**setting_changes.chosen(self.settings, intent.name, intent.value))
        elif self.opponents.apply(intent, now) or self._apply_in_mode(intent, now) or self._changes_looks(intent):
            pass
        elif self.mode is not Mode.PLAY and isinstance(intent, Command):
            return False
        elif isinstance(intent, TryMove):
            self.entry.try_move(intent, self._board, now)
        elif isinstance(intent, PlayText):
            self.entry.type_move(intent.text, self._board, now)
        elif isinstance(intent, StartGame):
            self.start(intent.players, intent.fen or START_FEN, intent.clock, intent.names, rated=intent.rated)
            if any(intent.names):
                self.change(names=intent.names)
            if intent.pairing:
                self.change(pairing=intent.pairing)
        elif intent is Command.REMATCH:
            return self.apply(self.rematch, now)
        elif isinstance(intent, ResumeGame):
            self._adopt(intent.session)
            self.mode = Mode.PLAY if intent.session.is_secret else self.mode  # nobody helps
            self.change(players=self.session.players, flipped=self.session.person == BLACK)
        elif isinstance(intent, GiveUpGame):
            self.rated.give_up(intent.session, now)
        elif isinstance(intent, GiveUpStudy):
            self.keep_study(Study())
        elif isinstance(intent, ResumeStudy):
            self.analysis.resume(intent.study)
            if self.session.is_secret:
                self.notify(lambda t: t("rated_study_waits"), now, Tone.QUIET)
            else:
                self.switch(Mode.ANALYSE, now)
        elif not self.play.apply(intent, now):
            return False
        self.sync_requests(now)
        return True

    def _apply_in_mode(self, intent: Intent, now: float) -> bool:
        """Carry out what the mode does in its own way."""
        if isinstance(intent, OpenPuzzles):
            self.mode = Mode.PUZZLE
            self.clear_notice()
            return self.puzzles.apply(intent, now)
        if isinstance(intent, OpenRecord | ChooseGame | SetAnalyst):
            if isinstance(intent, ChooseGame):
                self.show_study()
            return self.analysis.apply(intent, now)
        if intent is Command.SWITCH_MODE:
            self.switch(Mode.PLAY if self.mode in (Mode.ANALYSE, Mode.PUZZLE) else Mode.ANALYSE, now)
        elif intent is Command.PUZZLES:
            self.switch(Mode.PUZZLE, now)
        elif intent is Command.SETUP:
            self.switch(Mode.SETUP, now)
        elif self.mode is Mode.ANALYSE:
            return self.analysis.apply(intent, now)
        elif self.mode is Mode.SETUP:
            return self.setup.apply(intent, now)
        elif self.mode is Mode.PUZZLE:
            return self.puzzles.apply(intent, now)
        else:
            return False
        return True

    def _changes_looks(self, intent: Intent) -> bool:
        changes = setting_changes.changes(self.settings, intent) if isinstance(intent, Command) else {}
        if changes:
            self.change(**changes)
        return bool(changes)

    def _make_move(self, move: Move, now: float) -> None:
        """A person's move that the rules allow."""
        if self.mode is Mode.ANALYSE:
            self.clear_notice()
            self.analysis.play(move, now)
        else:
            self.play.play(move, now)

    def switch(self, mode: Mode, now: float) -> None:
        """Use the board for something else; whatever was being done stays as it is."""
        if mode is Mode.SETUP and self.mode is not Mode.SETUP:
            self.setup.enter(self.shown.shown_board.fen())
        if self.mode is Mode.SETUP and mode is Mode.ANALYSE and self.setup.is_changed:
            if not self.setup.is_playable(now):
                return
            self.analysis.analyse_position(self.setup.editor.fen())
        if mode is Mode.PUZZLE:
            self.puzzles.enter()
        else:
            self._leave_puzzles()
        self.mode = mode
        self.clear_notice()

    def _leave_puzzles(self) -> None:
        """The board is turned as the game has it, no longer for the solver."""
        if self.mode is Mode.PUZZLE:
            self.change(flipped=self.session.person == BLACK)

    def show_study(self) -> None:
        """Bring Analyse mode to the screen."""
        self._leave_puzzles()
        self.mode = Mode.ANALYSE

    def play_from_here(self) -> None:
        """Go on playing from the position on the board, with its history. Raises ``FenError``."""
        players = self.session.players
        if self.mode is Mode.SETUP:
            self.begin(GameSession(players, self.setup.editor.fen()))
        else:
            request = self.analysis.study.request()
            session = GameSession(players, request.fen)
            for move in request.moves:
                session.play(move)
            self._adopt(session)
        self.mode = Mode.PLAY
        self.change(flipped=self.session.person == BLACK)

    def start(
        self,
        players: tuple[str, str],
        fen: str = START_FEN,
        clock: str = "",
        names: tuple[str, str] = ("", ""),
        *,
        rated: bool = False,
    ) -> None:
        """Begin a new game, rated only where it can be. Raises ``FenError`` and ``TimeControlError``."""
        self.mode = Mode.PLAY
        is_ratable = level_to_beat(players, fen) is not None
        is_rated = rated and is_ratable
        game_clock = GameClock(TimeControl.parse(clock)) if clock else None
        self.begin(GameSession(players, fen, game_clock, names, is_rated=is_rated))
        choice = {"rated": is_rated} if is_ratable else {}
        self.change(players=players, flipped=self.session.person == BLACK, clock=clock, **choice)

    @property
    def rematch(self) -> StartGame:
        """The same game again, with the colours exchanged; at odds everybody keeps their side."""
        session = self.session
        red, black = session.players
        players, names = (red, black), session.names
        if not session.gives_odds:
            players, names = (black, red), names[::-1]
        clock = str(session.clock.control) if session.clock is not None else ""
        return StartGame(players, session.start_fen, clock, names=names, rated=session.is_rated)

    def begin(self, session: GameSession) -> None:
        """Make a game the game in which nothing has been played yet."""
        self._adopt(session)
        if self.analysis.own_study.follows_game:
            self.analysis.open(Study(fen=session.start_fen, follows_game=True))

    def _adopt(self, session: GameSession) -> None:
        """Make another game the game."""
        self.rated.leave(self.session)
        self.play.adopt(session)
        self.clear_notice()

    def change(self, **values: Any) -> None:
        """Change settings and keep them."""
        self.settings = replace(self.settings, **values)
        self._keep_settings(self.settings)

    def keep_game(self, session: GameSession) -> None:
        """Keep the game being played; one that is over is forgotten, unless its result would be lost."""
        if not self.rated.is_at_risk(session):
            self._keep_game(session)

    # --- the players' process

    def prepare(self, *more: str) -> None:
        """Have the players of the game, and ``more``, loaded before they are needed."""
        for spec in dict.fromkeys((*self.session.players, *more)):
            if spec != HUMAN:
                self._thinker.load(spec)

    def sync_requests(self, now: float) -> None:
        """Make the open requests fit what is on the board: ask what is missing, cancel what nobody needs any more."""
        self.rated.keep(now)
        if not self._is_held:
            self.play.sync_requests(now)
        self.analysis.sync_requests(self.mode is Mode.ANALYSE)

    def hold_game(self, *, hold: bool) -> None:
        """Ask no player and keep no game as unfinished while a person is asked about the one that was kept."""
        self._is_released, self._is_held = self._is_held and not hold, hold

    def load(self, spec: str, *, again: bool = False) -> None:
        """Have a player made ready; ``again``: also one that was ready before."""
        if again:
            self._ready.discard(spec)
            self.play.advice.enable(spec)
            self.analysis.trust(spec)
        self._thinker.load(spec, again=again)

    def unload(self, spec: str, successor: str) -> None:
        """Let go of a player; where it plays, another one goes on in its place."""
        self.play.replace_player(spec, successor)
        self._ready.discard(spec)
        if self._thinker.unload(spec):
            self._ready.clear()
        self.play.disable(spec)

    def is_ready(self, spec: str) -> bool:
        """Return whether a player can be asked without waiting for it to be loaded."""
        return spec in self._ready

    def ask(self, question: Callable[[int], Question]) -> int:
        """Send a question made from a fresh number, and return the number."""
        number = next(self._numbers)
        self._thinker.ask(question(number))
        return number

    def cancel(self, number: int) -> None:
        """Forget a question."""
        self._thinker.cancel(number)

    def answer(self, reply: Reply, now: float) -> None:
        """Take in what came from the players' process."""
        if self.opponents.answer(reply, now) or self.puzzles.answer(reply, now):
            pass
        elif isinstance(reply, Ready):
            self._ready.add(reply.spec)
        elif isinstance(reply, Crashed):
            self._crashed(reply, now)
        elif not self.analysis.answer(reply, now) and isinstance(reply, Decided | Judged | Looked | Pondered | Failed):
            self.play.answer(reply, now)
        self.sync_requests(now)

    def _crashed(self, reply: Crashed, now: float) -> None:
        self._ready.clear()
        if not reply.restarted:
            self.play.give_up(now)
            self.analysis.forget_questions()
        key = "crashed" if reply.restarted else "crashed_for_good"
        self.notify(lambda t: t(key), now, Tone.BAD)

    # --- time

    def tick(self, now: float) -> bool:
        """Do what is due by now; True when something has changed."""
        changed = self.notices.tick(now)
        if self._is_released:
            self._is_released = False
            self.sync_requests(now)
            changed = True
        if self.play.make_reply(now):
            changed = True
            self.sync_requests(now)
        changed = self.rated.tick(now) or changed
        changed = self.puzzles.tick(now) or changed
        changed = self.analysis.tick(now) or changed
        revision = self.session.revision
        changed = self.play.tick_clock(now) or changed
        if self.session.revision != revision:
            self.sync_requests(now)
        return changed

    def wake_at(self, now: float = 0.0) -> float | None:
        """Return when ``tick`` has something to do, None when nothing is pending."""
        parts = (self.notices, self.puzzles, self.analysis, self.rated)
        times = [at for part in parts if (at := part.wake_at()) is not None]
        return min([*times, *self.play.wake_at(now)], default=None)

    # --- what to say and to draw

    def notify(self, wording: Wording, now: float, tone: Tone = Tone.PLAIN, *, lasting: bool = False) -> None:
        """Say something in the status line for a while, or until the person does something."""
        self.notices.say(wording, now, tone, lasting=lasting)

    def clear_notice(self) -> None:
        """Take back what the status line says."""
        self.notices.clear()

    def show_error(self, failure: Failed, now: float) -> None:
        """Say what went wrong."""
        self.notify(lambda t: t.error(failure.error), now, Tone.BAD, lasting=True)

    def scene(self, texts: Texts, now: float) -> Scene:
        """Return everything the views need."""
        return compose_scene(self, texts, now)
