"""What goes out of the window and comes in: positions and games on the clipboard, games into files."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pygame

from xiangqi_gpt.rules import BLACK, RED, XiangqiError

from ..i18n.texts import Texts
from ..state.error_report import report
from ..state.intents import SaveGame
from ..state.mode import Mode
from ..state.reviewed_game import NotAnalysedError, review_of
from ..state.saving import (
    ANIMATION,
    PICTURE,
    REPORT,
    check_is_file,
    record_of,
    save_animation,
    save_game,
    save_picture,
    save_report,
    target_path,
)
from ..state.scene import Tone
from ..worker.messages import Failed
from .controller import Controller

if TYPE_CHECKING:
    from xiangqi_gpt.analysis.move_analysis import GameAnalysis
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

    def save(self, intent: SaveGame, texts: Texts, now: float, picture: Callable[[], bytes]) -> None:
        """Write the game, also as a GIF, its review, or the board as a PNG to a file; where that fails, say why."""
        controller, target = self._controller, target_path(intent.path)
        ending = target.suffix.lower()
        try:
            check_is_file(intent.path, target)
            if ending == PICTURE:
                save_picture(picture(), target)
            elif ending == ANIMATION:
                self._save_animation(target, texts)
            elif ending == REPORT:
                save_report(self._review(texts), target)
            else:
                game = self._record(texts)
                if intent.review:
                    from xiangqi_gpt.analysis.annotate import annotated

                    game = annotated(self._review(texts))
                save_game(game, target, controller.settings.notation)
                if controller.mode is Mode.ANALYSE:
                    controller.analysis.saved()
            controller.change(folder=str(target.absolute().parent))
            self._say_saved(target, now, has_review=ending == REPORT or intent.review)
        except XiangqiError as error:
            controller.show_error(Failed("", None, report(error)), now)

    def _say_saved(self, target: Path, now: float, *, has_review: bool) -> None:
        """Say where it lies, and how much of a review that is still going on."""
        analysis = self._controller.analysis
        share, key, tone = analysis.reviewed, "saved", Tone.GOOD
        if has_review and (share < 1 or analysis.progress is not None):
            key, tone = "saved_half" if share < 1 else "saved_unfinished", Tone.PLAIN
        self._controller.notify(lambda t: t(key, path=str(target), share=f"{int(100 * share)}%"), now, tone)

    def _save_animation(self, target: Path, texts: Texts) -> None:
        controller = self._controller
        notes = controller.analysis.study.notes if controller.mode is Mode.ANALYSE else {}
        judgements = {ply: note.judgement for ply, note in notes.items()}
        save_animation(self._record(texts), target, judgements, BLACK if controller.settings.flipped else RED)

    def _review(self, texts: Texts) -> GameAnalysis:
        """What is known of the game under analysis. Raises ``NoReviewError``."""
        controller, analysis = self._controller, self._controller.analysis
        if controller.mode is not Mode.ANALYSE:
            raise NotAnalysedError("a game is reviewed in Analyse")
        model, analyst = analysis.model, controller.settings.analyst
        return review_of(analysis.study, self._record(texts), model, analyst, analysis.reviewed)

    def _record(self, texts: Texts) -> Game:
        """The game on the board, or under analysis with all its variations."""
        controller, study = self._controller, self._controller.analysis.study
        if controller.mode is not Mode.ANALYSE:
            return record_of(controller.session, texts, datetime.date.today())
        game = study.to_game()
        if study.follows_game:
            played = record_of(controller.session, texts, datetime.date.today())
            game.tags = played.tags | game.tags
            game.result = played.result if game.result == "*" else game.result
        return game
