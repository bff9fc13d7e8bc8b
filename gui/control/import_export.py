"""What goes out of the window and comes in: positions and games on the clipboard, games into files."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, cast

import pygame

from ..i18n.texts import Texts
from ..state.error_report import report
from ..state.mode import Mode
from ..state.saving import SaveError, record_of, save_game, target_path
from ..state.scene import Tone
from ..worker.messages import Failed
from .controller import Controller

if TYPE_CHECKING:
    from xiangqi_gpt.records import Game, Notation


class Exchange:
    """Copies, pastes and saves what the controller has on the board."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def copy_fen(self, now: float) -> None:
        """The position on the board to the clipboard."""
        controller = self._controller
        setting_up = controller.mode is Mode.SETUP
        fen = controller.setup.editor.fen() if setting_up else controller.shown.shown_board.fen()
        self._copy(fen, "fen_copied", now)

    def copy_game(self, texts: Texts, now: float) -> None:
        """The game with its variations to the clipboard, as PGN."""
        from xiangqi_gpt.records import format_pgn  # reads and writes files: not needed to show the window

        notation = cast("Notation", self._controller.settings.notation)
        self._copy(format_pgn(self._record(texts), notation=notation), "game_copied", now)

    def _copy(self, text: str, done: str, now: float) -> None:
        try:
            pygame.scrap.put_text(text)
            self._controller.notify(lambda t: t(done), now, Tone.GOOD)
        except pygame.error:
            self._controller.notify(lambda t: t("clipboard_failed"), now, Tone.BAD)

    def pasted(self, now: float) -> str | None:
        """Return the text on the clipboard; None, with a word about it, where there is no clipboard."""
        try:
            return pygame.scrap.get_text()
        except pygame.error:
            self._controller.notify(lambda t: t("clipboard_failed"), now, Tone.BAD)
            return None

    def save(self, path: str, texts: Texts, now: float) -> None:
        """Write the game to a file; where that fails, say why."""
        controller, target = self._controller, target_path(path)
        try:
            save_game(self._record(texts), target, controller.settings.notation)
            if controller.mode is Mode.ANALYSE:
                controller.analysis.saved()
            controller.change(folder=str(target.absolute().parent))
            controller.notify(lambda t: t("saved", path=str(target)), now, Tone.GOOD)
        except SaveError as error:
            controller.show_error(Failed("", None, report(error)), now)

    def _record(self, texts: Texts) -> Game:
        """The game on the board, or under analysis with all its variations."""
        controller, study = self._controller, self._controller.analysis.study
        if controller.mode is not Mode.ANALYSE:
            return record_of(controller.session, texts, datetime.date.today())
        game = study.to_game()
        if study.follows_game:
            played = record_of(controller.session, texts, datetime.date.today())
            game.tags, game.result = played.tags, played.result
        return game
