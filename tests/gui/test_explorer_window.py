"""The explorer in the window: how known games went on, by clicks and keys, from what ships or from an own index."""

from __future__ import annotations

from pathlib import Path

import pygame
import pytest
from gui_helpers import Window, asked
from study_window import CONTROL, GAME, OpenWindow, answer_all, middle, picture, studied
from xiangqi_gpt.gui.dialogs.folder_dialog import FolderDialog
from xiangqi_gpt.gui.dialogs.games_dialog import GamesDialog
from xiangqi_gpt.gui.state.intents import ChooseView, ShowPly
from xiangqi_gpt.gui.state.mode import View
from xiangqi_gpt.gui.state.move_notes import Insight, NextMove
from xiangqi_gpt.gui.worker.messages import Look

from xiangqi_gpt.records import Game
from xiangqi_gpt.records.openings.position_index_writer import build_index
from xiangqi_gpt.rules import Move

SIZES = [(800, 600), (1180, 760), (1920, 1080)]
NEXT = (("h2e2", (5210, 4100, 2890, 0)), ("c3c4", (812, 700, 655, 3)), ("g0e2", (9, 12, 8, 0)), ("a0a1", (0, 0, 0, 2)))


def explored(open_window: OpenWindow, **values: object) -> Window:
    """A window on the start of a game, with four moves known."""
    window = studied(open_window, notation="iccs", **values)
    window.app.controller.analysis.study.forget_insights()
    window.app.carry_out(ShowPly(0))
    moves = tuple(NextMove(Move.from_iccs(move), results) for move, results in NEXT)
    answer_all(window, Insight("", (6031, 4812, 3553, 5), next_moves=moves))
    window.app.carry_out(ChooseView(View.EXPLORER))
    window.app.draw()
    return window


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_moves_games_results_and_the_models_word_are_told(
    open_window: OpenWindow, drawn_words: list[str], cut_words: list[str], size: tuple[int, int], language: str
) -> None:
    window = explored(open_window, size=size, language=language)
    drawn_words.clear()
    cut_words.clear()
    window.app.draw()
    assert "12,200" in drawn_words and "2,170" in drawn_words and "c3c4" in drawn_words
    assert any("14,401" in words for words in drawn_words)
    assert "50%" in drawn_words, "the policy of a0a1"
    assert "43%" in drawn_words or any(words.endswith(" 43%") for words in drawn_words)
    assert not cut_words


def test_a_click_plays_the_move(open_window: OpenWindow) -> None:
    window = explored(open_window)
    study = window.app.controller.analysis.study
    place = window.app.screen.analyse_panel.explorer.place_of(1)
    assert place is not None
    window.click(middle(place))
    assert str(study.current.move) == "c3c4" and not study.current.is_mainline()
    assert [str(move) for move in asked(window.thinker, Look)[-1].position.moves] == ["c3c4"]


def test_the_pointer_marks_the_move_it_is_on(open_window: OpenWindow) -> None:
    window = explored(open_window)
    before, place = picture(window), window.app.screen.analyse_panel.explorer.place_of(0)
    assert place is not None
    window.move_to(middle(place))
    assert picture(window) != before


def test_an_index_of_ones_own_is_counted_once_it_can_be_read(open_window: OpenWindow, tmp_path: Path) -> None:
    window = explored(open_window)
    source = window.app.screen.analyse_panel.explorer.source
    window.click(source.rect.center)
    assert isinstance(window.app.dialog, FolderDialog)
    window.type(str(tmp_path / "nothing"))
    window.key(pygame.K_RETURN)
    assert window.app.controller.settings.index == "", "what cannot be read is not kept"
    assert isinstance(window.app.dialog, FolderDialog) and window.app.dialog.error
    build_index([Game(moves=[Move.from_iccs("h2e2"), Move.from_iccs("h9g7")], result="1-0")], tmp_path / "index")
    window.key(pygame.K_a, CONTROL)
    window.type(str(tmp_path / "index"))
    window.key(pygame.K_RETURN)
    assert window.app.controller.settings.index == str(tmp_path / "index")
    assert window.app.dialog is None
    assert asked(window.thinker, Look)[-1].index == str(tmp_path / "index")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_games_of_the_file_that_came_here_are_listed(
    open_window: OpenWindow, cut_words: list[str], language: str
) -> None:
    """In the second game the same position stands mirrored; the third never comes to it."""
    other, mirrored = (
        Game(moves=[Move.from_iccs(move) for move in moves.split()], tags={"Red": name})
        for moves, name in (("c3c4", "other"), ("b2e2 b9c7 b0c2 a9b9", "mirrored"))
    )
    window = studied(open_window, GAME, mirrored, other, size=(800, 600), language=language)
    window.key(pygame.K_ESCAPE)  # the list that a file of several games opens
    window.app.carry_out(ShowPly(2))
    answer_all(window)
    window.app.carry_out(ChooseView(View.EXPLORER))
    cut_words.clear()
    window.app.draw()
    assert not cut_words
    window.click(middle(window.app.screen.analyse_panel.explorer.here.rect))
    dialog = window.app.dialog
    assert isinstance(dialog, GamesDialog)
    assert [item.text[:2] for item in dialog.list.items] == ["1.", "2."]
    window.key(pygame.K_DOWN)
    window.key(pygame.K_RETURN)
    assert window.app.controller.analysis.study.tag("Red") == "mirrored"
