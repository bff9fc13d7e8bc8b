"""The window: receives events, lets the controller act, and draws when something has changed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

import pygame

from xiangqi_gpt.rules import Move

from .control import keys
from .control.controller import Controller
from .control.import_export import Exchange
from .dialogs.command_dialogs import browse_dialog, dialog_of
from .dialogs.dialog_stack import DialogStack
from .dialogs.dialogs import Dialog
from .dialogs.first_game import FIRST_SPEC, FirstGameDialog
from .dialogs.new_game import NewGameDialog
from .dialogs.questions import question_before, repetition_question, resume_game_question, resume_study_question
from .state.commands import Command
from .state.intents import Browse, Intent, Paste, PlayFromHere, SaveGame, TryMove
from .state.mode import Mode
from .state.record_files import opened_by
from .state.scene import Scene, Tone
from .state.session import GameSession
from .state.settings import VOLUMES, Settings, Store
from .state.study import Study
from .views.screen import Screen
from .widgets.sound import Sounds
from .worker.messages import Reply
from .worker.player_process import PlayerProcess

_FRAME: Final = 1 / 60
_BEAT: Final = 0.45  #: how often the dots of "thinking" change, in seconds
_REPLY: Final = pygame.event.custom_type()
_POINTER_EVENTS: Final = (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP, pygame.MOUSEMOTION, pygame.MOUSEWHEEL)
#: Milliseconds until a held key repeats, and between its repeats.
_REPEAT: Final = (400, 40)
#: Moves that one turn of the wheel goes at most.
_MOST_STEPS: Final = 3
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
        window: pygame.Window | None = None,
    ) -> None:
        self._clock = clock
        self._thinker = thinker
        self.screen = Screen(settings, size, window)
        self._sounds = Sounds()
        self._dirty = True
        self._running = True
        self._beat = 0
        self._held: set[int] = set()
        self._wheel = 0.0
        self.controller = Controller(
            session,
            settings,
            thinker,
            keep_game=store.save_game,
            keep_study=store.save_study,
            keep_settings=store.save_settings,
            results=store,
        )
        self._exchange = Exchange(self.controller)
        self._dialogs = DialogStack(self.controller, self.carry_out, lambda: self.screen.texts)
        self._heard = self._moves_made()
        pygame.key.set_repeat(*_REPEAT)
        self.draw()

    def open_startup_dialogs(
        self,
        game: GameSession | None,
        is_first_start: bool,
        damaged_settings: str | None,
        damaged_game: str | None,
        study: Study | None = None,
        damaged_study: str | None = None,
    ) -> None:
        """Say what was found at the start: damaged files, a game or variations of the last time, or nothing yet."""
        found = {"settings_bad": damaged_settings, "game_bad": damaged_game, "study_bad": damaged_study}
        damaged = [(key, name) for key, name in found.items() if name is not None]
        if damaged:
            self.controller.notify(
                lambda t: " ".join(t(key, name=name) for key, name in damaged), self._clock(), Tone.BAD, lasting=True
            )
        t = self.screen.texts
        dialogs: list[Dialog] = [resume_game_question(game, t)] if game is not None else []
        dialogs += [resume_study_question(study, t)] if study is not None else []
        self._dialogs.queue(dialogs or ([FirstGameDialog(t)] if is_first_start else []))
        self._dirty = True

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
        self.controller.prepare(*((FIRST_SPEC,) if isinstance(self.dialog, FirstGameDialog) else ()))
        self.controller.sync_requests(self._clock())
        self._sounds.prepare()

    def close(self) -> None:
        """Close the window and end the players' process."""
        self.screen.close()
        self._thinker.close()

    def _wait(self) -> list[pygame.Event]:
        """Sleep until there is something to do."""
        now = self._clock()
        if self._dirty or self.screen.board.is_animating(now):
            spare = max(1, round(1000 * _FRAME)) if self.screen.board.is_animating(now) else 1
            first = pygame.event.wait(spare)
        else:
            times = [self.controller.wake_at(now), self.screen.tooltip.wake_at()]
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
        self._dirty |= self.screen.tooltip.tick(now)
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
            volume = VOLUMES[self.controller.settings.volume]
            self._sounds.play("check" if last.gives_check else "capture" if last.captured else "move", volume)

    def draw(self) -> None:
        """Draw the whole window."""
        now = self._clock()
        self.screen.speak(self.controller.settings.language)
        self.screen.draw(self.controller.scene(self.screen.texts, now), self.dialog, self._beat, now)

    # --- events

    def handle(self, event: pygame.Event) -> None:
        """Take in one event of the window, the keyboard, the pointer or the players' process."""
        if event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
            self._running = False
        elif event.type == _REPLY:
            self._answered(event.reply)
        elif event.type in _REDRAW_EVENTS:
            self._dirty = True
        elif event.type == pygame.WINDOWLEAVE:
            self._dirty |= self.screen.leave()
        elif event.type == pygame.DROPFILE:
            self._dialogs.close_all()
            self.carry_out(opened_by(event.file))
        elif event.type in _POINTER_EVENTS:
            self._pointer(self.screen.in_pixels(event))
        elif event.type == pygame.KEYUP:
            self._held.discard(event.key)
        elif event.type == pygame.WINDOWFOCUSLOST:
            self._held.clear()
        elif event.type in (pygame.KEYDOWN, pygame.TEXTINPUT, pygame.TEXTEDITING):
            self._keyboard(event)

    def _answered(self, reply: Reply) -> None:
        """Let the controller take in a reply; whoever has joined the opponents can be chosen at once."""
        offered = self._offered()
        self.controller.answer(reply, self._clock())
        self._dirty = True
        self._dialogs.settle()
        self._show_opponents(offered)
        if self.controller.analysis.offers_games() and self.dialog is None:
            self._window_command(Command.GAMES, self._clock())

    def _offered(self) -> tuple[tuple[str, ...], str]:
        settings = self.controller.settings
        return settings.opponents, settings.model

    def _show_opponents(self, before: tuple[tuple[str, ...], str]) -> None:
        """Whoever has joined the opponents can be chosen at once, and whoever has left them is seen to be gone."""
        if self._offered() != before and self.dialog is None:
            self._window_command(Command.NEW_GAME, self._clock())
            added = [spec for spec in self.controller.settings.opponents if spec not in before[0]]
            if added and isinstance(self.dialog, NewGameDialog):
                self.dialog.choose(added[-1])

    @property
    def is_running(self) -> bool:
        """False once the person has asked to quit."""
        return self._running

    @property
    def dialog(self) -> Dialog | None:
        """The open dialog."""
        return self._dialogs.current

    def _pointer(self, event: pygame.Event) -> None:
        now = self._clock()
        if event.type != pygame.MOUSEMOTION:
            self._dirty |= self.screen.tooltip.close()
        if self.dialog is not None:
            self._dirty = True
            self._dialogs.handle(event)
            return
        scene = self.controller.scene(self.screen.texts, now)
        if self.screen.banner.is_open(scene):
            intent, taken = self.screen.banner.handle(event, scene)
            self._dirty = True
            if intent is not None:
                self.carry_out(intent)
            if taken and event.type != pygame.MOUSEMOTION:
                return
        if event.type == pygame.MOUSEWHEEL and self.screen.is_over_board(event.pos):
            self._step_by_wheel(event, scene.mode)
            return
        intent, changed = self.screen.handle_panel(event, scene.mode)
        if event.type == pygame.MOUSEMOTION:
            text = self.screen.explanation(scene.mode, event.pos)
            changed |= self.screen.tooltip.point(text, event.pos, now)
        if intent is None:
            pressed = event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP)
            intent = self._board_event(event, scene)
            dragging = self.screen.board.is_dragging or self.screen.setup_board.is_dragging
            changed = changed or pressed or dragging or bool(scene.arrows or scene.analysis.targets)
        self._dirty = self._dirty or changed
        if intent is not None:
            self.carry_out(intent)

    def _step_by_wheel(self, event: pygame.Event, mode: Mode) -> None:
        """Walk through the moves: the wheel towards the person goes on, away from them back."""
        if mode in (Mode.PLAY, Mode.ANALYSE):
            self._wheel += event.y  # in parts of a step on some devices
            steps = int(self._wheel)
            self._wheel -= steps
            for _ in range(min(abs(steps), _MOST_STEPS)):
                self.carry_out(Command.BACK if steps > 0 else Command.FORWARD)

    def _board_event(self, event: pygame.Event, scene: Scene) -> Intent | None:
        settings = scene.settings
        if scene.mode is Mode.SETUP:
            return self.screen.setup_board.handle(event, scene.editor, settings)
        return self.screen.board.handle(event, scene.shown, settings)

    def _keyboard(self, event: pygame.Event) -> None:
        self._dirty = True
        self.screen.tooltip.close()
        if event.type == pygame.KEYDOWN and not self._may_repeat(event):
            return
        if self.dialog is not None:
            self._dialogs.handle(event)
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
        intent = first or (self._board_event(event, scene) if scene.mode is Mode.ANALYSE else command)
        if intent is not None:
            self.carry_out(intent)

    def _may_repeat(self, event: pygame.Event) -> bool:
        """Whether a key press counts: of a key that is held, only where it steps or edits."""
        is_held = event.key in self._held
        self._held.add(event.key)
        return not is_held or event.key in keys.REPEATED or (self.dialog is not None and event.key == pygame.K_DELETE)

    def carry_out(self, intent: Intent) -> None:
        """Do what a view or a key asked for."""
        self._dirty = True
        now = self._clock()
        question = question_before(intent, self.controller, self.screen.texts)
        if question is not None:
            self.open(question)
            return
        if isinstance(intent, TryMove) and intent.dragged and self._is_allowed(intent):
            self.screen.board.dropped(Move.of(intent.source, intent.target))
        mode, offered = self.controller.mode, self._offered()
        done = self.controller.apply(intent, now)
        self._show_opponents(offered)
        if mode is not self.controller.mode:
            self.screen.put_down()
        self._ask_about_doubtful_move()
        if done:
            return
        if isinstance(intent, SaveGame):
            self._exchange.save(intent, self.screen.texts, now, self._board_png)
        elif isinstance(intent, Browse):
            self.open(browse_dialog(intent, self.controller.settings, self.screen.texts))
        elif isinstance(intent, PlayFromHere):
            self._play_from_here(now)
        elif isinstance(intent, Command):
            self._window_command(intent, now)

    def _board_png(self) -> bytes:
        """A picture of the board as it is drawn."""
        return self.screen.board_png(self.controller.scene(self.screen.texts, self._clock()))

    def _window_command(self, command: Command, now: float) -> None:
        controller, t = self.controller, self.screen.texts
        dialog = dialog_of(command, controller, t, self.screen.buttons(controller.mode))
        if dialog is not None:
            self.open(dialog)
        elif command is Command.DRAW and controller.session.plies_to_next_offer and controller.session.outcome is None:
            count = controller.session.plies_to_next_offer
            controller.notify(lambda t: t("draw_too_soon", count=count), now, Tone.QUIET)
        elif command is Command.PLAY_HERE:
            self.carry_out(PlayFromHere())
        elif command is Command.COPY_FEN:
            self._exchange.copy_fen(now)
        elif command is Command.COPY_GAME:
            self._exchange.copy_game(t, now)
        elif command is Command.PASTE:
            text = self._exchange.pasted(now)
            if text is not None:
                self.carry_out(Paste(text))
        elif command is Command.CLOSE:
            self.screen.put_down()
        elif command is Command.FULLSCREEN:
            self.screen.toggle_fullscreen()
        elif command is Command.QUIT:
            self._running = False

    def _play_from_here(self, now: float) -> None:
        if self.controller.mode is Mode.SETUP and not self.controller.setup.is_playable(now):
            return
        self.controller.play_from_here()
        self.controller.sync_requests(now)
        self.screen.put_down()

    def _is_allowed(self, intent: TryMove) -> bool:
        return self.controller.entry.allows(intent, self.controller.shown)

    def _ask_about_doubtful_move(self) -> None:
        doubtful, self.controller.entry.doubtful = self.controller.entry.doubtful, None
        if doubtful is not None:
            self.open(repetition_question(*doubtful, self.controller.session, self.screen.texts))

    def open(self, dialog: Dialog) -> None:
        """Show a dialog."""
        self._dialogs.open(dialog)
        self._dirty = True
        self.screen.leave()
        self.screen.board.deselect()


def post_reply(reply: Reply) -> None:
    """Put a reply of the players' process among the window's events; may be called from any thread."""
    pygame.event.post(pygame.Event(_REPLY, reply=reply))
