"""The window: receives events, lets the controller act, and draws when something has changed."""

from __future__ import annotations

import datetime
import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, cast

import pygame

from xiangqi_gpt.rules import BLACK, RED, START_FEN, Board, Move, Outcome

from . import keys
from .controller import Controller
from .dialogs import Dialog, KeysDialog, Question, TextDialog
from .display import check_display
from .engine_dialog import EngineDialog
from .file_dialog import OpenDialog, SaveDialog
from .first_game import FirstGameDialog
from .games_dialog import GamesDialog
from .intents import (
    ChooseGame,
    Command,
    ConfirmDraw,
    ConfirmResign,
    Intent,
    OpenRecord,
    PlayFromHere,
    PlayText,
    ResumeGame,
    SaveGame,
    SetAnalyst,
    TryMove,
    UseModel,
)
from .messages import Failed, Reply
from .mode import Mode
from .new_game import NewGameDialog
from .saving import SaveError, documents, proposed_path, record_of, save_game, target_path
from .scene import Scene, Tone
from .screen import Screen
from .session import HUMAN, GameSession
from .settings import Settings, Store, in_language
from .settings_dialog import SettingsDialog
from .sound import Sounds
from .texts import Texts
from .worker import PlayerProcess

if TYPE_CHECKING:
    from xiangqi_gpt.records import Game, Notation

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
        self._folder = documents()
        self._dirty = True
        self._running = True
        self._beat = 0
        self.controller = Controller(
            session, settings, thinker, keep_game=store.save_game, keep_settings=store.save_settings
        )
        self._heard = self._moves_made()
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
            self.open(FirstGameDialog(t))

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
            times = [self.controller.wake_at(now)]
            if self._scene_moves():
                times.append((int(now / _BEAT) + 1) * _BEAT)
            due = [at for at in times if at is not None]
            first = pygame.event.wait(max(1, math.ceil(1000 * (min(due) - now)))) if due else pygame.event.wait()
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

    def _moves_made(self) -> tuple[int, int]:
        """A number for the game or study on the board, and one that grows with every move made in it."""
        shown = self.controller.shown
        return id(shown), shown.revision

    def _listen(self) -> None:
        """Let the last move be heard."""
        heard, self._heard = self._heard, self._moves_made()
        shown = self.controller.shown
        if heard[0] == self._heard[0] and heard[1] < self._heard[1] and self.controller.settings.sound and shown.shown:
            last = shown.line[shown.shown - 1]
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
            self._answered(event.reply)
        elif event.type in _REDRAW_EVENTS:
            self._dirty = True
        elif event.type == pygame.DROPFILE:
            self._dialog = None
            self.carry_out(OpenRecord(event.file))
        elif event.type in _POINTER_EVENTS:
            self._pointer(self.screen.in_pixels(event))
        elif event.type in (pygame.KEYDOWN, pygame.TEXTINPUT, pygame.TEXTEDITING):
            self._keyboard(event)

    def _answered(self, reply: Reply) -> None:
        """Let the controller take in a reply; whoever has joined the opponents can be chosen at once."""
        before = self.controller.settings
        self.controller.answer(reply, self._clock())
        after, self._dirty = self.controller.settings, True
        if (before.opponents, before.model) != (after.opponents, after.model) and self._dialog is None:
            self._window_command(Command.NEW_GAME, self._clock())

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
        now = self._clock()
        scene = self.controller.scene(self.screen.texts, now)
        if self.screen.banner.is_open(scene):
            intent, taken = self.screen.banner.handle(event, scene)
            self._dirty = True
            if intent is not None:
                self.carry_out(intent)
            if taken and event.type != pygame.MOUSEMOTION:
                return
        intent, changed = self.screen.handle_panel(event, scene.mode)
        if intent is None:
            pressed = event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP)
            intent = self._board_event(event, scene)
            dragging = self.screen.board.is_dragging or self.screen.setup_board.is_dragging
            changed = changed or pressed or dragging or bool(scene.arrows)
        self._dirty = self._dirty or changed
        if intent is not None:
            self.carry_out(intent)

    def _board_event(self, event: pygame.Event, scene: Scene) -> Intent | None:
        settings = scene.settings
        if scene.mode is Mode.SETUP:
            return self.screen.setup_board.handle(event, scene.editor, settings)
        return self.screen.board.handle(event, scene.shown, settings)

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
        command = keys.command_of(event, scene.mode)
        # In Analyse mode the arrow keys walk through the game; elsewhere they move the board's cursor.
        first = command if scene.mode is Mode.ANALYSE else self._board_event(event, scene)
        wish = first or (self._board_event(event, scene) if scene.mode is Mode.ANALYSE else command)
        if wish is not None:
            self.carry_out(wish)

    def carry_out(self, intent: Intent) -> None:
        """Do what a view or a key asked for."""
        self._dirty = True
        now = self._clock()
        if self._asks_first(intent):
            return
        if isinstance(intent, TryMove) and intent.dragged and self.controller.allows(intent):
            self.screen.board.dropped(Move.of(intent.source, intent.target))
        mode = self.controller.mode
        done = self.controller.apply(intent, now)
        if mode is not self.controller.mode:
            self.screen.put_down()
        if self.controller.doubtful is not None:
            self._ask_whether_sure(*self.controller.doubtful)
        if done:
            return
        if isinstance(intent, SaveGame):
            self._save(intent.path, now)
        elif isinstance(intent, PlayFromHere):
            self._play_from_here(now)
        elif isinstance(intent, Command):
            self._window_command(intent, now)

    def _asks_first(self, intent: Intent) -> bool:
        """Whether something would be lost, so that the person is asked; "yes" asks for the same, surely."""
        t, controller = self.screen.texts, self.controller
        if isinstance(intent, OpenRecord | ChooseGame) and not intent.sure and controller.analysis.study.edited:
            subject, values = "unsaved", {}
        elif isinstance(intent, SaveGame) and not intent.sure and target_path(intent.path).exists():
            subject, values = "replace", {"path": target_path(intent.path).name}
        elif isinstance(intent, PlayFromHere) and not intent.sure and controller.session.is_unfinished:
            subject, values = "here", {}
        else:
            return False
        question, yes = t(f"{subject}_question", **values), t(f"{subject}_button")
        self.open(Question(t(f"{subject}_title"), question, t, yes, replace(intent, sure=True), danger=True))
        return True

    def _window_command(self, command: Command, now: float) -> None:
        t, shown = self.screen.texts, self.controller.shown
        if command is Command.NEW_GAME:
            self.open(NewGameDialog(t, self.controller.session.seats, self.controller.settings))
        elif command is Command.SETTINGS:
            self.open(SettingsDialog(t, self.controller.settings))
        elif command is Command.CHOOSE_MODEL:
            model = self.controller.settings.model
            title, example = t("model_title"), t("model_example")
            self.open(TextDialog(title, example, t, t("ok"), UseModel, model, may_be_empty=True))
        elif command is Command.ADD_ENGINE:
            self.open(EngineDialog(t))
        elif command is Command.KEYS:
            self.open(KeysDialog(t, self.controller.mode))
        elif command is Command.RESIGN:
            self._ask_resign()
        elif command is Command.DRAW:
            self._ask_draw(now)
        elif command is Command.TYPE_MOVE and shown.may_move:
            self.open(TextDialog(t("move_title"), t("move_example"), t, t("play_button"), PlayText))
        elif command is Command.SAVE and shown.line:
            self.open(SaveDialog(t, proposed_path(datetime.datetime.now())))
        elif command is Command.OPEN:
            self.open(OpenDialog(t, self._folder))
        elif command is Command.GAMES and self.controller.analysis.games:
            analysis = self.controller.analysis
            self.open(GamesDialog(t, analysis.games, analysis.chosen))
        elif command is Command.ANALYST:
            title, example, analyst = t("analyst_title"), t("analyst_example"), self.controller.settings.analyst
            self.open(TextDialog(title, example, t, t("ok"), SetAnalyst, analyst, may_be_empty=True))
        elif command is Command.PLAY_HERE:
            self.carry_out(PlayFromHere())
        elif command is Command.COPY_FEN:
            self._copy(self._fen(), "fen_copied", now)
        elif command is Command.COPY_GAME:
            self._copy(self._pgn(), "game_copied", now)
        elif command is Command.PASTE:
            self._paste(now)
        elif command is Command.CLOSE:
            self.screen.put_down()
        elif command is Command.FULLSCREEN:
            self.screen.toggle_fullscreen()
        elif command is Command.QUIT:
            self._running = False

    def _fen(self) -> str:
        controller = self.controller
        return controller.setup.editor.fen() if controller.mode is Mode.SETUP else controller.shown.shown_board.fen()

    def _record(self) -> Game:
        """The game on the board, or under analysis with all its variations."""
        if self.controller.mode is Mode.ANALYSE and not self.controller.analysis.study.follows_game:
            return self.controller.analysis.study.to_game()
        game = record_of(self.controller.session, self.screen.texts, datetime.date.today())
        if self.controller.mode is Mode.ANALYSE:
            self.controller.analysis.study.fill(game)
        return game

    def _pgn(self) -> str:
        from xiangqi_gpt.records import format_pgn  # reads and writes files: not needed to show the window

        return format_pgn(self._record(), notation=cast("Notation", self.controller.settings.notation))

    def _play_from_here(self, now: float) -> None:
        if self.controller.mode is Mode.SETUP and not self.controller.setup.is_playable(now):
            return
        self.controller.play_from_here()
        self.controller.settle(now)
        self.screen.put_down()

    def _ask_whether_sure(self, wish: TryMove, outcome: Outcome) -> None:
        """The move would lose by repetition."""
        self.controller.doubtful = None
        t = self.screen.texts
        side = t.side(self.controller.session.turn)
        question = t("repetition_question", side=side, reason=t.termination(outcome))
        self.open(Question(t("repetition_title"), question, t, t("repetition_button"), wish, danger=True))

    def _ask_draw(self, now: float) -> None:
        session, t = self.controller.session, self.screen.texts
        side = session.resigning_side
        if side is None or not session.ply_count:
            return
        accepts = session.draw_offered_by == 1 - side
        if session.plies_to_next_offer and not accepts:
            count = session.plies_to_next_offer
            self.controller.tell(lambda t: t("draw_too_soon", count=count), now, Tone.QUIET)
            return
        both = session.person is None
        question = t("draw_accept_question" if accepts else "draw_question_both" if both else "draw_question")
        yes = t("draw_agree_button" if accepts or both else "draw_button")
        title = t("draw_accept_title" if accepts else "draw_title")
        self.open(Question(title, question, t, yes, ConfirmDraw(side)))

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
        if isinstance(self._dialog, OpenDialog):
            self._folder = self._dialog.folder
        if done:
            self._dialog = None
        if intent is not None:
            self.carry_out(intent)
        if isinstance(self._dialog, SettingsDialog):
            self._dialog.follow(self.controller.settings)

    # --- the world outside

    def _copy(self, text: str, done: str, now: float) -> None:
        try:
            pygame.scrap.put_text(text)
            self.controller.tell(lambda t: t(done), now, Tone.GOOD)
        except pygame.error:
            self.controller.tell(lambda t: t("clipboard_failed"), now, Tone.BAD)

    def _paste(self, now: float) -> None:
        try:
            self.controller.paste(pygame.scrap.get_text(), now)
        except pygame.error:
            self.controller.tell(lambda t: t("clipboard_failed"), now, Tone.BAD)

    def _save(self, path: str, now: float) -> None:
        target = target_path(path)
        try:
            save_game(self._record(), target, self.controller.settings.notation)
            if self.controller.mode is Mode.ANALYSE:
                self.controller.analysis.study.edited = False
            self.controller.tell(lambda t: t("saved", path=str(target)), now, Tone.GOOD)
        except SaveError as error:
            self.controller.complain(Failed("", None, str(error), type(error).__name__), now)


def post_reply(reply: Reply) -> None:
    """Put a reply of the players' process among the window's events; may be called from any thread."""
    pygame.event.post(pygame.Event(_REPLY, reply=reply))


def run(
    player: str = "gpt",
    side: int = RED,
    *,
    fen: str | None = None,
    record: str | None = None,
    seed: int | None = None,
    language: str | None = None,
    chosen: bool = False,
) -> int:
    """Show the window and play until it is closed; returns the exit status.

    ``side`` is the person's; ``chosen`` says that the arguments were asked for, so that neither the last game nor its
    players are proposed instead. ``record`` is a file of games to analyse. Raises ``FenError`` and ``DisplayError``.
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
    asked_for = chosen or fen is not None or record is not None
    app.greet(saved if record is None else None, first_start and not asked_for, damaged_settings, damaged_game)
    if record is not None:
        app.carry_out(OpenRecord(record))
    app.run()
    pygame.quit()
    return 0
