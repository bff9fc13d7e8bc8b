"""Rated games in the window: begun by a box, played without help, kept once, and shown as a rating with its course."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window, decided
from xiangqi_gpt.gui.dialogs.new_game import NewGameDialog
from xiangqi_gpt.gui.dialogs.questions import resume_game_question
from xiangqi_gpt.gui.dialogs.rating_dialog import RatingDialog
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import (
    ConfirmResign,
    OpenPuzzles,
    OpenRecord,
    Paste,
    PlayFromHere,
    ResumeGame,
    ResumeStudy,
    StartGame,
    SwitchMode,
)
from xiangqi_gpt.gui.state.languages import LANGUAGES
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Store
from xiangqi_gpt.gui.state.unfinished import game_data, read_game

from xiangqi_gpt.players.levels import LADDER_ELO
from xiangqi_gpt.rules import RED, START_FEN
from xiangqi_gpt.user_store import RatedGame, RatedGames, UserStore, UserStoreError

OpenWindow = Callable[..., Window]
LEVEL = "gpt,level=7"


def kept() -> list[RatedGame]:
    with UserStore() as store:
        return RatedGames(store).all()


def rated_window(open_window: OpenWindow, **settings: object) -> Window:
    """A window in which a rated game has begun, through the box of the dialog."""
    window = open_window((HUMAN, LEVEL), **settings)
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog)
    window.click(dialog._rated.rect.center)
    window.key(pygame.K_RETURN)
    assert window.session.is_rated and window.app.dialog is None
    return window


def resign(window: Window) -> None:
    window.key(pygame.K_q)
    window.key(pygame.K_RETURN)


def status(window: Window) -> str:
    return window.app.controller.scene(window.app.screen.texts, window.clock.now).status


def test_a_rated_game_is_begun_and_its_result_kept_once(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    window.click("h2")
    window.click("e2")
    resign(window)
    (game,) = kept()
    assert (game.level, game.elo, game.side, game.score) == (7, LADDER_ELO[7], "red", 0.0)
    assert (game.reason, game.plies) == ("resignation", 1)
    assert "Your rating is now" in status(window)
    window.key(pygame.K_ESCAPE)
    window.key(pygame.K_TAB)
    window.wait(1.0)
    assert window.app.controller.mode is Mode.ANALYSE, "a game that is over may be analysed"
    assert len(kept()) == 1


def test_the_box_is_ticked_by_key_and_stands_where_a_game_can_count(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, LEVEL))
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog)
    for _ in dialog.controls:
        if dialog._rated.focused:
            break
        window.key(pygame.K_TAB)
    window.key(pygame.K_SPACE)
    assert dialog._rated.checked
    dialog._handicap.chosen = 1
    assert dialog._rated not in dialog.controls
    intent = dialog.intent()
    assert isinstance(intent, StartGame) and not intent.rated, "odds do not count"
    dialog._handicap.chosen = 0
    for spec, counts in (("greedy", False), ("random", False), ("gpt,level=20", True)):
        dialog.choose(spec)
        intent = dialog.intent()
        assert isinstance(intent, StartGame) and intent.rated is counts


@pytest.mark.parametrize("players", [(HUMAN, "gpt:my model,level=7"), (HUMAN, HUMAN), ("gpt,level=1", LEVEL)])
def test_no_other_game_counts(open_window: OpenWindow, players: tuple[str, str]) -> None:
    window = open_window(players)
    window.app.carry_out(StartGame(players, rated=True))
    assert not window.session.is_rated
    window.session.resign(RED)
    window.app.controller.sync_requests(window.clock.now)
    assert kept() == []


def test_nothing_is_taken_back_or_told_while_it_lasts(open_window: OpenWindow) -> None:
    window = rated_window(open_window, show_ideas=True)
    assert not window.app.controller.scene(window.app.screen.texts, window.clock.now).settings.show_ideas
    window.click("h2")
    window.click("e2")
    window.answer(decided(window.thinker.asked[-1], "h9g7", wdl=(0.2, 0.3, 0.5)))
    window.wait(1.0)
    scene = window.app.controller.scene(window.app.screen.texts, window.clock.now)
    assert window.session.ply_count == 2 and not scene.has_bar and scene.arrows == []
    asked = len(window.thinker.asked)
    for key in (pygame.K_u, pygame.K_h, pygame.K_v, pygame.K_e, pygame.K_TAB):
        window.app.controller.clear_notice()
        window.key(key)
        assert "no undo, no hints" in status(window), pygame.key.name(key)
    for intent in (SwitchMode(Mode.ANALYSE), SwitchMode(Mode.SETUP), OpenRecord("games.pgn"), Command.REDO):
        window.app.carry_out(intent)
    assert window.session.ply_count == 2 and window.app.controller.mode is Mode.PLAY
    assert len(window.thinker.asked) == asked and not window.app.controller.shows_ideas
    resign(window)
    assert window.app.controller.settings.show_ideas, "the person's choice stays"
    window.key(pygame.K_ESCAPE)
    window.key(pygame.K_u)
    assert window.session.outcome is not None and len(kept()) == 1, "nor afterwards"


def test_what_is_left_unfinished_does_not_count_and_a_resumed_game_does(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    window.click("h2")
    window.click("e2")
    again = read_game(json.loads(json.dumps(game_data(window.session))))
    window.app.carry_out(StartGame((HUMAN, LEVEL)))
    assert "left unfinished" in status(window) and kept() == [] and not window.session.is_rated
    window.app.carry_out(ResumeGame(again))
    window.app.carry_out(ConfirmResign(RED))
    assert [game.plies for game in kept()] == [1]


def test_a_rematch_counts_too_with_the_sides_exchanged(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    resign(window)
    window.app.carry_out(Command.REMATCH)
    assert window.session.is_rated and window.session.players == (LEVEL, HUMAN)
    resign(window)
    assert [game.side for game in kept()] == ["red", "black"]


def test_a_result_that_cannot_be_kept_is_tried_again(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    add, failures = RatedGames.add, [UserStoreError("the disk is full")] * 2
    tried: list[float] = []

    def failing(self: RatedGames, game: RatedGame) -> bool:
        tried.append(window.clock.now)
        if failures:
            raise failures.pop()
        return add(self, game)

    monkeypatch.setattr(RatedGames, "add", failing)
    window = rated_window(open_window)
    window.app.carry_out(ConfirmResign(RED))
    window.key(pygame.K_ESCAPE)
    window.app.carry_out(Command.FLIP)
    assert len(tried) == 1 and kept() == [] and "tried again" in status(window)
    window.app.controller.clear_notice()
    window.app.carry_out(StartGame((HUMAN, LEVEL)))
    window.click("h2")
    window.click("e2")
    window.wait(5.0)
    assert len(tried) == 2 and kept() == [] and "tried again" not in status(window)
    window.wait(5.0)
    assert len(tried) == 3 and [game.score for game in kept()] == [0.0] and "Your rating is now" in status(window)
    assert window.app.controller.rated.wake_at() is None


def test_a_result_that_could_not_be_kept_is_kept_at_the_next_start(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def failing(self: RatedGames, game: RatedGame) -> bool:
        raise UserStoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(RatedGames, "add", failing)
        window = rated_window(open_window)
        window.click("h2")
        window.click("e2")
        window.app.carry_out(ConfirmResign(RED))
    assert kept() == [] and len(list((tmp_path / "results").iterdir())) == 1
    open_window((HUMAN, LEVEL))
    open_window((HUMAN, LEVEL))
    assert [game.plies for game in kept()] == [1]
    assert list((tmp_path / "results").iterdir()) == [] and not (tmp_path / "unfinished.json").exists()


def test_a_result_that_no_file_takes_leaves_the_unfinished_game(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_data: Path
) -> None:
    (tmp_path / "results").write_text("no folder")
    own_data.parent.mkdir(parents=True, exist_ok=True)
    own_data.write_bytes(b"no database at all, only words" * 40)
    window = rated_window(open_window)
    window.click("h2")
    window.click("e2")
    window.app.carry_out(ConfirmResign(RED))
    assert (tmp_path / "unfinished.json").exists()
    own_data.unlink()
    window.wait(5.0)
    assert len(kept()) == 1 and not (tmp_path / "unfinished.json").exists()


def test_a_file_that_is_held_does_not_stop_the_window(open_window: OpenWindow, own_data: Path) -> None:
    with UserStore() as store:
        RatedGames(store).all()
        with store.writing():
            window = rated_window(open_window)
            window.app.carry_out(ConfirmResign(RED))
            assert "held by another program" in status(window)
    window.wait(5.0)
    assert len(kept()) == 1


def test_a_damaged_row_keeps_no_result_from_being_kept(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    window.app.carry_out(ConfirmResign(RED))
    with UserStore() as store, store.writing() as connection:
        connection.execute("UPDATE rated_games SET score = 0.7")
    window.app.carry_out(StartGame((HUMAN, LEVEL), rated=True))
    window.app.carry_out(ConfirmResign(RED))
    assert "The result is kept, but" in status(window)
    with UserStore() as store:
        assert [row["score"] for row in store.rows("SELECT score FROM rated_games ORDER BY id")] == [0.7, 0.0]


def test_a_game_that_is_resumed_in_two_windows_counts_once(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    window.click("h2")
    window.click("e2")
    data = json.loads(json.dumps(game_data(window.session)))
    for words in ("Your rating is now", "was counted already"):
        window = open_window((HUMAN, LEVEL))
        window.app.carry_out(ResumeGame(read_game(data)))
        window.app.carry_out(ConfirmResign(RED))
        assert words in status(window)
    assert len(kept()) == 1


def test_that_a_game_left_does_not_count_is_said_on_every_way(open_window: OpenWindow) -> None:
    for leave in (Paste(START_FEN, sure=True), PlayFromHere(sure=True), ResumeGame(GameSession((HUMAN, LEVEL)))):
        window = rated_window(open_window)
        window.click("h2")
        window.click("e2")
        window.app.controller.clear_notice()
        window.app.carry_out(leave)
        told = "no undo" if isinstance(leave, Paste) else "left unfinished"
        assert told in status(window), leave
    saved = read_game(game_data(rated_window(open_window).session))
    assert "does not count" in resume_game_question(saved, window.app.screen.texts)._question


def test_the_clock_of_a_rated_game_is_not_stopped(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, LEVEL))
    window.app.carry_out(StartGame((HUMAN, LEVEL), clock="60", rated=True))
    for intent in (Command.PAUSE, Command.PUZZLES, SwitchMode(Mode.PUZZLE), OpenPuzzles("own.jsonl")):
        window.app.controller.clear_notice()
        window.app.carry_out(intent)
        assert "does not stop" in status(window), intent
        assert not window.session.paused and window.app.controller.mode is Mode.PLAY
    window.session.pause()  # as after a player that failed
    window.app.carry_out(Command.PAUSE)
    assert not window.session.paused
    window.app.carry_out(StartGame((HUMAN, LEVEL), rated=True))
    window.app.carry_out(Command.PAUSE)
    assert window.session.paused, "without a clock nothing is gained by it"


def test_variations_of_the_last_start_wait_for_the_end_of_a_rated_game(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window((HUMAN, HUMAN))
    window.app.carry_out(SwitchMode(Mode.ANALYSE))
    window.click("h2")
    window.click("e2")
    before = json.loads((tmp_path / "variations.json").read_text("utf-8"))
    window = rated_window(open_window)
    asked = len(window.thinker.asked)
    study, _ = Store(tmp_path, tmp_path).load_study()
    assert study is not None
    window.app.carry_out(ResumeStudy(study))
    assert window.app.controller.mode is Mode.PLAY and "wait until" in status(window)
    assert len(window.thinker.asked) == asked
    resign(window)
    window.key(pygame.K_ESCAPE)
    window.app.carry_out(SwitchMode(Mode.ANALYSE))
    assert window.app.controller.analysis.study is study and study.edited
    kept_now = json.loads((tmp_path / "variations.json").read_text("utf-8"))
    assert kept_now["moves"] == before["moves"] != []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rating_is_shown_with_its_course_and_games(
    open_window: OpenWindow, drawn_words: list[str], cut_words: list[str], language: str
) -> None:
    window = open_window((HUMAN, LEVEL), language=language, size=(800, 600))
    window.key(pygame.K_r, pygame.KMOD_CTRL | pygame.KMOD_SHIFT)
    assert isinstance(window.app.dialog, RatingDialog)
    assert window.app.dialog.summary == window.app.screen.texts("rating_none")
    window.key(pygame.K_ESCAPE)
    for _ in range(3):
        window.app.carry_out(StartGame((HUMAN, LEVEL), rated=True))
        window.app.carry_out(ConfirmResign(RED))
    window.key(pygame.K_ESCAPE)
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog)
    window.click(dialog._rating.rect.center)
    shown = window.app.dialog
    assert isinstance(shown, RatingDialog)
    window.app.step()
    course = shown._course
    assert [rating.games for rating in course] == [1, 2, 3] and course[0].elo > course[2].elo
    assert str(round(course[2].elo + 1500)) in shown.summary and len(shown._games.items) == 3
    assert any(words and words in shown.summary and str(round(course[2].elo + 1500)) in words for words in drawn_words)
    window.key(pygame.K_RETURN)
    assert window.app.dialog is dialog, "the new game is still being chosen"
    assert cut_words == []


def test_a_damaged_file_of_own_data_is_said_and_left(open_window: OpenWindow, own_data: Path) -> None:
    own_data.parent.mkdir(parents=True, exist_ok=True)
    own_data.write_bytes(b"no database at all, only words" * 40)
    before = own_data.read_bytes()
    window = open_window((HUMAN, LEVEL))
    window.app.carry_out(Command.RATING)
    dialog = window.app.dialog
    assert isinstance(dialog, RatingDialog) and dialog.error
    window.key(pygame.K_ESCAPE)
    window.app.carry_out(StartGame((HUMAN, LEVEL), rated=True))
    window.app.carry_out(ConfirmResign(RED))
    assert "not kept" in status(window) and own_data.read_bytes() == before
