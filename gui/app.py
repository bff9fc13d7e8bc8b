"""The window: receives events, lets the controller act, and draws when something has changed."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import pygame

from xiangqi_gpt.rules import BLACK, RED, START_FEN, Board, Move

from . import keys
from .controller import Controller
from .dialogs import Dialog, KeysDialog, Question, TextDialog
from .display import check_display
from .intents import Command, ConfirmResign, Intent, PlayText, ResumeGame, SaveGame, TryMove
from .new_game import NewGameDialog
from .saving import SaveError, proposed_path, save_pgn
from .scene import Tone
from .screen import Screen
from .session import HUMAN, GameSession
from .settings import Settings, Store, in_language
from .sound import Sounds
from .texts import Texts
from .worker import PlayerProcess, Reply

_FRAME: Final = 1 / 60
_BEAT: Final = 0.45  #: how often the dots of "thinking" change, in seconds
_REPLY: Final = pygame.event.custom_type()
_POINTER_EVENTS: Final = (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP, pygame.MOUSEMOTION, pygame.MOUSEWHEEL)
_REDRAW_EVENTS: Final = (pygame.WINDOWEXPOSED, pygame.WINDOWSHOWN, pygame.WINDOWRESTORED, pygame.WINDOWSIZECHANGED)


class App:
    """The program with a window. ``clock`` gives seconds; ``thinker`` is started once the window is on the screen."""

    def __init__(
        self,
        session: GameSession,
        settings: Settings,
        store: Store,
        thinker: PlayerProcess,
        *,
        clock: Callable[[], float] = time.monotonic,
        size: tuple[int, int] | None = None,
    ) -> None:
        self._clock = clock
        self._thinker = thinker
        self.screen = Screen(settings, size)
        self._sounds = Sounds()
        self._dialog: Dialog | None = None
        self._heard = session.revision
        self._dirty = True
        self._running = True
        self._beat = 0
        self.controller = Controller(
            session, settings, thinker, keep_game=store.save_game, keep_settings=store.save_settings
        )
        self.draw()

    def greet(
        self, saved: GameSession | None, is_first_start: bool, damaged_settings: str | None, damaged_game: str | None
    ) -> None:
        """Say what was found at the start: a damaged file, an unfinished game, or nothing yet."""
        now = self._clock()
        for key, name in (("settings_bad", damaged_settings), ("game_bad", damaged_game)):
            if name is not None:
                self.controller.tell(partial(Texts.__call__, key=key, name=name), now, Tone.BAD)
        t = self.screen.texts
        if saved is not None:
            question = t("resume_question", count=saved.ply_count)
            wish = ResumeGame(saved)
            self.open(Question(t("resume_title"), question, t, t("resume_button"), wish, no=t("resume_not")))
        elif is_first_start:
            self.open(NewGameDialog(t, self.controller.session.seats))

    # --- the loop

    def run(self) -> None:
        """Show the window until it is closed."""
        try:
            self.start()
            while self._running:
                for event in self._wait():
                    self.handle(event)
                self.step()
        finally:
            self.close()

    def start(self) -> None:
        """Begin what may take its time, now that the window can be seen: the players' process, the sound device."""
        self._thinker.start()
        self.controller.settle(self._clock())
        self._sounds.prepare()

    def close(self) -> None:
        """Close the window and end the players' process."""
        self._thinker.close()
        self.screen.close()

    def _wait(self) -> list[pygame.Event]:
        """Sleep until there is something to do."""
        now = self._clock()
        if self._dirty or self.screen.board.is_animating(now):
            spare = max(1, round(1000 * _FRAME)) if self.screen.board.is_animating(now) else 1
            first = pygame.event.wait(spare)
        else:
            times = [self.controller.wake_at()]
            if self._scene_moves():
                times.append((int(now / _BEAT) + 1) * _BEAT)
            due = [at for at in times if at is not None]
            first = pygame.event.wait(max(1, round(1000 * (min(due) - now)))) if due else pygame.event.wait()
        return [event for event in (first, *pygame.event.get()) if event.type != pygame.NOEVENT]

    def _scene_moves(self) -> bool:
        """Whether the dots of "thinking" are on the screen."""
        return self.controller.session.awaits_player

    def step(self) -> None:
        """Do what is due and draw if anything has changed."""
        now = self._clock()
        if self.controller.tick(now):
            self._dirty = True
        beat = int(now / _BEAT) % 4 if self._scene_moves() else 0
        if beat != self._beat:
            self._beat, self._dirty = beat, True
        self._listen()
        animating = self.screen.board.is_animating(now)
        if self._dirty or animating:
            self.draw()
            self._dirty = animating

    def _listen(self) -> None:
        """Let the last move be heard."""
        session = self.controller.session
        if session.revision == self._heard:
            return
        grown = session.revision > self._heard
        self._heard = session.revision
        if grown and self.controller.settings.sound and session.line:
            last = session.line[-1]
            self._sounds.play("check" if last.gives_check else "capture" if last.captured else "move")

    def draw(self) -> None:
        """Draw the whole window."""
        now = self._clock()
        self.screen.speak(self.controller.settings.language)
        self.screen.draw(self.controller.scene(self.screen.texts, now), self._dialog, self._beat, now)

    # --- events

    def handle(self, event: pygame.Event) -> None:
        """Take in one event of the window, the keyboard, the pointer or the players' process."""
        if event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
            self._running = False
        elif event.type == _REPLY:
            self.controller.answer(event.reply, self._clock())
            self._dirty = True
        elif event.type in _REDRAW_EVENTS:
            self._dirty = True
        elif event.type in _POINTER_EVENTS:
            self._pointer(self.screen.in_pixels(event))
        elif event.type in (pygame.KEYDOWN, pygame.TEXTINPUT, pygame.TEXTEDITING):
            self._keyboard(event)

    @property
    def is_running(self) -> bool:
        """False once the person has asked to quit."""
        return self._running

    @property
    def dialog(self) -> Dialog | None:
        """The open dialog."""
        return self._dialog

    def _pointer(self, event: pygame.Event) -> None:
        if self._dialog is not None:
            self._dirty = True
            self._after_dialog(*self._dialog.handle(event))
            return
        now, session = self._clock(), self.controller.session
        scene = self.controller.scene(self.screen.texts, now)
        if self.screen.banner.is_open(scene):
            intent, taken = self.screen.banner.handle(event, scene)
            self._dirty = True
            if intent is not None:
                self.carry_out(intent)
            if taken and event.type != pygame.MOUSEMOTION:
                return
        intent, changed = self.screen.panel.handle(event)
        if intent is None:
            pressed = event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP)
            intent = self.screen.board.handle(event, session, self.controller.settings)
            changed = changed or pressed or self.screen.board.is_dragging or bool(scene.arrows)
        self._dirty = self._dirty or changed
        if intent is not None:
            self.carry_out(intent)

    def _keyboard(self, event: pygame.Event) -> None:
        self._dirty = True
        if self._dialog is not None:
            self._after_dialog(*self._dialog.handle(event))
            return
        if event.type != pygame.KEYDOWN:
            return
        scene = self.controller.scene(self.screen.texts, self._clock())
        if self.screen.banner.is_open(scene):
            intent, taken = self.screen.banner.handle(event, scene)
            if taken:
                if intent is not None:
                    self.carry_out(intent)
                return
        settings = self.controller.settings
        wish = self.screen.board.handle(event, scene.session, settings) or keys.command_of(event)
        if wish is not None:
            self.carry_out(wish)

    def carry_out(self, intent: Intent) -> None:
        """Do what a view or a key asked for."""
        self._dirty = True
        now = self._clock()
        if isinstance(intent, TryMove) and intent.dragged and self.controller.allows(intent):
            self.screen.board.dropped(Move.of(intent.source, intent.target))
        if self.controller.apply(intent, now):
            return
        if isinstance(intent, SaveGame):
            self._save(intent.path, now)
        elif isinstance(intent, Command):
            self._window_command(intent, now)

    def _window_command(self, command: Command, now: float) -> None:
        session = self.controller.session
        if command is Command.NEW_GAME:
            self.open(NewGameDialog(self.screen.texts, session.seats))
        elif command is Command.KEYS:
            self.open(KeysDialog(self.screen.texts))
        elif command is Command.RESIGN:
            self._ask_resign()
        elif command is Command.TYPE_MOVE and session.may_move:
            t = self.screen.texts
            self.open(TextDialog(t("move_title"), t("move_example"), t, t("play_button"), PlayText))
        elif command is Command.SAVE and session.ply_count:
            t = self.screen.texts
            path = str(proposed_path(datetime.datetime.now()))
            self.open(TextDialog(t("save_title"), t("save_example"), t, t("save_button"), SaveGame, path))
        elif command is Command.COPY_FEN:
            self._copy(session.shown_board.fen(), now)
        elif command is Command.PASTE_FEN:
            self._paste(now)
        elif command is Command.CLOSE:
            self.screen.board.deselect()
            self.screen.board.cursor = None
        elif command is Command.FULLSCREEN:
            self.screen.toggle_fullscreen()
        elif command is Command.QUIT:
            self._running = False

    def _ask_resign(self) -> None:
        side = self.controller.session.resigning_side
        if side is None:
            return
        t = self.screen.texts
        question = t("resign_question", side=t.side(side))
        wish = ConfirmResign(side)
        self.open(Question(t("resign_title"), question, t, t("resign_button"), wish, danger=True))

    def open(self, dialog: Dialog) -> None:
        """Show a dialog."""
        self._dialog, self._dirty = dialog, True
        self.screen.board.deselect()

    def _after_dialog(self, done: bool, intent: Intent | None) -> None:
        if done:
            self._dialog = None
        if intent is not None:
            self.carry_out(intent)

    # --- the world outside

    def _copy(self, text: str, now: float) -> None:
        try:
            pygame.scrap.put_text(text)
            self.controller.tell(lambda t: t("fen_copied"), now, Tone.GOOD)
        except pygame.error:
            self.controller.tell(lambda t: t("clipboard_failed"), now, Tone.BAD)

    def _paste(self, now: float) -> None:
        try:
            self.controller.paste(pygame.scrap.get_text(), now)
        except pygame.error:
            self.controller.tell(lambda t: t("clipboard_failed"), now, Tone.BAD)

    def _save(self, path: str, now: float) -> None:
        try:
            session, settings = self.controller.session, self.controller.settings
            target = Path(path).expanduser()
            saved = str(save_pgn(target, session, settings, self.screen.texts, datetime.date.today()))
            self.controller.tell(lambda t: t("saved", path=saved), now, Tone.GOOD)
        except SaveError as error:
            message = str(error)
            self.controller.tell(lambda t: t("save_failed", error=message), now, Tone.BAD)


def post_reply(reply: Reply) -> None:
    """Put a reply of the players' process among the window's events; may be called from any thread."""
    pygame.event.post(pygame.Event(_REPLY, reply=reply))


def run(
    player: str = "gpt",
    side: int = RED,
    *,
    fen: str | None = None,
    seed: int | None = None,
    language: str | None = None,
    chosen: bool = False,
) -> int:
    """Show the window and play until it is closed; returns the exit status.

    ``side`` is the person's; ``chosen`` says that the arguments were asked for, so that neither the last game nor its
    players are proposed instead. Raises ``FenError`` and ``DisplayError``.
    """
    if fen is not None:
        Board(fen, lenient=True)
    check_display()
    store = Store()
    first_start = store.is_first_start
    settings, damaged_settings = store.load_settings()
    settings = in_language(settings, language or settings.language)
    seats = ((HUMAN, player), (player, HUMAN))[side] if chosen or fen else settings.seats
    saved, damaged_game = (None, None) if chosen or fen else store.load_game()
    session = GameSession(seats, fen or START_FEN)
    settings = replace(settings, flipped=session.person == BLACK)
    app = App(session, settings, store, PlayerProcess(post_reply, seed))
    app.greet(saved, first_start and not chosen and fen is None, damaged_settings, damaged_game)
    app.run()
    pygame.quit()
    return 0
