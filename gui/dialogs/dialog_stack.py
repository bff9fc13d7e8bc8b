"""The open dialog, those that wait below it, and those that come after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pygame

from ..control.controller import Controller
from ..i18n.texts import Texts
from ..state.intents import AddEngine, Intent, OpenPuzzles, OpenRecord, ResumeGame, SetAnalyst, TakePath, UseModel
from .dialogs import Dialog, Question
from .file_dialog import FileDialog
from .new_game import NewGameDialog
from .settings_dialog import SettingsDialog


class DialogStack:
    """A dialog opened from another one lies above it; what a dialog asks for is tried while it stays open.

    ``carry_out`` does what a dialog asks for; ``texts`` gives the window's sentences.
    """

    def __init__(self, controller: Controller, carry_out: Callable[[Intent], None], texts: Callable[[], Texts]) -> None:
        self._controller, self._carry_out, self._texts = controller, carry_out, texts
        self._open: list[Dialog] = []
        self._later: list[Dialog] = []

    @property
    def current(self) -> Dialog | None:
        """The dialog that has the keyboard; None where none is open."""
        return self._open[-1] if self._open else None

    def open(self, dialog: Dialog) -> None:
        """Show a dialog above those that are open."""
        self._open.append(dialog)

    def queue(self, dialogs: Sequence[Dialog]) -> None:
        """Show dialogs one after another."""
        self._later += dialogs
        self._show_next()
        self._hold_game()

    def close_all(self) -> None:
        """Close every dialog that is open but the question about a kept game, which has to be answered."""
        self._open = [dialog for dialog in self._open if _asks_about_game(dialog)]

    def handle(self, event: pygame.Event) -> None:
        """Give an event to the dialog, and do what it asks for."""
        dialog = self.current
        if dialog is None:
            return
        done, intent = dialog.handle(event)
        if isinstance(dialog, FileDialog) and str(dialog.folder) != self._controller.settings.folder:
            self._controller.change(folder=str(dialog.folder))
        if done and intent is not None and dialog.stays:
            self._try(dialog, intent)
        else:
            self._finish(dialog, intent, done=done)
        self._show_next()
        self._hold_game()

    def _finish(self, dialog: Dialog, intent: Intent | None, *, done: bool) -> None:
        if done:
            self._remove(dialog)
        below = self.current
        if isinstance(intent, TakePath):
            if below is not None:
                below.take(intent.path)
        elif intent is not None:
            self._carry_out(intent)
            if done and below is not None and below is self.current and below.waits_for is not None:
                self._settle(below)
        elif done and below is not None:
            below.waits_for = None

    def _try(self, dialog: Dialog, intent: Intent) -> None:
        """Do what a dialog asks for while it stays open: it closes when that has worked."""
        self._controller.clear_notice()
        dialog.error, dialog.busy, dialog.waits_for = "", "", intent
        self._carry_out(intent)
        if self.current is dialog:
            self._settle(dialog)

    def settle(self) -> None:
        """The players' process has answered: what the dialog waits for may have been decided."""
        if self.current is not None and self.current.waits_for is not None:
            self._settle(self.current)
        self._show_next()

    def _settle(self, dialog: Dialog) -> None:
        trial = isinstance(dialog.waits_for, AddEngine | UseModel | SetAnalyst)
        failure, texts = self._controller.notices.failure(self._texts()), self._texts()
        if trial and self._controller.opponents.is_trying:
            dialog.busy = texts("trying_short")
            return
        if isinstance(dialog.waits_for, OpenRecord | OpenPuzzles) and self._is_reading:
            dialog.busy = texts("reading")
            return
        dialog.busy, dialog.waits_for, dialog.error = "", None, failure
        if failure:
            self._controller.clear_notice()
        else:
            self._remove(dialog)

    @property
    def _is_reading(self) -> bool:
        """Whether a file is being read of which nothing has come yet."""
        file = self._controller.analysis.file
        return self._controller.puzzles.is_reading or (file.is_reading and not file.has_begun)

    def _hold_game(self) -> None:
        """Let the game wait as long as it is not said what becomes of the kept one."""
        self._controller.hold_game(hold=any(_asks_about_game(dialog) for dialog in (*self._open, *self._later)))

    def _remove(self, dialog: Dialog) -> None:
        if dialog in self._open:
            self._open.remove(dialog)

    def _show_next(self) -> None:
        """Bring what is open up to date, or show a dialog that waited until the one before it was done."""
        if not self._open and self._later:
            self._open.append(self._later.pop(0))
        if isinstance(self.current, SettingsDialog | NewGameDialog):
            self.current.follow(self._controller.settings)


def _asks_about_game(dialog: Dialog) -> bool:
    return isinstance(dialog, Question) and isinstance(dialog.intent(), ResumeGame)
