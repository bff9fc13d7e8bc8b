"""Which dialog a command opens."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from pathlib import Path

from ..control.availability import is_available
from ..control.controller import Controller
from ..control.tree_editing import LINE_BREAK
from ..i18n.texts import Texts
from ..state.commands import Command
from ..state.intents import Browse, Browsed, PlayText, UseIndex, WriteComment
from ..state.mode import Mode
from ..state.saving import documents, proposed_path
from ..state.settings import Settings
from .analyst_dialog import AnalystDialog
from .dialogs import Dialog, KeysDialog, TextDialog
from .engine_dialog import EngineDialog
from .file_dialog import FileDialog, SaveDialog
from .folder_dialog import FolderDialog
from .games_dialog import GamesDialog
from .menu_dialog import MenuDialog
from .model_dialog import ModelDialog
from .new_game import NewGameDialog
from .questions import draw_question, resign_question
from .rating_dialog import RatingDialog
from .settings_dialog import SettingsDialog
from .tags_dialog import TagsDialog


def dialog_of(
    command: Command, controller: Controller, texts: Texts, buttons: Collection[Command] = ()
) -> Dialog | None:
    """Return the dialog, None where the command has none, or nothing to ask now; ``buttons`` are on the screen."""
    t, settings, analysis = texts, controller.settings, controller.analysis
    if command is Command.NEW_GAME:
        return NewGameDialog(t, controller.opponents.proposed, settings, rated=controller.rated.proposal())
    if command is Command.RATING:
        games, error = controller.rated.games()
        return RatingDialog(t, games, "" if error is None else t.error(error))
    if command is Command.SETTINGS:
        return SettingsDialog(t, settings)
    if command is Command.CHOOSE_MODEL:
        return ModelDialog(t, settings.model)
    if command is Command.ADD_ENGINE:
        return EngineDialog(t)
    if command is Command.MENU:
        return MenuDialog(t, controller.mode, buttons, lambda command: is_available(command, controller))
    if command is Command.KEYS:
        return KeysDialog(t, controller.mode)
    if command is Command.RESIGN:
        return resign_question(controller.session, t)
    if command is Command.DRAW:
        return draw_question(controller.session, t)
    if command is Command.TYPE_MOVE and controller.shown.may_move:
        return TextDialog(t("move_title"), t("move_example"), t, t("play_button"), PlayText)
    if command is Command.COMMENT and controller.mode is Mode.ANALYSE:
        text = analysis.study.comment.replace("\n", LINE_BREAK)
        title, hint, button = (t(f"comment_{part}") for part in ("title", "example", "button"))
        return TextDialog(title, hint, t, button, WriteComment, text, may_be_empty=True)
    if command is Command.TAGS and controller.mode is Mode.ANALYSE:
        return TagsDialog(t, analysis.study)
    if command is Command.SAVE and controller.shown.line:
        path, is_analysed = (
            proposed_path(files_folder(settings), datetime.datetime.now()),
            controller.mode is Mode.ANALYSE,
        )
        unfinished = is_analysed and analysis.progress is not None
        return SaveDialog(t, path, has_review=is_analysed, is_unfinished=unfinished)
    if command is Command.OPEN:
        if controller.mode is Mode.PUZZLE:
            return FileDialog(t, files_folder(settings), Browsed.PUZZLES)
        return FileDialog(t, files_folder(settings), recent=settings.recent)
    if command is Command.GAMES and analysis.file.games:
        return GamesDialog(t, analysis.file.games, analysis.chosen, analysis.file.faults, analysis.file.corpus)
    if command is Command.GAMES_HERE and analysis.file.games:
        return _games_here(controller, t)
    if command is Command.ANALYST:
        return AnalystDialog(t, settings)
    if command is Command.POSITION_INDEX:
        return FolderDialog(t("index_title"), t("index_example"), t, UseIndex, settings.index)
    return None


def _games_here(controller: Controller, texts: Texts) -> GamesDialog:
    """Return the list of the games of the file that came to the position on the board."""
    from xiangqi_gpt.records.search_games import games_through

    analysis = controller.analysis
    games = analysis.file.games
    return GamesDialog(texts, games, analysis.chosen, only=games_through(games, analysis.study.shown_board))


def browse_dialog(wanted: Browse, settings: Settings, texts: Texts) -> FileDialog:
    """Return the dialog that looks for a file or a folder, from the one that is there already on."""
    start = Path(wanted.start).expanduser()
    folder = start if start.is_dir() else start.parent
    known = wanted.start and folder.is_dir() and folder.is_absolute()
    return FileDialog(texts, folder if known else files_folder(settings), wanted.what)


def files_folder(settings: Settings) -> Path:
    """Return where files are looked for: the folder of the last time if it is still there."""
    folder = Path(settings.folder)
    return folder if settings.folder and folder.is_dir() else documents()
