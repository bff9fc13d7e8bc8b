"""A text from the clipboard: a position for the board, or a game to analyse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xiangqi_gpt.rules import XiangqiError

from ..state.error_report import report
from ..state.mode import Mode
from ..state.record_files import ClipboardKind, clipboard_kind, pasted_fen
from ..state.scene import Tone
from ..state.session import GameSession

if TYPE_CHECKING:
    from .controller import Controller


class Pasting:
    """Takes texts in, and says what is wrong with them."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def paste(self, text: str, now: float) -> None:
        """Take in a text: a position becomes the board's, a game is analysed."""
        kind = clipboard_kind(text)
        if kind is ClipboardKind.NOTHING:
            self._controller.notify(lambda t: t("clipboard_empty"), now, Tone.QUIET)
        elif kind is ClipboardKind.RECORD:
            self._controller.analysis.file.read("", text)
            self._controller.notify(lambda t: t("reading"), now, Tone.QUIET)
        else:
            self._paste_position(pasted_fen(text), now)

    def _paste_position(self, fen: str, now: float) -> None:
        try:
            if self._controller.mode is Mode.SETUP:
                self._controller.setup.editor.load(fen)
            elif self._controller.mode is Mode.PLAY:
                self._controller.begin(GameSession(self._controller.session.players, fen))
            else:
                self._controller.analysis.analyse_position(fen)
                self._controller.switch(Mode.ANALYSE, now)
            self._controller.notify(lambda t: t("fen_pasted"), now)
        except XiangqiError as error:
            found = report(error)
            self._controller.notify(lambda t: t("fen_bad", error=t.error(found)), now, Tone.BAD)
