"""What is asked before a game or variations of one's own are lost, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window, asked, decided, games_read
from xiangqi_gpt.gui.dialogs.dialogs import Question
from xiangqi_gpt.gui.dialogs.new_game import NewGameDialog
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import Intent, Paste, Place, PlayFromHere, PlayText, ShowPly, StartGame, SwitchMode
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Store
from xiangqi_gpt.gui.state.study import Study
from xiangqi_gpt.gui.worker.messages import Read, Think

from xiangqi_gpt.records import Game, format_pgn
from xiangqi_gpt.rules import Move
from xiangqi_gpt.rules.pieces import EMPTY

OpenWindow = Callable[..., Window]
FEN = "3k5/9/9/9/9/9/9/9/4R4/4K4 w - - 0 1"
PGN = format_pgn(Game(moves=[Move.from_iccs("b2e2")]))
PERSONS = (HUMAN, HUMAN)


def title(window: Window) -> str:
    dialog = window.app.dialog
    return dialog.title if isinstance(dialog, Question) else ""


def with_variation(open_window: OpenWindow, mode: Mode = Mode.ANALYSE) -> Window:
    """A window with a game that goes on, and a variation on it."""
    window = open_window(PERSONS)
    for square in ("h2", "e2", "h9", "g7"):
        window.click(square)
    window.key(pygame.K_TAB)
    window.app.carry_out(ShowPly(1))
    window.click("b9")
    window.click("c7")
    assert window.app.controller.analysis.study.edited
    window.app.carry_out(SwitchMode(mode))
    if mode is Mode.SETUP:
        window.app.carry_out(Place(0, EMPTY))
    return window


@pytest.mark.parametrize(
    ("mode", "intent", "asks"),
    [
        (Mode.ANALYSE, Paste(PGN), "Variations not saved"),
        (Mode.ANALYSE, Paste(FEN), "Variations not saved"),
        (Mode.SETUP, SwitchMode(Mode.ANALYSE), "Variations not saved"),
        (Mode.SETUP, Command.SWITCH_MODE, "Variations not saved"),
        (Mode.PLAY, StartGame(PERSONS), "New game"),
        (Mode.PLAY, Paste(FEN), "Play from here"),
        (Mode.SETUP, PlayFromHere(), "Play from here"),
    ],
)
def test_what_would_be_lost_is_kept_until_the_person_is_sure(
    open_window: OpenWindow, mode: Mode, intent: Intent, asks: str
) -> None:
    window = with_variation(open_window, mode)
    session, study = window.session, window.app.controller.analysis.study
    window.app.carry_out(intent)
    assert title(window) == asks
    window.key(pygame.K_ESCAPE)
    assert window.app.dialog is None
    assert window.session is session and window.app.controller.analysis.study is study
    window.app.carry_out(intent)
    window.key(pygame.K_RETURN)
    for request in asked(window.thinker, Read):
        window.answer(games_read(request, Game(moves=[Move.from_iccs("b2e2")])))
    assert title(window) == ""
    window.app.carry_out(SwitchMode(Mode.ANALYSE))
    assert window.app.controller.analysis.study is not study


@pytest.mark.parametrize(
    ("mode", "intent"),
    [
        (Mode.ANALYSE, Paste("")),
        (Mode.ANALYSE, Paste("3k5/9/9/9/9/9/9/9/9/9 w")),
        (Mode.ANALYSE, SwitchMode(Mode.PLAY)),
        (Mode.SETUP, Paste(FEN)),
        (Mode.SETUP, SwitchMode(Mode.PLAY)),
    ],
)
def test_nothing_is_asked_where_nothing_is_lost(open_window: OpenWindow, mode: Mode, intent: Intent) -> None:
    window = with_variation(open_window, mode)
    study = window.app.controller.analysis.study
    window.app.carry_out(intent)
    assert window.app.dialog is None and window.app.controller.analysis.study is study


@pytest.mark.parametrize(("mode", "intent"), [(Mode.PLAY, Paste(FEN)), (Mode.SETUP, PlayFromHere())])
def test_one_question_names_all_that_would_be_lost(
    open_window: OpenWindow, drawn_words: list[str], mode: Mode, intent: Intent
) -> None:
    window = with_variation(open_window, mode)
    window.app.carry_out(intent)
    window.app.step()
    said = " ".join(drawn_words)
    assert "The game being played is not over" in said and "Variations that were not saved" in said
    window.key(pygame.K_ESCAPE)
    window.app.controller.analysis.saved()
    drawn_words.clear()
    window.app.carry_out(intent)
    window.app.step()
    assert "Variations" not in " ".join(drawn_words)


def test_a_position_that_is_not_sound_is_named_before_anything_is_asked(open_window: OpenWindow) -> None:
    window = with_variation(open_window, Mode.SETUP)
    king = "abcdefghi".index("e")
    window.app.carry_out(Place(king, EMPTY))
    window.key(pygame.K_TAB)
    assert window.app.dialog is None and "no king" in window.status


def test_a_saved_study_is_replaced_without_a_question(open_window: OpenWindow) -> None:
    window = with_variation(open_window)
    window.app.controller.analysis.saved()
    window.app.carry_out(Paste(FEN))
    assert window.app.dialog is None
    assert window.app.controller.analysis.study.start_fen.startswith("3k5/")


def test_the_clipboard_is_asked_about_too(open_window: OpenWindow) -> None:
    window = with_variation(open_window)
    pygame.scrap.put_text(FEN)
    window.key(pygame.K_v, pygame.KMOD_CTRL)
    assert title(window) == "Variations not saved"
    window.key(pygame.K_RETURN)
    assert window.app.controller.analysis.study.start_fen.startswith("3k5/")


def test_a_new_game_is_analysed_from_its_own_start(open_window: OpenWindow) -> None:
    window = open_window(PERSONS)
    window.click("h2")
    window.click("e2")
    window.key(pygame.K_TAB)
    assert len(window.app.controller.analysis.study.main_moves) == 1
    window.app.carry_out(StartGame(PERSONS))
    window.key(pygame.K_TAB)
    assert window.app.controller.analysis.study.main_moves == (), "the old game is not this one"


def test_a_position_pasted_over_a_puzzle_is_analysed_and_the_game_stays(open_window: OpenWindow) -> None:
    window = open_window(PERSONS)
    window.click("h2")
    window.click("e2")
    session = window.session
    window.app.carry_out(SwitchMode(Mode.PUZZLE))
    window.app.carry_out(Paste(FEN))
    assert window.app.controller.mode is Mode.ANALYSE and window.session is session
    assert window.app.controller.analysis.study.start_fen.startswith("3k5/")


def test_the_board_is_turned_back_when_a_game_is_opened_from_a_puzzle(open_window: OpenWindow) -> None:
    window = open_window(PERSONS)
    window.app.carry_out(SwitchMode(Mode.PUZZLE))
    window.app.controller.change(flipped=True)  # as for a puzzle that Black solves
    window.app.carry_out(Paste(PGN))
    window.answer(games_read(asked(window.thinker, Read)[0], Game(moves=[Move.from_iccs("b2e2")])))
    assert window.app.controller.mode is Mode.ANALYSE and not window.app.controller.settings.flipped


@pytest.mark.parametrize("plies", [1, 2, 4])
def test_a_new_game_asks_once_people_have_made_more_than_a_first_move(open_window: OpenWindow, plies: int) -> None:
    window = open_window((HUMAN, "gpt"))
    for ply, text in enumerate(["h2e2", "h9g7", "h0g2", "i9h9"][:plies]):
        if ply % 2:
            window.answer(decided(asked(window.thinker, Think)[-1], text))
        else:
            window.app.carry_out(PlayText(text))
    window.key(pygame.K_n)
    window.key(pygame.K_RETURN)
    if plies < 3:
        assert window.app.dialog is None and not window.session.ply_count
        return
    assert title(window) == "New game" and window.session.ply_count == plies
    window.key(pygame.K_ESCAPE)
    assert isinstance(window.app.dialog, NewGameDialog), "its choices are not lost"
    window.key(pygame.K_RETURN)
    window.key(pygame.K_RETURN)
    assert window.app.dialog is None and not window.session.ply_count


def test_a_rematch_of_a_game_that_goes_on_asks_too(open_window: OpenWindow) -> None:
    window = open_window(PERSONS)
    for text in ("h2e2", "h9g7"):
        window.app.carry_out(PlayText(text))
    window.key(pygame.K_n, pygame.KMOD_CTRL | pygame.KMOD_SHIFT)
    assert title(window) == "New game"
    window.key(pygame.K_RETURN)
    assert not window.session.ply_count


def test_a_game_that_was_only_watched_is_left_without_a_question(open_window: OpenWindow) -> None:
    window = open_window(("gpt", "gpt"))
    for text in ("h2e2", "h9g7", "h0g2"):
        window.answer(decided(asked(window.thinker, Think)[-1], text))
    assert window.session.ply_count == 3
    window.app.carry_out(StartGame(PERSONS))
    assert window.app.dialog is None and not window.session.ply_count


@pytest.mark.parametrize("answer", ["discard", "later"])
@pytest.mark.parametrize("kind", ["game", "study"])
def test_kept_work_that_is_discarded_is_not_offered_again(
    open_window: OpenWindow, tmp_path: Path, kind: str, answer: str
) -> None:
    store = Store(tmp_path, tmp_path)
    game = GameSession((HUMAN, "gpt"))
    game.play(Move.from_iccs("h2e2"))
    study = Study(Game(moves=[Move.from_iccs("h2e2")]))
    study.play(Move.from_iccs("b2e2"))
    store.save_game(game)
    store.save_study(study)
    window = open_window(PERSONS)
    saved, _ = store.load_game()
    window.app.open_startup_dialogs(
        *((saved, False, None, None) if kind == "game" else (None, False, None, None, study))
    )
    window.app.draw()
    dialog = window.app.dialog
    assert isinstance(dialog, Question)
    if answer == "discard":
        window.click(dialog.no.rect.center)
    else:
        window.key(pygame.K_ESCAPE)
    assert window.app.dialog is None
    kept = {"game": store.load_game()[0] is not None, "study": store.load_study()[0] is not None}
    assert kept == {"game": True, "study": True} | ({kind: False} if answer == "discard" else {})
