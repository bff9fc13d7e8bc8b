"""One's own mistakes tried again in the window: by clicks, without their answers, wrong tries refuted."""

from __future__ import annotations

from pathlib import Path

import pygame
import pytest
from gui_helpers import Window, annotated, asked
from study_window import OpenWindow, answer_all, button, middle
from test_review_window import ROOK, moves, reviewed
from xiangqi_gpt.gui.dialogs.dialogs import Question
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.intents import ChooseGame, OpenRecord, Paste, SetAnalyst, TryLine, WriteComment
from xiangqi_gpt.gui.state.mode import View
from xiangqi_gpt.gui.worker.messages import Annotate, Annotated, CheckTry, Failed, TryChecked

from xiangqi_gpt.rules import START_FEN
from xiangqi_gpt.user_store import DrillDeck, UserStore

SIZES = [(800, 600), (1180, 760), (1920, 1080)]


def drilled(open_window: OpenWindow, **values: object) -> Window:
    """The first of the rook game's two mistakes, to be tried again."""
    window = reviewed(open_window, **values)
    window.click(middle(window.app.screen.analyse_panel.mistakes.drill.rect))
    answer_all(window)
    window.app.draw()
    return window


def cards(own_data: Path) -> dict[str, tuple[int, int]]:
    with UserStore(own_data) as store:
        return {card.position.played: (card.tries, card.solved) for card in DrillDeck(store).all()}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_position_stands_there_without_its_answer(
    open_window: OpenWindow, drawn_words: list[str], cut_words: list[str], size: tuple[int, int], language: str
) -> None:
    window = reviewed(open_window, size=size, language=language, notation="iccs")
    cut_words.clear()
    window.app.draw()
    window.click(middle(window.app.screen.analyse_panel.mistakes.drill.rect))
    answer_all(window)
    analysis = window.app.controller.analysis
    for view in (View.MISTAKES, View.EXPLORER, View.IDEAS, View.MOVES):
        analysis.view = view
        drawn_words.clear()
        window.app.draw()
        assert not any(word in text for text in drawn_words for word in ("e2e6", "i0h0", "h7h0"))
        assert any("2" in text and "1" in text for text in (window.status,))
    assert analysis.study.shown_board.fen().split()[:2] == reviewed_fen(4) and not analysis.arrows()
    assert not cut_words


@pytest.mark.parametrize(
    ("side", "own", "played"), [(0, "", {"i0h0", "h7h3"}), (1, "red", {"i0h0"}), (2, "black", {"h7h3"})]
)
def test_one_sides_mistakes_alone_are_listed_kept_and_tried(
    open_window: OpenWindow, own_data: Path, side: int, own: str, played: set[str]
) -> None:
    window = reviewed(open_window, own="black" if side < 2 else "")
    mistakes = window.app.screen.analyse_panel.mistakes
    window.click(mistakes.sides._cells()[side].center)
    assert window.app.controller.settings.own == own
    assert (mistakes.place_of("move", len(played) - 1) is not None) and mistakes.place_of("move", len(played)) is None
    window.click(middle(mistakes.drill.rect))
    drilling = window.app.controller.analysis.drilling
    assert drilling is not None and drilling.count == len(played) and set(cards(own_data)) == played


def test_a_review_that_is_begun_anew_after_a_drill_is_no_less_done(open_window: OpenWindow) -> None:
    window = reviewed(open_window, analyst="uci:engine,nodes=5")
    analysis = window.app.controller.analysis
    notes = tuple(analysis.study.notes.values())
    window.app.carry_out(SetAnalyst(""))
    request = asked(window.thinker, Annotate)[-1]
    window.answer(Annotated(request.number, notes, False, 0.5))
    assert analysis.reviewed == 0.5
    window.key(pygame.K_d)
    assert analysis.drilling is not None
    window.key(pygame.K_d)
    again = asked(window.thinker, Annotate)[-1]
    assert again.number != request.number and analysis.reviewed == 0.5
    window.answer(Annotated(again.number, (), False, 0.25))
    assert analysis.reviewed == 0.5
    window.answer(Annotated(again.number, (), False, 0.75))
    assert analysis.reviewed == 0.75


def reviewed_fen(plies: int) -> list[str]:
    from xiangqi_gpt.rules import Board

    board = Board()
    for move in moves(*ROOK[:plies]):
        board.push(move)
    return board.fen().split()[:2]


def test_a_wrong_try_is_refuted_on_the_board_and_taken_back(open_window: OpenWindow, own_data: Path) -> None:
    window = drilled(open_window)
    study = window.app.controller.analysis.study
    window.click("i0")
    window.click("h0")
    (request,) = asked(window.thinker, CheckTry)
    assert (str(request.best), str(request.move)) == ("e2e6", "i0h0")
    window.answer(TryChecked(request.number, False, moves("h7h0", "g2h0")))
    assert "takes rook h0" in window.status
    window.app.controller.clear_notice()
    assert "takes rook h0" in window.status, "no notice that another one may take the place of"
    window.wait(0.6)
    assert str(study.current.move) == "h7h0"
    window.wait(2.5)
    assert study.current is study.root and not list(study.nodes())
    window.click("e2")
    window.click("e6")
    request = asked(window.thinker, CheckTry)[-1]
    window.answer(TryChecked(request.number, True))
    assert cards(own_data)["i0h0"] == (1, 0), "the first try counts"
    assert not study.edited
    assert {len(request.position.moves) for request in asked(window.thinker, Annotate)} <= {len(ROOK)}


def test_a_right_one_goes_away_and_the_next_comes_by_a_key(open_window: OpenWindow, own_data: Path) -> None:
    window = drilled(open_window)
    analysis = window.app.controller.analysis
    game = analysis.own_study
    window.click("e2")
    window.click("e6")
    window.answer(TryChecked(asked(window.thinker, CheckTry)[0].number, True))
    assert cards(own_data)["i0h0"] == (1, 1)
    window.key(pygame.K_PERIOD)
    assert analysis.study.shown_board.fen().split()[:2] == reviewed_fen(1)
    assert window.app.controller.settings.flipped, "Black is to find a move"
    window.key(pygame.K_PERIOD)
    assert str(analysis.study.current.move) == "h9g7", "the answer"
    assert cards(own_data)["h7h3"] == (1, 0)
    window.key(pygame.K_PERIOD)
    assert analysis.study is game and analysis.drilling is None
    assert "1 of 2" in window.status and not window.app.controller.settings.flipped
    window.click(button(window, Command.FLIP))
    window.key(pygame.K_d)
    assert "Nothing is due" in window.status


def test_a_try_that_cannot_be_checked_is_taken_back_and_counts_for_nothing(
    open_window: OpenWindow, own_data: Path
) -> None:
    window = drilled(open_window)
    window.click("e2")
    window.click("e6")
    request = asked(window.thinker, CheckTry)[0]
    window.answer(Failed(request.spec, request.number, ErrorReport("error", "it died")))
    study = window.app.controller.analysis.study
    assert study.current is study.root and cards(own_data)["i0h0"] == (0, 0)


def test_another_game_ends_the_drill(open_window: OpenWindow) -> None:
    window = drilled(open_window)
    analysis = window.app.controller.analysis
    window.key(pygame.K_d)
    assert analysis.drilling is None and len(analysis.study.main_moves) == len(ROOK)


def test_a_damaged_file_of_own_data_is_one_line(open_window: OpenWindow, own_data: Path) -> None:
    own_data.parent.mkdir()
    own_data.write_bytes(b"no database" * 200)
    window = reviewed(open_window)
    window.key(pygame.K_d)
    assert window.app.controller.analysis.drilling is None
    assert window.app.controller.notices.failure(window.app.screen.texts)


@pytest.mark.parametrize("intent", [OpenRecord("other.pgn"), ChooseGame(0), Paste(START_FEN)])
def test_a_drill_leaves_unsaved_variations_kept_and_asked_about(
    open_window: OpenWindow, tmp_path: Path, intent: OpenRecord | ChooseGame | Paste
) -> None:
    window = reviewed(open_window)
    study = window.app.controller.analysis.study
    window.key(pygame.K_HOME)
    window.click("a0")
    window.click("a1")
    kept = tmp_path / "variations.json"
    before = kept.read_bytes()
    window.key(pygame.K_d)
    assert window.app.controller.analysis.drilling is not None and kept.read_bytes() == before
    window.app.carry_out(intent)
    assert isinstance(window.app.dialog, Question), "the variations would be lost"
    window.key(pygame.K_ESCAPE)
    window.key(pygame.K_d)
    assert window.app.controller.analysis.study is study and study.edited and kept.read_bytes() == before


def test_what_is_written_in_a_drill_is_no_unsaved_variation(open_window: OpenWindow, tmp_path: Path) -> None:
    window = drilled(open_window)
    window.app.carry_out(WriteComment("to be remembered"))
    window.key(pygame.K_PERIOD)
    study = window.app.controller.analysis.study
    window.app.carry_out(TryLine((next(iter(study.shown_board.legal_moves)),)))
    window.app.step()
    assert not study.edited and not (tmp_path / "variations.json").exists()
    window.app.carry_out(OpenRecord("other.pgn"))
    assert window.app.dialog is None


def test_the_review_is_still_there_after_a_drill(open_window: OpenWindow) -> None:
    window = reviewed(open_window)
    study, passes = window.app.controller.analysis.study, len(asked(window.thinker, Annotate))
    notes = dict(study.notes)
    window.key(pygame.K_d)
    window.key(pygame.K_d)
    assert window.app.controller.analysis.study is study and study.notes == notes
    assert len(asked(window.thinker, Annotate)) == passes, "all has been asked"


def test_a_review_cut_short_by_a_drill_goes_on_with_its_notes(open_window: OpenWindow) -> None:
    window = reviewed(open_window)
    study = window.app.controller.analysis.study
    window.key(pygame.K_END)
    moves_made = len(study.main_moves)
    window.app.carry_out(TryLine((next(iter(study.shown_board.legal_moves)),)))
    window.app.step()
    assert len(study.main_moves) == moves_made + 1 and window.app.controller.analysis.progress is not None
    window.key(pygame.K_d)
    assert window.app.controller.analysis.drilling is not None
    window.key(pygame.K_d)
    assert len(study.notes) == moves_made
    window.answer(annotated(asked(window.thinker, Annotate)[-1]))
    assert len(study.notes) == moves_made + 1
