"""The panels draw what helps: what a button does, whole lines of a list, captured pieces one can tell apart."""

from __future__ import annotations

from collections.abc import Callable

import pygame
import pytest
from gui_helpers import Window, asked, decided
from study_window import middle, studied
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import SwitchMode
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.state.theme import DARK
from xiangqi_gpt.gui.views import board_art
from xiangqi_gpt.gui.views.captured_view import draw_captured
from xiangqi_gpt.gui.views.pieces import PieceArt
from xiangqi_gpt.gui.views.tooltip import DELAY
from xiangqi_gpt.gui.widgets.canvas import Canvas
from xiangqi_gpt.gui.widgets.fonts import Fonts
from xiangqi_gpt.gui.worker.messages import Think

from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import Board

OpenWindow = Callable[..., Window]


@pytest.mark.parametrize("mode", [Mode.PLAY, Mode.ANALYSE, Mode.SETUP])
def test_a_button_under_the_pointer_is_explained(open_window: OpenWindow, drawn_words: list[str], mode: Mode) -> None:
    window = open_window()
    window.app.carry_out(SwitchMode(mode))
    window.app.step()
    screen = window.app.screen
    panel = {Mode.PLAY: screen.panel, Mode.ANALYSE: screen.analyse_panel, Mode.SETUP: screen.setup_panel}[mode]
    drawn_words.clear()
    window.move_to(middle(panel.controls.buttons[Command.FLIP].rect))
    window.wait(DELAY + 0.01)
    assert "Flip the board  (F)" in drawn_words


def test_the_list_of_a_game_shows_whole_lines_wherever_it_is_scrolled_to(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, moves = Board(), []
    for _ in range(120):
        moves.append(next(iter(board.legal_moves)))
        board.push(moves[-1])
    window = studied(open_window, Game(moves=moves, comments={4: "said here", 9: "and here"}), size=(800, 600))
    scroll = window.app.screen.analyse_panel.moves._scroll
    view = scroll.view
    monkeypatch.setattr(pygame.mouse, "get_pos", lambda: view.center)
    drawn: list[pygame.Rect] = []
    write = Canvas.text
    monkeypatch.setattr(
        Canvas, "text", lambda self, text, rect, *a, **k: (drawn.append(rect), write(self, text, rect, *a, **k))[1]
    )
    for _ in range(12):
        drawn.clear()
        before = scroll.offset
        window.event(pygame.MOUSEWHEEL, y=-0.3, x=0)
        assert scroll.offset > before
        lines = [rect for rect in drawn if view.collidepoint(rect.center)]
        assert len(lines) > 4
        assert all(view.top <= rect.top and rect.bottom <= view.bottom for rect in lines)


@pytest.mark.parametrize(("width", "numbers"), [(340, []), (170, ["2", "2", "5"])])
def test_captured_pieces_that_would_hide_each_other_stand_once_with_their_number(
    monkeypatch: pytest.MonkeyPatch, width: int, numbers: list[str]
) -> None:
    pygame.display.init()
    fonts, said = Fonts(), []
    surface = pygame.Surface((width, 30), pygame.SRCALPHA)
    canvas = Canvas(surface, DARK, fonts, Texts("en"), 1.0)
    monkeypatch.setattr(canvas, "text", lambda text, *a, **k: said.append(text))
    draw_captured(canvas, surface.get_rect(), [5, 5, 4, 4, 6, *[7] * 5, 3], PieceArt(fonts), "traditional")
    assert said == numbers
    assert surface.get_bounding_rect().width > 0.6 * width


@pytest.mark.parametrize(
    ("notation", "flipped", "rows"),
    [
        ("chinese", False, ("123456789", "九八七六五四三二一")),
        ("chinese", True, ("一二三四五六七八九", "987654321")),
        ("wxf", False, ("123456789", "987654321")),
        ("wxf", True, ("123456789", "987654321")),
    ],
)
def test_the_files_are_marked_as_the_notation_counts_them(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, notation: str, flipped: bool, rows: tuple[str, str]
) -> None:
    carved: list[str] = []
    original = board_art._carved_text
    monkeypatch.setattr(
        board_art, "_carved_text", lambda *a: (carved.append(a[2]), original(*a))[1]
    )  # the third is the text
    open_window(notation=notation, flipped=flipped)
    numerals = "".join(text for text in carved if text not in "楚河漢界汉")
    assert numerals[: len(rows[0])] == rows[0] and numerals.endswith(rows[1])


def test_the_first_opinion_moves_nothing_in_the_record(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    buttons = window.app.screen.panel.controls.buttons
    before = buttons[Command.NOTATION].rect.copy()
    window.click("h2")
    window.click("e2")
    (request,) = asked(window.thinker, Think)
    window.answer(decided(request, "h9g7", wdl=(0.5, 0.3, 0.2)))
    assert window.session.evaluation_at(1) is not None and buttons[Command.NOTATION].rect == before
