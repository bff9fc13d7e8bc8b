"""Records in the window as a person opens, saves, copies and pastes them."""

from __future__ import annotations

from pathlib import Path

import pygame
import pytest
from gui_helpers import asked
from study_window import CONTROL, GAME, MOVES, OpenWindow, middle, studied
from xiangqi_gpt.gui.dialogs.dialogs import Question
from xiangqi_gpt.gui.dialogs.file_dialog import OpenDialog, SaveDialog
from xiangqi_gpt.gui.dialogs.games_dialog import GamesDialog
from xiangqi_gpt.gui.state.intents import OpenRecord
from xiangqi_gpt.gui.worker.messages import Read

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
    window.app._folder = tmp_path
    window.key(pygame.K_o, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, OpenDialog)
    window.key(pygame.K_RETURN)
    assert dialog.folder == tmp_path / "folder" and window.app.dialog is dialog
    assert [item.text for item in dialog.list.items] == ["..", "game.pgn"], "only records are shown"
    window.key(pygame.K_RETURN)
    assert window.app.dialog is None
    assert asked(window.thinker, Read)[0].path == str(tmp_path / "folder" / "game.pgn")


def test_leaving_the_dialog_opens_nothing(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    window.app._folder = tmp_path
    for leave in (lambda: window.key(pygame.K_ESCAPE), lambda: window.click((2, 2))):
        window.key(pygame.K_o, CONTROL)
        leave()
        assert window.app.dialog is None and not asked(window.thinker, Read)
    window.key(pygame.K_o, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, OpenDialog)
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
    assert [str(move) for line in game.variations[0] for move in line.moves] == ["b0c2"]


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
