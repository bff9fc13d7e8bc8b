"""What people expect of any window: held keys, text fields, tooltips, the wheel."""

from __future__ import annotations

from collections.abc import Callable

import pygame
import pytest
from gui_helpers import Window, decided
from xiangqi_gpt.gui.control.availability import is_available
from xiangqi_gpt.gui.dialogs.dialogs import TextDialog
from xiangqi_gpt.gui.dialogs.menu_dialog import ELSEWHERE, MenuDialog
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import PlayText, StartGame, SwitchMode
from xiangqi_gpt.gui.state.languages import LANGUAGES
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.views.tooltip import DELAY
from xiangqi_gpt.gui.widgets.text_field import TextField

OpenWindow = Callable[..., Window]
MOVES = ("h2e2", "h9g7", "h0g2", "i9h9")


@pytest.fixture
def played(open_window: OpenWindow) -> Window:
    """Two people after four moves."""
    window = open_window()
    for text in MOVES:
        window.app.carry_out(PlayText(text))
    return window


def hint_button(window: Window) -> tuple[int, int]:
    return window.app.screen.panel.controls.buttons[Command.HINT].rect.center


# --- held keys


def test_a_held_arrow_walks_through_the_game(played: Window) -> None:
    played.key(pygame.K_TAB)
    assert played.app.controller.mode is Mode.ANALYSE
    study = played.app.controller.analysis.study
    played.hold(pygame.K_LEFT, 3)
    assert study.shown == 1
    played.hold(pygame.K_RIGHT, 2)
    assert study.shown == 3


def test_a_held_letter_acts_once(played: Window) -> None:
    played.hold(pygame.K_u, 4)
    assert played.session.ply_count == 3
    played.key(pygame.K_u)
    assert played.session.ply_count == 2


def test_a_held_backspace_deletes_on(played: Window) -> None:
    played.key(pygame.K_m)
    played.type("h2e2 and more")
    played.hold(pygame.K_BACKSPACE, 9)
    assert isinstance(played.app.dialog, TextDialog) and played.app.dialog.field.text == "h2e2"


def test_keys_repeat_in_the_window(open_window: OpenWindow) -> None:
    open_window()
    delay, interval = pygame.key.get_repeat()
    assert 0 < interval < delay


# --- the wheel and tooltips


@pytest.mark.parametrize("analyse", [False, True])
def test_the_wheel_over_the_board_walks_through_the_game(
    played: Window, monkeypatch: pytest.MonkeyPatch, analyse: bool
) -> None:
    if analyse:
        played.key(pygame.K_TAB)
    monkeypatch.setattr(pygame.mouse, "get_pos", lambda: played.at("e4"))
    played.event(pygame.MOUSEWHEEL, y=1, x=0)
    played.event(pygame.MOUSEWHEEL, y=1, x=0)
    assert played.app.controller.shown.shown == 2
    played.event(pygame.MOUSEWHEEL, y=-1, x=0)
    assert played.app.controller.shown.shown == 3
    for _ in range(3):
        played.event(pygame.MOUSEWHEEL, y=0.4, x=0)
    assert played.app.controller.shown.shown == 2, "a touchpad turns in parts of a step"
    played.event(pygame.MOUSEWHEEL, y=40, x=0)
    assert played.app.controller.shown.shown == 0


def test_a_button_is_explained_at_the_pointer_and_the_status_line_is_left_alone(played: Window) -> None:
    tooltip, before = played.app.screen.tooltip, played.status
    played.move_to(hint_button(played))
    assert tooltip.text == "" and played.app.screen.tooltip.wake_at() is not None
    played.wait(DELAY + 0.01)
    assert tooltip.text == "Suggest a move  (H)" and played.status == before
    played.move_to(played.at("e4"))
    assert tooltip.text == ""


def test_a_hint_is_seen_though_the_pointer_stays_on_its_button(open_window: OpenWindow, drawn_words: list[str]) -> None:
    window = open_window()
    window.click(hint_button(window))
    window.wait(1.0)
    drawn_words.clear()
    window.answer(decided(window.thinker.asked[-1], "h2e2", policy={}))
    assert any("cannon h2 to e2" in words for words in drawn_words)
    assert window.app.screen.tooltip.text == "", "after the click its help stays away"


# --- text fields


@pytest.fixture
def clipboard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is on the clipboard, the latest last."""
    kept = [""]
    monkeypatch.setattr(pygame.scrap, "put_text", kept.append)
    monkeypatch.setattr(pygame.scrap, "get_text", lambda: kept[-1])
    return kept


@pytest.fixture
def field(played: Window) -> tuple[Window, TextField]:
    """The field for a typed move."""
    played.key(pygame.K_m)
    assert isinstance(played.app.dialog, TextDialog)
    return played, played.app.dialog.field


def test_prefilled_text_is_selected_and_typing_replaces_it(open_window: OpenWindow) -> None:
    window = open_window(model="old/folder")
    window.app._window_command(Command.CHOOSE_MODEL, 0.0)
    assert isinstance(window.app.dialog, TextDialog)
    window.type("new")
    assert window.app.dialog.field.text == "new"


def test_selecting_and_moving_by_words(field: tuple[Window, TextField]) -> None:
    window, line = field
    window.type("one two three")
    window.key(pygame.K_LEFT, pygame.KMOD_CTRL)
    window.key(pygame.K_LEFT, pygame.KMOD_CTRL | pygame.KMOD_SHIFT)
    assert line.text[slice(*line.selection)] == "two "
    window.type("2 ")
    assert line.text == "one 2 three"
    window.key(pygame.K_BACKSPACE, pygame.KMOD_CTRL)
    assert line.text == "one three"
    window.key(pygame.K_HOME, pygame.KMOD_SHIFT)
    window.key(pygame.K_DELETE)
    assert line.text == "three"
    window.key(pygame.K_z, pygame.KMOD_CTRL)
    window.key(pygame.K_z, pygame.KMOD_CTRL)
    assert line.text == "one 2 three"
    window.key(pygame.K_y, pygame.KMOD_CTRL)
    assert line.text == "one three"


def test_the_clipboard_of_a_text_field(field: tuple[Window, TextField], clipboard: list[str]) -> None:
    window, line = field
    window.type("h2e2")
    window.key(pygame.K_a, pygame.KMOD_CTRL)
    window.key(pygame.K_x, pygame.KMOD_CTRL)
    assert (line.text, clipboard[-1]) == ("", "h2e2")
    window.key(pygame.K_v, pygame.KMOD_CTRL)
    window.key(pygame.K_v, pygame.KMOD_CTRL)
    assert line.text == "h2e2h2e2"
    window.key(pygame.K_LEFT, pygame.KMOD_SHIFT)
    window.key(pygame.K_c, pygame.KMOD_CTRL)
    assert clipboard[-1] == "2"


def test_a_double_click_selects_a_word_and_a_drag_what_it_covers(field: tuple[Window, TextField]) -> None:
    window, line = field
    window.type("one two three")
    inside = (line._edges[5], line.rect.centery)
    window.click(inside)
    window.click(inside)
    assert line.text[slice(*line.selection)] == "two"
    window.press((line._edges[0], line.rect.centery))
    window.move_to((line._edges[3], line.rect.centery))
    window.release((line._edges[3], line.rect.centery))
    assert line.text[slice(*line.selection)] == "one"


def test_an_input_method_writes_into_the_selection(field: tuple[Window, TextField]) -> None:
    window, line = field
    window.type("old")
    window.key(pygame.K_a, pygame.KMOD_CTRL)
    window.event(pygame.TEXTEDITING, text="pao", start=0, length=3)
    window.key(pygame.K_BACKSPACE)
    assert line.text == "old" and line.composing == "pao", "the input method has the keys meanwhile"
    window.type("炮二平五")
    assert line.text == "炮二平五" and not line.composing


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", list(Mode))
def test_whatever_has_only_a_key_is_in_the_menu(
    open_window: OpenWindow, cut_words: list[str], mode: Mode, language: str
) -> None:
    window = open_window((HUMAN, "gpt"), language=language, size=(800, 600))
    window.app.carry_out(SwitchMode(mode))
    window.app.draw()
    header = window.app.screen.header.controls
    window.click(header.buttons[Command.MENU].rect.center)
    dialog = window.app.dialog
    assert isinstance(dialog, MenuDialog)
    window.app.draw()
    by_key = {command for command in Command if command.keys_in(mode)}
    assert set(dialog.rows) <= by_key - window.app.screen.buttons(mode) - ELSEWHERE
    assert next(iter(dialog.rows)) is Command.FULLSCREEN and (mode is Mode.PLAY or Command.NEW_GAME in dialog.rows)
    assert window.surface.get_rect().contains(dialog.rect) and cut_words == []


@pytest.mark.parametrize("mode", list(Mode))
def test_the_menu_offers_what_does_something_and_nothing_else(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    happened: list[str] = []
    monkeypatch.setattr(pygame.scrap, "put_text", happened.append)
    window = open_window((HUMAN, "gpt"))
    monkeypatch.setattr(window.app.screen, "toggle_fullscreen", lambda: happened.append("full screen"))
    window.app.carry_out(SwitchMode(mode))
    window.app.draw()
    others = {command for command in Command if command.keys_in(mode)} - window.app.screen.buttons(mode) - ELSEWHERE
    window.key(pygame.K_F10)
    dialog = window.app.dialog
    assert isinstance(dialog, MenuDialog)
    offered = set(dialog.rows)
    window.key(pygame.K_ESCAPE)

    def changes(command: Command) -> bool:
        def look() -> object:
            made = window.app.controller
            state = made.settings, made.mode, made.setup.editor.fen(), id(made.session), made.session.paused
            return state, window.app.is_running, window.status, *happened

        before = look()
        window.app.carry_out(command)
        found = window.app.dialog is not None or look() != before
        window.app._dialogs.close_all()
        window.wait(60)
        return found

    quiet = {command for command in offered - {Command.FOLD} if not changes(command)}
    assert not quiet, "in the menu, and without effect"
    assert not {command for command in others - offered if changes(command)}, (
        "not in the menu, though it does something"
    )


def test_a_rated_game_takes_its_help_out_of_the_menu(open_window: OpenWindow) -> None:
    window = open_window()
    window.app.carry_out(StartGame((HUMAN, "gpt,level=7"), rated=True))
    made, said = window.app.controller, window.status
    assert not is_available(Command.HINT, made) and not is_available(Command.SETUP, made)
    assert is_available(Command.COPY_GAME, made) and window.status == said, "asking says nothing"


def test_no_button_stays_lit_below_a_dialog(open_window: OpenWindow) -> None:
    window = open_window()
    controls = window.app.screen.panel.controls
    window.click(controls.buttons[Command.NEW_GAME].rect.center)
    assert window.app.dialog is not None and controls.hovered is None
    window.key(pygame.K_ESCAPE)
    window.move_to(controls.buttons[Command.NEW_GAME].rect.center)
    assert controls.hovered is Command.NEW_GAME
    window.event(pygame.WINDOWLEAVE)
    assert controls.hovered is None


def test_a_line_of_the_menu_does_what_it_says(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(pygame.scrap, "put_text", copied.append)
    window = open_window()
    window.click("h2")
    window.click("e2")
    window.key(pygame.K_F10)
    dialog = window.app.dialog
    assert isinstance(dialog, MenuDialog)
    window.click(dialog.rows[Command.COPY_GAME].rect.center)
    assert window.app.dialog is None and "h2e2" in copied[0].lower().replace("-", "")
    done: list[bool] = []
    monkeypatch.setattr(window.app.screen, "toggle_fullscreen", lambda: done.append(True))
    window.key(pygame.K_F10)
    window.key(pygame.K_RETURN)
    assert done == [True] and window.app.dialog is None, "the first line has the focus"
    window.key(pygame.K_F10)
    window.key(pygame.K_DOWN)
    dialog = window.app.dialog
    assert isinstance(dialog, MenuDialog) and [row.focused for row in dialog.rows.values()][:2] == [False, True]
    window.key(pygame.K_ESCAPE)
    assert window.app.dialog is None
