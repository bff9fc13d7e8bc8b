"""Rated games in the window: begun by a box, played without help, kept once, and shown as a rating with its course."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from gui_helpers import FakeClock, FakeThinker, Window, decided
from xiangqi_gpt.gui import launch
from xiangqi_gpt.gui.app import App
from xiangqi_gpt.gui.dialogs.dialogs import Question
from xiangqi_gpt.gui.dialogs.new_game import NewGameDialog
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
from xiangqi_gpt.gui.state.saving import record_of
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Settings, Store
from xiangqi_gpt.gui.state.unfinished import game_data, read_game
from xiangqi_gpt.gui.worker.messages import Think

from xiangqi_gpt.players.levels import LADDER_ELO, nearest_level
from xiangqi_gpt.players.own_rating import most_telling_level, rate_person
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


def move(window: Window) -> None:
    """The person's first move as Red."""
    window.click("h2")
    window.click("e2")


def lose(window: Window) -> None:
    """A rated game is begun and lost."""
    window.app.carry_out(StartGame((HUMAN, LEVEL), rated=True))
    move(window)
    window.app.carry_out(ConfirmResign(RED))


def resign(window: Window) -> None:
    window.key(pygame.K_q)
    window.key(pygame.K_RETURN)


def chosen(dialog: NewGameDialog) -> StartGame:
    """What the dialog would begin."""
    intent = dialog.intent()
    assert isinstance(intent, StartGame)
    return intent


def status(window: Window) -> str:
    return window.app.controller.scene(window.app.screen.texts, window.clock.now).status


def test_a_rated_game_is_begun_and_its_result_kept_once(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    move(window)
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
    move(window)
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


@pytest.mark.parametrize("leave", ["new", "rematch"])
def test_who_leaves_a_rated_game_is_asked_and_has_lost_it(open_window: OpenWindow, tmp_path: Path, leave: str) -> None:
    window = rated_window(open_window)
    move(window)
    left = window.session
    for answer in (pygame.K_ESCAPE, pygame.K_RETURN):
        if leave == "rematch":
            window.key(pygame.K_n, pygame.KMOD_CTRL | pygame.KMOD_SHIFT)
        elif not isinstance(window.app.dialog, NewGameDialog):
            window.key(pygame.K_n)
        if leave == "new":
            window.key(pygame.K_RETURN)
        assert isinstance(window.app.dialog, Question) and "counts as a loss" in window.app.dialog._question
        assert window.session is left and kept() == []
        window.key(answer)
    assert window.session is not left and window.app.dialog is None
    assert [(game.score, game.reason, game.plies) for game in kept()] == [(0.0, "resignation", 1)]
    assert "Your rating is now" in status(window) and not (tmp_path / "unfinished.json").exists()


def test_a_game_is_aborted_before_a_move_of_ones_own(open_window: OpenWindow, drawn_words: list[str]) -> None:
    window = rated_window(open_window)
    window.key(pygame.K_q)
    assert isinstance(window.app.dialog, Question) and "does not count" in window.app.dialog._question
    window.key(pygame.K_RETURN)
    assert window.session.outcome is not None and "aborted" in status(window) and kept() == []
    assert "You lose" not in drawn_words and "Game aborted" in drawn_words and "Black wins" not in drawn_words
    window.app.controller.clear_notice()
    assert status(window) == "Game aborted: it does not count"
    record = record_of(window.session, window.app.screen.texts, datetime.date(2026, 1, 1))
    assert record.result == "*"
    window.app.carry_out(StartGame((LEVEL, HUMAN), rated=True))
    window.answer(decided(window.thinker.asked[-1], "h2e2"))
    assert window.session.ply_count == 1
    window.app.carry_out(StartGame((HUMAN, LEVEL)))
    assert window.app.dialog is None and "aborted" in status(window) and kept() == []


def test_a_kept_game_is_gone_on_with_or_lost(open_window: OpenWindow, tmp_path: Path) -> None:
    window = rated_window(open_window)
    move(window)
    store = Store(tmp_path, tmp_path)
    for answer in ("resume", "give up"):
        saved, _ = store.load_game()
        assert saved is not None
        window = open_window((HUMAN, LEVEL))
        window.app.open_startup_dialogs(saved, False, None, None)
        window.app.step()
        dialog = window.app.dialog
        assert isinstance(dialog, Question) and "counts as a loss" in dialog._question
        window.key(pygame.K_ESCAPE)
        window.click((3, 3))
        assert window.app.dialog is dialog and kept() == [], "it is answered by a button"
        window.click((dialog.yes if answer == "resume" else dialog.no).rect.center)
        assert window.app.dialog is None
        assert (window.session is saved) == (answer == "resume")
    assert [(game.score, game.plies, game.game_id) for game in kept()] == [(0.0, 1, saved.game_id)]
    assert store.load_game() == (None, None)


@pytest.mark.parametrize("is_dropped", [False, True])
def test_a_kept_game_waits_unchanged_for_an_answer(open_window: OpenWindow, tmp_path: Path, is_dropped: bool) -> None:
    window = rated_window(open_window)
    move(window)
    store, thinker, clock = Store(tmp_path, tmp_path), FakeThinker(), FakeClock()
    saved, _ = store.load_game()
    before = (tmp_path / "unfinished.json").read_bytes()
    session = GameSession((LEVEL, HUMAN))
    app = App(session, Settings(language="en"), store, thinker, clock=clock, size=(800, 600))  # type: ignore[arg-type]
    window = Window(app, thinker, clock)
    app.open_startup_dialogs(saved, False, None, None)
    app.start()
    window.wait(1.0)
    if is_dropped:
        window.event(pygame.DROPFILE, file=str(tmp_path / "none.pgn"))
    assert [question for question in thinker.asked if isinstance(question, Think)] == []
    assert (tmp_path / "unfinished.json").read_bytes() == before
    dialog = app.dialog
    assert isinstance(dialog, Question)
    window.click(dialog.no.rect.center)
    assert [game.plies for game in kept()] == [1]
    (question,) = [question for question in thinker.asked if isinstance(question, Think)]
    window.answer(decided(question, "h2e2"))
    assert session.ply_count == 1 and (tmp_path / "unfinished.json").exists()
    app.close()


@pytest.mark.parametrize("arguments", [{"chosen": True}, {"record": "games.pgn"}])
def test_a_kept_rated_game_is_asked_about_at_every_start(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, object]
) -> None:
    monkeypatch.setattr(launch, "Store", lambda: Store(tmp_path, tmp_path))
    monkeypatch.setattr(launch, "check_display", lambda: None)
    monkeypatch.setattr(launch.pygame, "quit", lambda: None)
    monkeypatch.setattr(launch, "PlayerProcess", lambda *_: FakeThinker())
    asked: list[object] = []
    monkeypatch.setattr(launch.App, "run", lambda app: asked.append(app.dialog) or app.close())
    for is_rated in (False, True):
        window = open_window((HUMAN, LEVEL))
        window.app.carry_out(StartGame((HUMAN, LEVEL), rated=is_rated))
        move(window)
        launch.run("gpt,level=1", **arguments)  # type: ignore[arg-type]
    assert asked[0] is None and isinstance(asked[1], Question)


def test_a_resumed_game_does_count(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    move(window)
    again = read_game(json.loads(json.dumps(game_data(window.session))))
    window = open_window((HUMAN, LEVEL))
    window.app.carry_out(ResumeGame(again))
    window.app.carry_out(ConfirmResign(RED))
    assert [game.plies for game in kept()] == [1]


def test_a_kept_game_of_before_has_the_same_number_at_each_reading(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    move(window)
    data = json.loads(json.dumps(game_data(window.session)))
    del data["game_id"]
    assert read_game(data).game_id == read_game(data).game_id
    data["moves"].append("h9g7")
    assert read_game(data).game_id != window.session.game_id


def test_the_sides_of_rated_games_alternate(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    move(window)
    resign(window)
    window.key(pygame.K_ESCAPE)
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog) and dialog._rated.checked, "the next one is proposed as rated too"
    intent = dialog.intent()
    assert isinstance(intent, StartGame) and intent.players == (LEVEL, HUMAN) and intent.rated
    window.click(dialog._rated.rect.center)
    dialog._side.chosen = RED
    window.click(dialog._rated.rect.center)
    intent = dialog.intent()
    assert isinstance(intent, StartGame) and intent.players == (LEVEL, HUMAN), "ticked, it is Black's turn again"
    window.click((dialog._side.rect.x + 9, dialog._side.rect.centery))
    intent = dialog.intent()
    assert isinstance(intent, StartGame) and intent.players == (HUMAN, LEVEL), "one may choose otherwise"


@pytest.mark.parametrize(("pairing", "place"), [("even", 0.5), ("find", 0.9)])
def test_the_rating_chooses_the_opponent(open_window: OpenWindow, pairing: str, place: float) -> None:
    def open_dialog() -> NewGameDialog:
        window.key(pygame.K_n)
        dialog = window.app.dialog
        assert isinstance(dialog, NewGameDialog)
        return dialog

    window = open_window((HUMAN, LEVEL))
    dialog = open_dialog()
    window.click((dialog._pairing.rect.x + round(place * dialog._pairing.rect.width), dialog._pairing.rect.centery))
    intent = chosen(dialog)
    results: list[tuple[float, float]] = []
    first = nearest_level(rate_person(results).elo) if pairing == "even" else most_telling_level(results)
    assert intent.players == (HUMAN, f"gpt,level={first}") and intent.rated is (pairing == "find")
    window.key(pygame.K_RETURN)
    assert window.app.controller.settings.pairing == pairing
    levels = []
    for _ in range(3):
        lose(window)
        window.key(pygame.K_ESCAPE)
        results = [(game.elo, game.score) for game in kept()]
        dialog = open_dialog()
        expected = nearest_level(rate_person(results).elo) if pairing == "even" else most_telling_level(results)
        assert f"gpt,level={expected}" in chosen(dialog).players
        levels.append(expected)
        window.key(pygame.K_ESCAPE)
    assert levels[-1] < first, "who loses meets a weaker one"
    dialog = open_dialog()
    window.click(dialog._players[0].rect.midtop)
    window.click((dialog._players[0].rect.centerx, dialog._players[0].rect.y + 12))
    assert chosen(dialog).pairing == "own", "a level that the person picks is the person's choice"


def test_another_model_and_odds_are_not_paired(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt:my model,level=7"), model="my model", pairing="find")
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog) and dialog._pairing not in dialog.controls
    intent = dialog.intent()
    assert isinstance(intent, StartGame) and not intent.rated and intent.pairing == ""
    window.key(pygame.K_ESCAPE)
    window = open_window((HUMAN, LEVEL), pairing="even")
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog) and dialog._pairing in dialog.controls
    dialog._handicap.chosen = 1
    assert dialog._pairing not in dialog.controls


def test_a_game_that_becomes_one_to_pair_is_paired(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, HUMAN), pairing="find")
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog) and dialog._pairing not in dialog.controls
    window.click((dialog._side.rect.x + 9, dialog._side.rect.centery))
    intent = dialog.intent()
    level = most_telling_level([])
    assert isinstance(intent, StartGame) and intent.players == (HUMAN, f"gpt,level={level}")
    assert intent.rated and intent.pairing == "find"


def test_an_engine_that_is_added_is_the_persons_choice(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, LEVEL), pairing="even")
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog)
    window.app.controller.change(opponents=("uci:engine",))
    dialog.follow(window.app.controller.settings)
    intent = dialog.intent()
    assert isinstance(intent, StartGame) and intent.players == (HUMAN, "uci:engine") and intent.pairing == "own"


def test_the_window_says_that_the_game_is_rated(open_window: OpenWindow, drawn_words: list[str]) -> None:
    open_window((HUMAN, LEVEL), size=(800, 600))
    assert "Rated" not in drawn_words
    rated_window(open_window, size=(800, 600))
    assert "Rated" in drawn_words


def test_a_rematch_counts_too_with_the_sides_exchanged(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    move(window)
    resign(window)
    window.app.carry_out(Command.REMATCH)
    assert window.session.is_rated and window.session.players == (LEVEL, HUMAN)
    window.answer(decided(window.thinker.asked[-1], "h2e2"))
    window.click("h9")
    window.click("g7")
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
    move(window)
    window.app.carry_out(ConfirmResign(RED))
    window.key(pygame.K_ESCAPE)
    window.app.carry_out(Command.FLIP)
    assert len(tried) == 1 and kept() == [] and "tried again" in status(window)
    window.app.controller.clear_notice()
    window.app.carry_out(StartGame((HUMAN, LEVEL)))
    move(window)
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
        move(window)
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
    move(window)
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
            move(window)
            window.app.carry_out(ConfirmResign(RED))
            assert "held by another program" in status(window)
    window.wait(5.0)
    assert len(kept()) == 1


def test_a_damaged_row_keeps_no_result_from_being_kept(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    move(window)
    window.app.carry_out(ConfirmResign(RED))
    with UserStore() as store, store.writing() as connection:
        connection.execute("UPDATE rated_games SET score = 0.7")
    lose(window)
    assert "The result is kept, but" in status(window)
    with UserStore() as store:
        assert [row["score"] for row in store.rows("SELECT score FROM rated_games ORDER BY id")] == [0.7, 0.0]


def test_a_game_that_is_resumed_in_two_windows_counts_once(open_window: OpenWindow) -> None:
    window = rated_window(open_window)
    move(window)
    data = json.loads(json.dumps(game_data(window.session)))
    for words in ("Your rating is now", "was counted already"):
        window = open_window((HUMAN, LEVEL))
        window.app.carry_out(ResumeGame(read_game(data)))
        window.app.carry_out(ConfirmResign(RED))
        assert words in status(window)
    assert len(kept()) == 1


def test_a_game_left_on_any_way_is_lost_once_asked(open_window: OpenWindow) -> None:
    for leave in (PlayFromHere(sure=True), ResumeGame(GameSession((HUMAN, LEVEL)))):
        window = open_window((HUMAN, LEVEL))
        window.app.carry_out(StartGame((HUMAN, LEVEL), rated=True))
        move(window)
        before = len(kept())
        window.app.carry_out(leave)
        assert len(kept()) == before + 1 and kept()[-1].score == 0.0, leave
    window = open_window((HUMAN, LEVEL))
    window.app.carry_out(StartGame((HUMAN, LEVEL), rated=True))
    move(window)
    window.app.carry_out(PlayFromHere())
    assert isinstance(window.app.dialog, Question) and "counts as a loss" in window.app.dialog._question
    window.key(pygame.K_ESCAPE)
    window.app.carry_out(Paste(START_FEN, sure=True))
    assert "no undo" in status(window) and window.session.is_secret


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
    move(window)
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
        lose(window)
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
    side, end = ("红方", "红方认输") if language == "zh" else ("Red", "Red resigned")
    assert all(side in item.text and end in item.text for item in shown._games.items)
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
    lose(window)
    assert "not kept" in status(window) and own_data.read_bytes() == before


def test_my_choice_brings_back_what_was_chosen_before(open_window: OpenWindow, drawn_words: list[str]) -> None:
    window = open_window((HUMAN, LEVEL))
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog)
    cells = dialog._pairing._cells()
    for cell, is_rated in ((cells[2], True), (cells[1], False), (cells[2], True)):
        window.click(cell.center)
        assert chosen(dialog).players != (HUMAN, LEVEL) and chosen(dialog).rated is is_rated
    window.click(cells[0].center)
    assert chosen(dialog).players == (HUMAN, LEVEL) and not chosen(dialog).rated
    for pairing in ("own", "even", "find"):
        assert window.app.screen.texts(f"pair_{pairing}_hint") in drawn_words, "each says what it does"


@pytest.mark.parametrize("pairing", ["own", "even"])
def test_the_next_game_is_rated_as_the_last_was_also_after_a_restart(open_window: OpenWindow, pairing: str) -> None:
    window = open_window((HUMAN, LEVEL))
    window.app.carry_out(StartGame((HUMAN, LEVEL), rated=True, pairing=pairing))
    window.app.carry_out(StartGame((HUMAN, HUMAN), sure=True))
    assert window.app.controller.settings.rated, "two people's game says nothing of it"
    window = open_window((HUMAN, LEVEL), pairing=pairing, rated=True)
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog) and dialog._rated.checked
    window.app.carry_out(StartGame((HUMAN, LEVEL)))
    assert not window.app.controller.settings.rated


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_there_are_no_rated_games_is_said_once(
    open_window: OpenWindow, drawn_words: list[str], language: str
) -> None:
    window = open_window(language=language)
    window.app.carry_out(Command.RATING)
    drawn_words.clear()
    window.app.draw()
    assert "".join(drawn_words).replace(" ", "").count(window.app.screen.texts("rating_none").replace(" ", "")) == 1
