"""Records in the window as a person opens, saves, copies and pastes them."""

from __future__ import annotations

from pathlib import Path

import pygame
import pytest
from gui_helpers import asked, games_read
from study_window import CONTROL, GAME, MOVES, OpenWindow, middle, studied
from xiangqi_gpt.gui.dialogs.dialogs import Question
from xiangqi_gpt.gui.dialogs.file_dialog import FileDialog, SaveDialog
from xiangqi_gpt.gui.dialogs.games_dialog import GamesDialog
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.intents import OpenRecord, SaveGame
from xiangqi_gpt.gui.state.record_files import RecordFault
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.state.settings import Store
from xiangqi_gpt.gui.worker.messages import Failed, Read

from xiangqi_gpt.records import Game, parse_pgn, read_games, write_pgn


def test_a_dropped_file_is_opened(open_window: OpenWindow) -> None:
    window = open_window()
    window.event(pygame.DROPFILE, file="/some/where.xqf")
    assert asked(window.thinker, Read)[0].path == "/some/where.xqf"


def test_a_file_is_chosen_in_the_dialog(open_window: OpenWindow, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write_pgn([GAME], tmp_path / "folder" / "game.pgn")
    (tmp_path / "folder" / "other.doc").touch()
    window = open_window()
    window.app.controller.change(folder=str(tmp_path))
    window.key(pygame.K_o, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, FileDialog)
    window.key(pygame.K_RETURN)
    assert dialog.folder == tmp_path / "folder" and window.app.dialog is dialog
    assert [item.text for item in dialog.list.items] == ["..", "game.pgn"], "only records are shown"
    window.key(pygame.K_RETURN)
    (request,) = asked(window.thinker, Read)
    assert request.path == str(tmp_path / "folder" / "game.pgn")
    assert dialog.busy and window.app.dialog is dialog, "it waits for the first game"
    window.answer(games_read(request, GAME))
    assert window.app.dialog is None and window.app.controller.analysis.study.line


def test_a_file_that_cannot_be_read_is_refused_in_the_dialog(open_window: OpenWindow, tmp_path: Path) -> None:
    (tmp_path / "game.xqf").write_bytes(b"no record")
    window = open_window(language="zh")
    window.app.controller.change(folder=str(tmp_path))
    window.key(pygame.K_o, CONTROL)
    window.key(pygame.K_RETURN)
    (request,) = asked(window.thinker, Read)
    window.answer(Failed(request.path, request.number, ErrorReport("record_none", "", {"name": "game.xqf"})))
    dialog = window.app.dialog
    assert isinstance(dialog, FileDialog) and dialog.error == "这个文件不是棋谱：game.xqf" and not dialog.busy
    window.key(pygame.K_ESCAPE)
    assert window.app.dialog is None


def test_leaving_the_dialog_opens_nothing(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    window.app.controller.change(folder=str(tmp_path))
    for leave in (lambda: window.key(pygame.K_ESCAPE), lambda: window.click((2, 2))):
        window.key(pygame.K_o, CONTROL)
        leave()
        assert window.app.dialog is None and not asked(window.thinker, Read)
    window.key(pygame.K_o, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, FileDialog)
    window.click(middle(dialog.no.rect))
    assert window.app.dialog is None


def test_a_game_of_many_is_found_by_a_name(open_window: OpenWindow) -> None:
    other = Game(moves=GAME.moves[:2], tags={"Red": "胡荣华", "Black": "杨官璘"})
    window = studied(open_window, GAME, other)
    window.key(pygame.K_g, CONTROL)
    assert isinstance(window.app.dialog, GamesDialog)
    window.type("胡荣华")
    window.key(pygame.K_RETURN)
    assert window.app.controller.analysis.study.tag("Red") == "胡荣华"


def test_variations_are_not_lost_without_asking(open_window: OpenWindow) -> None:
    window = studied(open_window, reply=False)
    window.click("b0")
    window.click("c2")
    window.app.carry_out(OpenRecord("other.pgn"))
    assert isinstance(window.app.dialog, Question) and len(asked(window.thinker, Read)) == 1
    window.key(pygame.K_RETURN)
    assert len(asked(window.thinker, Read)) == 2


@pytest.mark.parametrize("ending", [".pgn", ".xqf", ".ubb"])
def test_a_study_is_saved_in_every_format_with_its_variations(
    open_window: OpenWindow, tmp_path: Path, ending: str
) -> None:
    window = studied(open_window, reply=False)
    window.click("b0")
    window.click("c2")
    window.key(pygame.K_s, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    dialog.field.text = str(tmp_path / "study.pgn")
    dialog.format.focused, dialog.field.focused = True, False
    for _ in range((".pgn", ".xqf", ".ubb").index(ending)):
        window.key(pygame.K_RIGHT)
    window.key(pygame.K_RETURN)
    (game,) = read_games(tmp_path / f"study{ending}")
    assert [str(move) for move in game.moves] == MOVES and game.tags["Red"] == "许银川"
    assert [str(node.move) for node in game.variations[1:]] == ["b0c2"]


def test_a_file_is_not_replaced_without_asking(open_window: OpenWindow, tmp_path: Path) -> None:
    window = studied(open_window)
    target = tmp_path / "game.pgn"
    target.write_text("mine")
    window.key(pygame.K_s, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    dialog.field.text = str(target)
    window.key(pygame.K_RETURN)
    assert isinstance(window.app.dialog, Question)
    window.key(pygame.K_ESCAPE)
    assert target.read_text() == "mine"


def test_a_whole_game_is_copied_and_pasted(open_window: OpenWindow) -> None:
    window = studied(open_window)
    window.key(pygame.K_c, CONTROL | pygame.KMOD_SHIFT)
    text = pygame.scrap.get_text()
    (game,) = parse_pgn(text)
    assert [str(move) for move in game.moves] == MOVES
    window.key(pygame.K_v, CONTROL)
    assert asked(window.thinker, Read)[-1].text == text


def test_the_folder_and_the_files_of_the_last_time_are_remembered(open_window: OpenWindow, tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    for name in ("one.pgn", "two.pgn"):
        write_pgn([GAME], folder / name)
        window = open_window()
        window.app.carry_out(OpenRecord(str(folder / name)))
        window.answer(games_read(asked(window.thinker, Read)[-1], GAME))
    settings, _ = Store(tmp_path, tmp_path).load_settings()
    assert settings.folder == str(folder)
    assert settings.recent[0] == str(folder / "two.pgn")
    window = open_window(recent=(str(folder / "two.pgn"), str(folder / "one.pgn")), folder=settings.folder)
    window.key(pygame.K_o, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, FileDialog) and dialog.folder == folder
    window.click((dialog.places.rect.right - 10, dialog.places.rect.centery))
    assert [item.text for item in dialog.list.items] == ["two.pgn", "one.pgn"]
    dialog.list.focused = True
    window.key(pygame.K_DOWN)
    window.key(pygame.K_RETURN)
    assert asked(window.thinker, Read)[-1].path == str(folder / "one.pgn")


def test_a_game_that_cannot_be_saved_is_said_in_the_dialog(open_window: OpenWindow, tmp_path: Path) -> None:
    window = studied(open_window)
    window.key(pygame.K_s, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    dialog.field.set_text(str(tmp_path / "no folder" / "game.pgn"))
    window.key(pygame.K_RETURN)
    assert window.app.dialog is dialog and dialog.error.startswith("There is no such folder: ")
    target = tmp_path / "game.pgn"
    target.write_text("mine")
    dialog.field.set_text(str(target))
    window.key(pygame.K_RETURN)
    window.key(pygame.K_ESCAPE)
    assert window.app.dialog is dialog, "the name can be changed"
    window.key(pygame.K_RETURN)
    window.key(pygame.K_RETURN)
    assert window.app.dialog is None and target.read_text() != "mine"


def test_a_name_without_an_ending_gets_that_of_the_chosen_format(open_window: OpenWindow, tmp_path: Path) -> None:
    window = studied(open_window)
    window.key(pygame.K_s, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    for ending in (".xqf", ".png", ".pgn"):
        dialog.format.chosen = [Path("x" + other).suffix for other in dialog._endings].index(ending)
        dialog.field.set_text(str(tmp_path / "game.2026"))
        assert dialog.intent() == SaveGame(str(tmp_path / f"game.2026{ending}"), review=False)


def test_faults_are_listed_and_lead_to_their_place(open_window: OpenWindow) -> None:
    window = open_window()
    window.app.carry_out(OpenRecord("two.pgn"))
    fault = RecordFault(2, 3, 17, ErrorReport("record_move", "H2+3 cannot be played"))
    window.answer(games_read(asked(window.thinker, Read)[-1], GAME, GAME, faults=(fault,)))
    assert window.status == "Games read: 2; faults: 1. Ctrl+G lists them"
    window.key(pygame.K_g, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, GamesDialog)
    window.click((dialog.kinds.rect.right - 10, dialog.kinds.rect.centery))
    assert [item.text for item in dialog.list.items] == ["game 2, ply 3, line 17: H2+3 cannot be played"]
    window.key(pygame.K_RETURN)
    assert window.app.controller.analysis.chosen == 1 and window.app.controller.analysis.study.shown == 2


def test_a_file_that_is_being_read_is_said_for_as_long_as_that_takes(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    window.app.carry_out(OpenRecord("/a/large study.xqf"))
    window.wait(60)
    assert window.status == "Reading large study.xqf: 0 games so far"
    window.answer(games_read(asked(window.thinker, Read)[-1], GAME))
    assert "Reading" not in window.status
