"""Which dialog a command opens."""

from __future__ import annotations

import datetime
from pathlib import Path

from ..control.controller import Controller
from ..i18n.texts import Texts
from ..state.intents import Command, PlayText, SetAnalyst, UseModel
from ..state.saving import proposed_path
from .dialogs import Dialog, KeysDialog, TextDialog
from .engine_dialog import EngineDialog
from .file_dialog import OpenDialog, SaveDialog
from .games_dialog import GamesDialog
from .new_game import NewGameDialog
from .questions import draw_question, resign_question
from .settings_dialog import SettingsDialog


def dialog_of(command: Command, controller: Controller, texts: Texts, folder: Path) -> Dialog | None:
    """The dialog, None where the command has none, or nothing to ask now; files are looked for in ``folder``."""
    t, settings, analysis = texts, controller.settings, controller.analysis
    if command is Command.NEW_GAME:
        return NewGameDialog(t, controller.opponents.proposed, settings)
    if command is Command.SETTINGS:
        return SettingsDialog(t, settings)
    if command is Command.CHOOSE_MODEL:
        title, example = t("model_title"), t("model_example")
        return TextDialog(title, example, t, t("ok"), UseModel, settings.model, may_be_empty=True)
    if command is Command.ADD_ENGINE:
        return EngineDialog(t)
    if command is Command.KEYS:
        return KeysDialog(t, controller.mode)
    if command is Command.RESIGN:
        return resign_question(controller.session, t)
    if command is Command.DRAW:
        return draw_question(controller.session, t)
    if command is Command.TYPE_MOVE and controller.shown.may_move:
        return TextDialog(t("move_title"), t("move_example"), t, t("play_button"), PlayText)
    if command is Command.SAVE and controller.shown.line:
        return SaveDialog(t, proposed_path(datetime.datetime.now()))
    if command is Command.OPEN:
        return OpenDialog(t, folder)
    if command is Command.GAMES and analysis.file.games:
        return GamesDialog(t, analysis.file.games, analysis.chosen)
    if command is Command.ANALYST:
        title, example = t("analyst_title"), t("analyst_example")
        return TextDialog(title, example, t, t("ok"), SetAnalyst, settings.analyst, may_be_empty=True)
    return None
