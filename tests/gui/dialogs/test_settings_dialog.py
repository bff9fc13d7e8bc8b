"""The settings panel: every choice holds at once, and the board follows it."""

from __future__ import annotations

from collections.abc import Callable

import pygame
import pytest
from gui_helpers import Window
from xiangqi_gpt.gui.dialogs.settings_dialog import SettingsDialog
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import ChangeSetting
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.widgets.layout import Layout

from xiangqi_gpt.rules import Board, Move

OpenWindow = Callable[..., Window]


def opened(window: Window) -> SettingsDialog:
    window.click(window.app.screen.header.controls.buttons[Command.SETTINGS].rect.center)
    dialog = window.app.dialog
    assert isinstance(dialog, SettingsDialog)
    return dialog


def choose(window: Window, name: str, index: int) -> None:
    dialog = window.app.dialog
    assert isinstance(dialog, SettingsDialog)
    window.click(dialog.rows[name]._cells()[index].center)


def test_every_choice_holds_at_once(open_window: OpenWindow) -> None:
    window = open_window(animation=True)
    opened(window)
    for name, index, value in (
        ("theme", 1, "light"),
        ("faces", 2, "western"),
        ("sound", 1, False),
        ("animation", 1, False),
        ("notation", 1, "wxf"),
    ):
        choose(window, name, index)
        assert getattr(window.app.controller.settings, name) == value
        assert window.app.dialog is not None


def test_the_dialog_speaks_the_language_it_chooses_and_takes_its_notation_along(open_window: OpenWindow) -> None:
    window = open_window(notation="wxf")
    dialog = opened(window)
    choose(window, "language", 0)
    assert window.app.controller.settings.language == "zh" and dialog.title == "设置"
    assert window.app.controller.settings.notation == "chinese" and dialog.rows["notation"].chosen == 0
    window.key(pygame.K_ESCAPE)
    assert window.app.dialog is None


def test_the_keyboard_alone_can_change_everything(open_window: OpenWindow) -> None:
    window = open_window()
    window.key(pygame.K_COMMA, pygame.KMOD_CTRL)
    window.key(pygame.K_DOWN)
    window.key(pygame.K_RIGHT)
    assert window.app.controller.settings.theme == "light"
    window.key(pygame.K_DOWN)
    window.key(pygame.K_RIGHT)
    assert window.app.controller.settings.faces == "simplified"
    window.key(pygame.K_RETURN)
    assert window.app.dialog is None


def board_edge(window: Window) -> bytes:
    rect = window.geometry.rect
    side = pygame.Rect(rect.x, window.geometry.grid.y, window.geometry.cell // 4, window.geometry.grid.height)
    return pygame.image.tobytes(window.surface.subsurface(side), "RGB")


def test_coordinates_stand_at_the_edge_where_moves_are_written_in_them(open_window: OpenWindow) -> None:
    window = open_window(notation="wxf")
    plain = board_edge(window)
    window.key(pygame.K_i, pygame.KMOD_CTRL | pygame.KMOD_SHIFT)
    assert window.app.controller.settings.notation == "iccs"
    lettered = board_edge(window)
    assert lettered != plain
    window.key(pygame.K_f)
    assert board_edge(window) not in (plain, lettered), "the numbers turn with the board"


def test_the_river_is_written_in_the_script_of_the_pieces(open_window: OpenWindow) -> None:
    window = open_window(faces="traditional")
    grid, cell = window.geometry.grid, window.geometry.cell
    word = pygame.Rect(grid.x + 5 * cell, grid.y + 4 * cell + 4, round(0.6 * cell), cell - 8)
    before = pygame.image.tobytes(window.surface.subsurface(word), "RGB")
    window.key(pygame.K_f, pygame.KMOD_CTRL | pygame.KMOD_SHIFT)
    assert window.app.controller.settings.faces == "simplified"
    assert pygame.image.tobytes(window.surface.subsurface(word), "RGB") != before


def test_hints_are_worded() -> None:
    board = Board()
    cannon = Move.from_iccs("h2h9")
    assert Texts("en").moved(board, cannon, "iccs") == "cannon h2 takes horse h9"
    assert Texts("en").moved(board, cannon, "wxf") == "C2+7 (cannon takes horse)"
    assert Texts("zh").moved(board, cannon, "chinese") == "炮二进七"
    assert Texts("zh").moved(board, cannon, "iccs") == "炮 h2 吃 h9 的马"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "size", [(800, 600), *(pytest.param(size, marks=pytest.mark.slow) for size in ((1180, 860), (2360, 1720)))]
)
def test_no_words_are_cut_off(
    open_window: OpenWindow, cut_words: list[str], language: str, size: tuple[int, int]
) -> None:
    window = open_window(size=size, language=language)
    dialog = opened(window)
    assert window.surface.get_rect().contains(dialog.rect)
    for name, row in dialog.rows.items():
        for index in range(len(row.options)):
            if name != "language":
                choose(window, name, index)
    assert cut_words == []


def test_marks_bar_and_letters_can_be_changed_and_sounds_made_softer(
    open_window: OpenWindow, drawn_words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window((HUMAN, "gpt"))
    corner = pygame.Rect(window.geometry.rect.x, window.geometry.rect.bottom - 30, window.geometry.rect.width, 30)

    def edge() -> bytes:
        window.app.draw()
        return pygame.image.tobytes(window.surface.subsurface(corner), "RGB")

    marked = edge()
    window.app.carry_out(ChangeSetting("labels", False))
    assert edge() != marked
    scene = window.app.controller.scene(window.app.screen.texts, 0.0)
    assert scene.has_bar
    window.app.carry_out(ChangeSetting("bar", False))
    assert not window.app.controller.scene(window.app.screen.texts, 0.0).has_bar
    played: list[float] = []
    monkeypatch.setattr(window.app._sounds, "play", lambda name, volume: played.append(volume))
    window.app.carry_out(ChangeSetting("volume", "soft"))
    window.click("h2")
    window.click("e2")
    assert played == [0.25]


@pytest.mark.parametrize("size", [(800, 600), (1180, 860), (1920, 1080)])
def test_a_larger_interface_fits_the_window(open_window: OpenWindow, size: tuple[int, int]) -> None:
    window = open_window(size=size)
    before = window.app.screen._layout
    window.app.carry_out(ChangeSetting("interface", "large"))
    window.app.draw()
    after = window.app.screen._layout
    assert before is not None and after is not None and after.scale >= before.scale
    assert after.scale > 1.1 * before.scale or size == (800, 600)
    for code, mod in ((pygame.K_n, 0), (pygame.K_COMMA, pygame.KMOD_CTRL), (pygame.K_F1, 0)):
        window.key(code, mod)
        assert window.app.dialog is not None and window.surface.get_rect().contains(window.app.dialog.rect)
        window.key(pygame.K_ESCAPE)


@pytest.mark.parametrize("size", [(1080, 1920), (900, 1600), (800, 1100)])
def test_in_a_high_window_the_panel_lies_below_a_larger_board(open_window: OpenWindow, size: tuple[int, int]) -> None:
    window = open_window(size=size)
    layout = window.app.screen._layout
    assert layout is not None and layout.panel.top >= layout.board.rect.bottom
    assert layout.board.cell > Layout._beside(size, 1.0).board.cell
    assert window.surface.get_rect().contains(layout.panel)
    dead = size[1] - layout.board.rect.height - layout.panel.height
    assert dead < 0.15 * size[1], "hardly any of the height is empty"
    window.click("h2")
    window.click("e2")
    assert window.session.ply_count == 1
