"""Variations that were not saved: kept while they are tried, offered at the next start, set aside when damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window
from xiangqi_gpt.gui.dialogs.dialogs import Question
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import PlayText, SaveGame
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Store
from xiangqi_gpt.gui.state.study import Study
from xiangqi_gpt.gui.state.unfinished import UnfinishedError, read_study, study_data

from xiangqi_gpt.records import format_pgn, parse_pgn
from xiangqi_gpt.rules import Move

OpenWindow = Callable[..., Window]
RECORD = """[Red "吕钦"]
[Black "许银川"]
[Result "1-0"]

{a start} 1. h2e2! {well known} h9g7 ({or} 1... b9c7 2. h0g2 (2. b0c2 i9i8) 2... i9i8) 2. h0g2 1-0
"""


def tried(*moves: str) -> Study:
    """A record in which moves were tried from its first position on."""
    study = Study(next(iter(parse_pgn(RECORD))))
    for move in moves:
        study.play(Move.from_iccs(move))
    return study


def again(study: Study) -> Study:
    return read_study(json.loads(json.dumps(study_data(study))))


def play(window: Window, *moves: str) -> None:
    for move in moves:
        window.app.carry_out(PlayText(move))


def test_a_study_comes_back_with_all_that_is_in_it() -> None:
    study = tried("b2e2", "b9c7")
    found = again(study)
    assert format_pgn(found.to_game()) == format_pgn(study.to_game())
    assert found.tags["Red"] == "吕钦" and found.result == "1-0"
    assert found.edited and [str(ply.move) for ply in found.line[: found.shown]] == ["b2e2", "b9c7"]


def test_a_study_from_a_position_comes_back() -> None:
    study = Study(fen="3k5/9/9/9/9/9/9/9/R8/1R2K4 b - - 3 40")
    study.play(Move.from_iccs("d9d8"))
    assert again(study).request() == study.request()


@pytest.mark.parametrize(
    "damage",
    [
        {"fen": "nonsense"},
        {"moves": [{"after": 0, "move": "a0a5"}]},
        {"moves": [{"after": 1, "move": "h2e2"}]},
        {"moves": [{"after": 0, "move": "h2e2"}, {"after": 0, "move": "h9g7"}]},
        {"moves": [{"move": "h2e2"}]},
        {"moves": None},
        {"tags": ["Red"]},
        {"shown": 99},
    ],
)
def test_a_damaged_study_is_refused_in_one_line(damage: dict[str, object]) -> None:
    with pytest.raises(UnfinishedError) as error:
        read_study({**study_data(tried("b2e2")), **damage})
    assert "\n" not in str(error.value)
    with pytest.raises(UnfinishedError):
        read_study([])


def test_what_was_tried_in_a_game_is_there_at_the_next_start(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    play(window, "h2e2", "h9g7")
    window.key(pygame.K_TAB)
    assert Store(tmp_path, tmp_path).load_study() == (None, None), "nothing was tried yet"
    window.key(pygame.K_HOME)
    play(window, "b2e2")
    game, study = Store(tmp_path, tmp_path).load_game()[0], Store(tmp_path, tmp_path).load_study()[0]
    assert game is not None and study is not None and [str(move) for move in study.main_moves] == ["h2e2", "h9g7"]

    window = open_window()
    window.app.open_startup_dialogs(game, False, None, None, study)
    window.key(pygame.K_RETURN)
    assert window.session.ply_count == 2 and isinstance(window.app.dialog, Question), "one question after the other"
    window.key(pygame.K_RETURN)
    controller = window.app.controller
    assert controller.mode is Mode.ANALYSE and str(controller.analysis.study.last_move) == "b2e2"
    window.key(pygame.K_TAB)
    play(window, "h0g2")
    window.key(pygame.K_TAB)
    assert [str(move) for move in controller.analysis.study.main_moves] == ["h2e2", "h9g7", "h0g2"], "it follows again"


def test_variations_of_a_game_that_is_not_gone_on_with_stay_by_themselves(open_window: OpenWindow) -> None:
    study = Study(follows_game=True)
    study.follow(_played("h2e2", "h9g7").request())
    study.go(study.root)
    study.play(Move.from_iccs("b2e2"))
    window = open_window((HUMAN, HUMAN))
    window.app.open_startup_dialogs(None, False, None, None, again(study))
    window.key(pygame.K_RETURN)
    window.key(pygame.K_TAB)
    play(window, "c3c4")
    window.key(pygame.K_TAB)
    kept = window.app.controller.analysis.study
    assert not kept.follows_game and [str(move) for move in kept.main_moves] == ["h2e2", "h9g7"]


def _played(*moves: str) -> GameSession:
    session = GameSession()
    for move in moves:
        session.play(Move.from_iccs(move))
    return session


def test_saved_and_discarded_variations_are_forgotten(open_window: OpenWindow, tmp_path: Path) -> None:
    store, window = Store(tmp_path, tmp_path), open_window()
    window.app.open_startup_dialogs(None, False, None, None, again(tried("b2e2")))
    window.key(pygame.K_RETURN)
    assert store.load_study()[0] is not None
    window.app.carry_out(SaveGame(str(tmp_path / "study.pgn")))
    assert store.load_study() == (None, None)
    play(window, "c9e7")
    assert store.load_study()[0] is not None
    window.app.controller.analysis.file.games = list(parse_pgn(RECORD))
    window.key(pygame.K_g, pygame.KMOD_CTRL)
    window.key(pygame.K_RETURN)
    assert isinstance(window.app.dialog, Question), "discarding asks first"
    window.key(pygame.K_RETURN)
    assert store.load_study() == (None, None)


def test_declining_keeps_them_for_another_time(open_window: OpenWindow, tmp_path: Path) -> None:
    store = Store(tmp_path, tmp_path)
    store.save_study(tried("b2e2"))
    window = open_window()
    window.app.open_startup_dialogs(None, False, None, None, store.load_study()[0])
    window.key(pygame.K_ESCAPE)
    play(window, "h2e2")
    window.app.carry_out(Command.SWITCH_MODE)
    assert window.app.dialog is None and store.load_study()[0] is not None


def test_damaged_variations_are_set_aside_and_it_is_said(open_window: OpenWindow, tmp_path: Path) -> None:
    (tmp_path / "variations.json").write_text('{"fen": "x"}', "utf-8")
    study, aside = Store(tmp_path, tmp_path).load_study()
    assert study is None and aside is not None and (tmp_path / aside).read_text("utf-8") == '{"fen": "x"}'
    assert Store(tmp_path, tmp_path).load_study() == (None, None)
    window = open_window()
    window.app.open_startup_dialogs(None, False, "settings.damaged.json", None, study, aside)
    assert aside in window.status and "settings.damaged.json" in window.status
