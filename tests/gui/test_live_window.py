"""Live analysis in the window: lines that can be pointed at and clicked, and the questions behind them."""

from __future__ import annotations

import os
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window, asked
from study_window import OpenWindow, middle, picture, studied
from xiangqi_gpt.gui.dialogs.analyst_dialog import AnalystDialog, installed_engines
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.intents import ChangeSetting, ChooseView, SetAnalyst, ShowPly
from xiangqi_gpt.gui.state.mode import View
from xiangqi_gpt.gui.state.move_notes import LiveNote
from xiangqi_gpt.gui.worker.messages import Annotate, Failed, Watch, Watched

from xiangqi_gpt.rules import Move

SIZES = [(800, 600), (1180, 760), (1920, 1080)]
LINES = (("b2e2", "h9g7", "h0g2"), ("b0c2", "i9h9"), ("c3c4", "c6c5"))
SCORES = ("+0.45", "+0.31", "-0.02")


def note(nodes: int = 12_345) -> LiveNote:
    lines = tuple((tuple(map(Move.from_iccs, line)), score) for line, score in zip(LINES, SCORES, strict=True))
    return LiveNote(lines, nodes, 9, 4_321.0)


def watching(open_window: OpenWindow, **values: object) -> Window:
    """A window that analyses the start position, with three lines known."""
    window = studied(open_window, notation="iccs", **values)
    window.app.carry_out(ChooseView(View.IDEAS))
    window.app.draw()
    choice = window.app.screen.analyse_panel.live.choice
    window.click(choice._cells()[3].center)
    assert window.app.controller.settings.lines == 3
    window.answer(Watched(asked(window.thinker, Watch)[-1].number, note(), False))
    window.app.draw()
    return window


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_scores_depth_and_speed_are_told(
    open_window: OpenWindow, drawn_words: list[str], cut_words: list[str], size: tuple[int, int], language: str
) -> None:
    window = watching(open_window, size=size, language=language)
    drawn_words.clear()
    window.app.draw()
    told = " ".join(drawn_words)
    assert "+0.45" in drawn_words and any(words.startswith("b2e2") for words in drawn_words)
    assert "12,345" in told and "4,321" in told and "9" in told
    assert not cut_words


def test_a_click_adds_the_line_and_the_next_position_is_asked_about(open_window: OpenWindow) -> None:
    window = watching(open_window)
    study, first = window.app.controller.analysis.study, asked(window.thinker, Watch)[-1]
    place = window.app.screen.analyse_panel.live.place_of(0)
    assert place is not None
    window.click(middle(place))
    assert str(study.current.move) == "b2e2" and not study.current.is_mainline()
    window.key(pygame.K_RIGHT)
    assert str(study.current.move) == "h9g7"
    assert first.number in window.thinker.cancelled
    request = asked(window.thinker, Watch)[-1]
    assert [str(move) for move in request.position.moves] == ["b2e2", "h9g7"] and request.lines == 3


def test_pointing_at_a_line_shows_where_it_leads(open_window: OpenWindow) -> None:
    window = watching(open_window, size=(1920, 1080))
    live = window.app.screen.analyse_panel.live
    before = picture(window)
    place = live.place_of(1)
    assert place is not None
    window.move_to(middle(place))
    pointed = picture(window)
    window.move_to((5, 5))
    assert pointed != before and picture(window) == before


def test_the_best_moves_are_arrows(open_window: OpenWindow) -> None:
    window = watching(open_window)
    arrows = window.app.controller.analysis.arrows()
    assert [str(arrow.move) for arrow in arrows] == ["b2e2", "b0c2", "c3c4"]
    shares = [arrow.probability or 0 for arrow in arrows]
    assert shares == sorted(shares, reverse=True) and shares[0] > shares[-1]


def test_it_can_be_switched_off_and_is_silent_while_one_guesses(open_window: OpenWindow) -> None:
    window = watching(open_window)
    window.app.carry_out(ChangeSetting("lines", 0))
    assert not asked(window.thinker, Watch)
    assert window.app.controller.analysis.live is None


def test_old_lines_are_not_shown_at_another_position(open_window: OpenWindow) -> None:
    window = watching(open_window)
    window.app.carry_out(ShowPly(2))
    assert window.app.controller.analysis.live is None
    window.answer(Watched(asked(window.thinker, Watch)[-1].number, note(99), True))
    assert window.app.controller.analysis.live == note(99)


def test_a_failing_engine_is_one_line_and_the_model_goes_on(open_window: OpenWindow) -> None:
    window = studied(open_window, analyst="uci:engine,nodes=10", lines=2)
    request = asked(window.thinker, Watch)[-1]
    assert request.deep == "uci:engine,nodes=10"
    window.answer(Failed(request.spec, request.number, ErrorReport("error", "it died")))
    request = asked(window.thinker, Watch)[-1]
    assert request.deep == ""
    assert asked(window.thinker, Annotate)[-1].deep == ""


def engine(folder: Path, name: str) -> None:
    path = folder / name
    path.write_text("#!/bin/sh\necho started > $0.started\n")
    path.chmod(0o755)


def test_installed_engines_are_offered_by_name_and_started_only_when_chosen(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pikafish", "eleeye", "something-else"):
        engine(tmp_path, name)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("xiangqi_gpt.players.engine_process._GAME_FOLDERS", os.devnull)
    assert installed_engines(()) == ["uci:pikafish,nodes=50000", "ucci:eleeye,depth=8"]
    assert installed_engines(("uci:pikafish,movetime=1000",)) == ["ucci:eleeye,depth=8"]
    window = studied(open_window)
    window.app.carry_out(Command.ANALYST)
    dialog = window.app.dialog
    assert isinstance(dialog, AnalystDialog)
    dialog.list.chosen = dialog._specs.index("uci:pikafish,nodes=50000")
    assert not list(tmp_path.glob("*.started"))
    assert dialog.intent() == SetAnalyst("uci:pikafish,nodes=50000")
    window.key(pygame.K_RETURN)
    assert "uci:pikafish,nodes=50000" in window.thinker.loaded, "it is tried before it is kept"
    assert window.app.controller.settings.analyst == ""
