"""Set-up mode as a person uses it: clicks, drags and keys."""

from __future__ import annotations

import pygame
from gui_helpers import Window
from study_window import CONTROL, OpenWindow, button, middle
from xiangqi_gpt.gui.dialogs.dialogs import Question
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import SwitchMode
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import HUMAN

from xiangqi_gpt.rules.pieces import EMPTY, ROOK


def setting_up(open_window: OpenWindow, **values: object) -> Window:
    window = open_window((HUMAN, "greedy"), **values)
    window.app.carry_out(SwitchMode(Mode.SETUP))
    return window


def piece(window: Window, name: str) -> int:
    return window.app.controller.setup.editor.squares["abcdefghi".index(name[0]) + 9 * int(name[1])]


def test_pieces_are_put_by_click_and_by_drag_and_taken_away(open_window: OpenWindow) -> None:
    window = setting_up(open_window)
    window.click(button(window, Command.CLEAR_BOARD))
    tray = middle(window.app.screen.setup_panel.tray[ROOK])
    window.click(tray)
    window.click("a4")
    window.click("b4")
    assert piece(window, "a4") == piece(window, "b4") == ROOK
    window.key(pygame.K_ESCAPE)
    window.drag("a4", "a6")
    assert (piece(window, "a4"), piece(window, "a6")) == (EMPTY, ROOK)
    window.press(tray)
    window.move_to(window.at("i9"))
    window.release(window.at("i9"))
    assert piece(window, "i9") == ROOK
    window.press(window.at("i9"), button=3)
    assert piece(window, "i9") == EMPTY
    window.press(window.at("a6"))
    window.move_to((window.surface.get_width() - 5, 5))
    window.release((window.surface.get_width() - 5, 5))
    assert piece(window, "a6") == EMPTY, "dragged off the board"


def test_a_position_is_set_up_with_the_keyboard_alone(open_window: OpenWindow) -> None:
    window = setting_up(open_window)
    window.key(pygame.K_d, CONTROL)
    window.key(pygame.K_UP)
    window.key(pygame.K_UP)
    window.key(pygame.K_r, text="R")
    assert piece(window, "e1") == ROOK
    window.key(pygame.K_DELETE)
    assert piece(window, "e1") == EMPTY


def test_what_is_wrong_is_said_and_play_waits_for_it(open_window: OpenWindow) -> None:
    window = setting_up(open_window)
    window.key(pygame.K_d, CONTROL)
    assert window.status == "This position is legal"
    window.drag("d9", "e9")
    assert window.status == "The kings face each other"
    assert not window.app.screen.setup_panel.play.enabled
    window.drag("e0", "d0")
    for code in (pygame.K_UP, pygame.K_UP, pygame.K_LEFT):
        window.key(code)
    window.key(pygame.K_r, text="R")
    assert window.status == "This position is legal"
    window.click(middle(window.app.screen.setup_panel.play.rect))
    assert window.app.controller.mode is Mode.PLAY and "R" in window.session.start_fen


def test_the_game_being_played_is_not_given_up_without_asking(open_window: OpenWindow) -> None:
    window = open_window()
    for square in ("h2", "e2", "h9", "g7"):
        window.click(square)
    window.key(pygame.K_e)
    window.key(pygame.K_p)
    assert isinstance(window.app.dialog, Question)
    window.key(pygame.K_ESCAPE)
    assert window.session.ply_count == 2
    window.key(pygame.K_p)
    window.key(pygame.K_RETURN)
    assert window.session.ply_count == 0 and window.app.controller.mode is Mode.PLAY


def test_changes_of_the_position_can_be_taken_back_one_by_one(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"), "3k5/9/9/9/9/9/9/9/9/4K4 w - - 0 1")
    window.app.carry_out(SwitchMode(Mode.SETUP))
    window.app.draw()
    assert not window.app.controller.setup.editor.can_undo
    window.key(pygame.K_n, CONTROL)
    window.press(window.at("a0"), button=3)
    window.key(pygame.K_d, CONTROL)
    window.key(pygame.K_n, CONTROL)
    assert piece(window, "a0") == ROOK
    window.key(pygame.K_z, CONTROL)
    assert piece(window, "a0") == piece(window, "b0") == EMPTY, "cleared"
    window.click(button(window, Command.UNDO_CHANGE))
    assert piece(window, "a0") == EMPTY != piece(window, "b0"), "the rook is taken away"
    window.key(pygame.K_z, CONTROL)
    assert piece(window, "a0") == ROOK
    window.key(pygame.K_z, CONTROL)
    window.key(pygame.K_z, CONTROL)
    assert not window.app.controller.setup.editor.can_undo
