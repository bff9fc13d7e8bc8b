"""Beginning a game: levels, odds, clocks, engines and models added in the window, and the first start."""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window, annotated, asked, decided
from xiangqi_gpt.gui.control.opponents import offered
from xiangqi_gpt.gui.dialogs.analyst_dialog import AnalystDialog
from xiangqi_gpt.gui.dialogs.dialogs import Question, TextDialog
from xiangqi_gpt.gui.dialogs.engine_dialog import EngineDialog
from xiangqi_gpt.gui.dialogs.file_dialog import FileDialog
from xiangqi_gpt.gui.dialogs.first_game import FirstGameDialog
from xiangqi_gpt.gui.dialogs.model_dialog import ModelDialog
from xiangqi_gpt.gui.dialogs.new_game import _RANDOM, NewGameDialog
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.handicaps import HANDICAPS
from xiangqi_gpt.gui.state.intents import AddEngine, ConfirmResign, RemoveEngine, ShowPly, StartGame, UseModel
from xiangqi_gpt.gui.state.languages import LANGUAGES
from xiangqi_gpt.gui.state.saving import record_of
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.state.settings import Settings, Store
from xiangqi_gpt.gui.worker.messages import Annotate, Failed, Ready, Think, ThinkingTime

from xiangqi_gpt.players.levels import LEVELS, SHOWN_ELO, at_its_best
from xiangqi_gpt.players.spec import parse_spec
from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.rules import BLACK, RED, Board, Termination
from xiangqi_gpt.rules.pieces import color_of, square_name

OpenWindow = Callable[..., Window]


def keys(window: Window, *codes: int) -> None:
    for code in codes:
        window.key(code)


def test_the_first_start_asks_for_level_and_side_and_plays_at_once(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    window.app.open_startup_dialogs(None, True, None, None)
    assert isinstance(window.app.dialog, FirstGameDialog)
    keys(window, pygame.K_DOWN, pygame.K_TAB, pygame.K_RIGHT, pygame.K_RETURN)
    assert window.session.players == ("gpt,level=8", HUMAN)
    assert window.thinker.asked[-1].spec == "gpt,level=8" and window.app.dialog is None


def test_later_leaves_the_marked_opponent_on_the_board_and_the_move_to_the_person(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    window.app.open_startup_dialogs(None, True, None, None)
    dialog = window.app.dialog
    assert isinstance(dialog, FirstGameDialog)
    keys(window, pygame.K_DOWN, pygame.K_TAB, pygame.K_RIGHT)
    window.click(dialog.no.rect.center)
    assert window.app.dialog is None and window.session.players == (HUMAN, f"gpt,level={dialog.level}")
    assert not window.session.is_rated and window.session.may_move


def test_the_first_game_can_be_rated(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    window.app.open_startup_dialogs(None, True, None, None)
    window.app.draw()
    dialog = window.app.dialog
    assert isinstance(dialog, FirstGameDialog)
    window.click(dialog._rated.rect.center)
    window.key(pygame.K_RETURN)
    assert window.session.is_rated and window.app.controller.settings.rated


@pytest.mark.parametrize(("height", "least"), [(600, 5), (860, 11), (1300, 20)])
def test_a_high_window_shows_more_levels_at_once(open_window: OpenWindow, height: int, least: int) -> None:
    window = open_window((HUMAN, "gpt,level=7"), size=(1180, height))
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog)
    assert dialog._players[0].rect.height // dialog._players[0]._row >= least
    assert window.surface.get_rect().contains(dialog.rect)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_start_shows_what_each_level_is_and_a_double_click_starts(
    open_window: OpenWindow, language: str
) -> None:
    window = open_window((HUMAN, "gpt"), language=language)
    window.app.open_startup_dialogs(None, True, None, None)
    window.app.step()
    dialog = window.app.dialog
    assert isinstance(dialog, FirstGameDialog)
    for item, (number, level) in zip(dialog._level.items, LEVELS.items(), strict=True):
        assert str(number) in item.text and f" {SHOWN_ELO + level.elo}" in item.note
    rows = dialog._level.rect
    for _ in range(2):
        window.click((rows.x + 20, rows.y + 10))
    assert window.session.players == (HUMAN, f"gpt,level={dialog.level}") and window.app.dialog is None


def test_every_player_offered_can_be_loaded_and_is_named(open_window: OpenWindow) -> None:
    texts = open_window().app.screen.texts
    specs = offered(Settings(model="runs/mine", opponents=("uci:fairy,movetime=1000",)), (HUMAN, "gpt"))
    assert [parse_spec(spec).name for spec in specs].count("gpt") == 21
    assert len({texts.offered(spec) for spec in specs}) == len(specs)
    assert texts.player("gpt,level=3") == "GPT · Level 3"
    assert texts.about_player("uci:/x/fairy,movetime=1000") == "UCI engine, 1 s a move"


@pytest.mark.parametrize(
    ("spec", "best"),
    [
        ("gpt,level=2", "gpt"),
        ("gpt:a/b,level=9", "gpt:a/b"),
        ("uci:x,movetime=10", "uci:x,movetime=10"),
        ("gpt", "gpt"),
    ],
)
def test_advice_comes_from_the_model_at_its_best(spec: str, best: str) -> None:
    assert at_its_best(spec) == best


def test_odds_take_pieces_from_red_alone() -> None:
    counts = []
    for handicap in HANDICAPS:
        board = Board(handicap.fen)
        pieces = [piece for piece in board.squares.tolist() if piece]
        assert board.turn == RED and sum(color_of(piece) != RED for piece in pieces) == 16
        counts.append(16 - sum(color_of(piece) == RED for piece in pieces))
    assert counts == [0, 1, 1, 1, 2, 2, 2, 9]


def test_odds_and_a_clock_are_chosen_in_the_dialog(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"))
    window.key(pygame.K_n)
    keys(
        window,
        *[pygame.K_TAB] * 4,
        pygame.K_RIGHT,
        pygame.K_TAB,
        pygame.K_TAB,
        pygame.K_RIGHT,
        pygame.K_RIGHT,
        pygame.K_RETURN,
    )
    assert window.session.start_fen.split()[0].endswith("R1BAKABNR")
    assert window.session.clock is not None and str(window.session.clock.control) == "600+3x30"
    window.key(pygame.K_n)
    window.key(pygame.K_RETURN)
    assert window.session.clock is not None, "the clock of the last game is proposed again"


def test_time_for_each_move_is_chosen_in_the_dialog(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"))
    window.key(pygame.K_n)
    keys(window, *[pygame.K_TAB] * 5, *[pygame.K_RIGHT] * 3, pygame.K_TAB, pygame.K_LEFT, pygame.K_RETURN)
    clock = window.session.clock
    assert clock is not None and clock.control == TimeControl(0, periods=1, period=20)
    window.click("h2")
    window.click("e2")
    (request,) = asked(window.thinker, Think)
    assert request.time == ThinkingTime(16.0), "the computer has four fifths of it"
    window.answer(decided(request, "h9g7"))
    window.wait(18.0)
    assert window.session.outcome is None
    window.wait(3.0)
    assert window.session.outcome is not None and window.session.outcome.termination is Termination.TIME
    window.key(pygame.K_n)
    window.key(pygame.K_RETURN)
    assert window.session.clock is not None and window.session.clock.control.is_per_move


def test_a_model_can_be_watched_against_another_player(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt,level=7"))
    window.key(pygame.K_n)
    keys(window, *[pygame.K_RIGHT] * 4, pygame.K_TAB, pygame.K_DOWN, pygame.K_RETURN)
    assert window.session.players == ("gpt,level=8", "gpt,level=7")


def test_an_engine_is_tried_out_in_every_protocol_and_the_dialog_says_what_is_wrong(open_window: OpenWindow) -> None:
    window = open_window()
    window.app.carry_out(Command.ADD_ENGINE)
    dialog = window.app.dialog
    assert isinstance(dialog, EngineDialog)
    window.type("/opt/engine")
    window.key(pygame.K_RETURN)
    for protocol in ("uci", "ucci", "xboard"):
        spec = f"{protocol}:/opt/engine,movetime=1000,timeout=8"
        assert window.thinker.loaded[-1] == spec and dialog.busy
        window.answer(Failed(spec, None, ErrorReport("engine_silent", "", {"name": spec})))
    assert window.app.dialog is dialog and not dialog.busy
    assert dialog.error == "engine answers to none of the protocols UCI, UCCI and XBoard"
    assert window.app.controller.settings.opponents == () and dialog.field.text == "/opt/engine"
    window.key(pygame.K_RETURN)
    window.answer(
        Failed("uci:/opt/engine,movetime=1000,timeout=8", None, ErrorReport("engine_silent", "no answer in time"))
    )
    window.answer(Ready("ucci:/opt/engine,movetime=1000,timeout=8", "Engine 1"))
    spec = "ucci:/opt/engine,movetime=1000"
    assert window.app.controller.settings.opponents == (spec,)
    assert isinstance(window.app.dialog, NewGameDialog) and spec in window.app.dialog._specs


def test_a_program_that_is_not_there_is_not_tried_in_other_protocols(open_window: OpenWindow) -> None:
    window = open_window()
    window.app.carry_out(Command.ADD_ENGINE)
    window.type("nowhere")
    window.key(pygame.K_RETURN)
    window.answer(Failed(window.thinker.loaded[-1], None, ErrorReport("engine_missing", "", {"name": "nowhere"})))
    assert len(window.thinker.loaded) == 1
    assert (
        isinstance(window.app.dialog, EngineDialog) and window.app.dialog.error == "There is no such program: nowhere"
    )


def test_adding_an_engine_keeps_what_was_chosen_for_the_new_game_and_chooses_the_engine(
    open_window: OpenWindow,
) -> None:
    window = open_window((HUMAN, "greedy"))
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog)
    keys(window, *[pygame.K_TAB] * 5, pygame.K_RIGHT)
    keys(window, *[pygame.K_TAB] * 10)
    window.click(dialog._engine.rect.center)
    assert isinstance(window.app.dialog, EngineDialog)
    window.type("/opt/engine")
    window.key(pygame.K_RETURN)
    window.answer(Ready(window.thinker.loaded[-1], "Engine"))
    assert window.app.dialog is dialog
    clock = dialog._clock.clock
    window.key(pygame.K_RETURN)
    assert window.session.players[1] == "uci:/opt/engine,movetime=1000"
    assert clock and str(window.session.clock.control) == clock  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("presses", "spec"),
    [(1, "uci:/e,nodes=10000"), (3, "uci:/e,nodes=100")],
)
def test_an_engines_strength_is_set_in_the_dialog(open_window: OpenWindow, presses: int, spec: str) -> None:
    window = open_window()
    window.app.carry_out(Command.ADD_ENGINE)
    window.type("/e")
    keys(window, pygame.K_TAB, pygame.K_TAB, *[pygame.K_RIGHT] * presses, pygame.K_RETURN)
    assert window.thinker.loaded[-1] == f"{spec},timeout=8"


def test_a_wrong_model_is_said_in_the_dialog(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    window.app.carry_out(Command.CHOOSE_MODEL)
    window.type("nowhere")
    window.key(pygame.K_RETURN)
    window.answer(Failed("gpt:nowhere", None, ErrorReport("model_missing", "", {"name": "nowhere"})))
    assert isinstance(window.app.dialog, ModelDialog) and window.app.dialog.error == "There is no such model: nowhere"
    window.key(pygame.K_ESCAPE)
    assert window.app.controller.settings.model == ""


def test_an_analyst_is_kept_only_when_it_has_started(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    window.click("h2")
    window.click("e2")
    window.key(pygame.K_TAB)
    window.key(pygame.K_e, pygame.KMOD_CTRL)
    assert isinstance(window.app.dialog, AnalystDialog)
    window.key(pygame.K_TAB)
    window.type("fairy-stockfish")
    window.key(pygame.K_RETURN)
    spec = "uci:fairy-stockfish,movetime=1000"
    assert window.thinker.loaded[-1] == f"{spec},timeout=8"
    assert Store(tmp_path, tmp_path).load_settings()[0].analyst == ""
    window.answer(Ready(f"{spec},timeout=8", "Fairy-Stockfish"))
    assert window.app.dialog is None
    assert Store(tmp_path, tmp_path).load_settings()[0].analyst == spec
    assert asked(window.thinker, Annotate)[-1].deep == spec


def test_nonsense_as_an_analyst_is_said_in_the_dialog_and_forgotten(open_window: OpenWindow) -> None:
    window = open_window()
    window.key(pygame.K_TAB)
    window.key(pygame.K_e, pygame.KMOD_CTRL)
    window.key(pygame.K_TAB)
    window.type("uci:")
    window.key(pygame.K_RETURN)
    window.answer(Failed("uci:", None, ErrorReport("player", "player 'uci:': which program?")))
    assert isinstance(window.app.dialog, AnalystDialog) and "which program?" in window.app.dialog.error
    assert window.app.controller.settings.analyst == ""


def test_engines_that_were_added_are_offered_as_analysts(open_window: OpenWindow) -> None:
    window = open_window(opponents=("uci:/opt/engine,movetime=1000",))
    window.key(pygame.K_TAB)
    window.key(pygame.K_e, pygame.KMOD_CTRL)
    keys(window, pygame.K_DOWN, pygame.K_DOWN, pygame.K_RETURN)
    assert window.thinker.loaded[-1] == "uci:/opt/engine,movetime=1000"


def test_where_the_analyst_fails_the_model_goes_on_alone(open_window: OpenWindow) -> None:
    window = open_window(analyst="fairy-stockfish")
    window.click("h2")
    window.click("e2")
    window.key(pygame.K_TAB)
    request = asked(window.thinker, Annotate)[-1]
    assert request.deep == "fairy-stockfish"
    window.answer(Failed("gpt", request.number, ErrorReport("player_unknown", "unknown player 'fairy-stockfish'")))
    again = asked(window.thinker, Annotate)[-1]
    assert again is not request and again.deep == ""


def test_a_program_is_looked_for_in_folders(open_window: OpenWindow, tmp_path: Path) -> None:
    program = tmp_path / "engine"
    program.touch(mode=0o755)
    (tmp_path / "notes.txt").touch(mode=0o644)
    window = open_window(folder=str(tmp_path))
    window.app.carry_out(Command.ADD_ENGINE)
    dialog = window.app.dialog
    assert isinstance(dialog, EngineDialog)
    window.app.draw()
    window.click(dialog.browse.rect.center)
    assert isinstance(window.app.dialog, FileDialog)
    assert [item.text for item in window.app.dialog.list.items if item.icon == "file"] == ["engine"]
    window.key(pygame.K_RETURN)
    assert window.app.dialog is dialog and dialog.field.text == str(program)


def test_a_typed_move_that_cannot_be_is_said_in_its_dialog(open_window: OpenWindow) -> None:
    window = open_window()
    window.key(pygame.K_m)
    window.type("nonsense")
    window.key(pygame.K_RETURN)
    assert isinstance(window.app.dialog, TextDialog) and window.app.dialog.error == "Not a move: nonsense"
    window.key(pygame.K_a, pygame.KMOD_CTRL)
    window.type("C2.5")
    window.key(pygame.K_RETURN)
    assert window.app.dialog is None and window.session.ply_count == 1


def test_an_engine_is_taken_out_after_a_question_and_the_model_goes_on(open_window: OpenWindow, tmp_path: Path) -> None:
    spec = "uci:/opt/engine,movetime=1000"
    window = open_window((HUMAN, spec), opponents=(spec,))
    window.app.controller.change(players=(HUMAN, spec))
    window.click("h2")
    window.click("e2")
    assert window.thinker.open[-1].spec == spec
    keys(window, pygame.K_n, pygame.K_TAB, pygame.K_DELETE)
    assert isinstance(window.app.dialog, Question)
    keys(window, pygame.K_ESCAPE)
    assert window.app.controller.settings.opponents == (spec,), "the person thought better of it"
    keys(window, *[pygame.K_TAB] * 3, pygame.K_RETURN)
    keys(window, pygame.K_RETURN)
    settings, _ = Store(tmp_path, tmp_path).load_settings()
    assert settings.opponents == () and settings.players == (HUMAN, "gpt")
    assert window.thinker.unloaded == [spec] and [asked.spec for asked in window.thinker.open] == ["gpt"]
    assert window.session.players == (HUMAN, "gpt") and window.session.ply_count == 1
    assert isinstance(window.app.dialog, NewGameDialog) and spec not in window.app.dialog._specs


def test_the_model_gives_its_mind_when_the_engine_that_was_asked_is_taken_out(open_window: OpenWindow) -> None:
    spec = "uci:/opt/engine,movetime=1000"
    window = open_window((HUMAN, spec), opponents=(spec,), show_ideas=True)
    assert [request.spec for request in asked(window.thinker, Think)] == [spec]
    window.app.carry_out(RemoveEngine(spec, sure=True))
    assert [request.spec for request in asked(window.thinker, Think)] == ["gpt"]


def test_an_engine_that_is_the_second_analyst_too_is_taken_out_of_everything(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    spec = "uci:/opt/engine,movetime=1000"
    window = open_window((HUMAN, spec), opponents=(spec,), analyst=spec)
    window.click("h2")
    window.click("e2")
    window.answer(decided(asked(window.thinker, Think)[-1], "h9g7"))
    window.key(pygame.K_TAB)
    assert asked(window.thinker, Annotate)[-1].deep == spec
    window.app.carry_out(RemoveEngine(spec, sure=True))
    settings, _ = Store(tmp_path, tmp_path).load_settings()
    assert settings.analyst == "" and settings.opponents == () and window.thinker.unloaded == [spec]
    annotating = asked(window.thinker, Annotate)
    assert [(request.spec, request.deep) for request in annotating] == [("gpt", "")], "the model goes on alone"
    window.answer(annotated(annotating[0]))
    assert len(window.app.controller.analysis.study.notes) == 2
    assert not [
        request for request in window.thinker.asked[-3:] if spec in (request.spec, getattr(request, "deep", ""))
    ]


def test_who_was_taken_out_is_not_asked_about_a_game_it_has_played(open_window: OpenWindow) -> None:
    spec = "uci:/opt/engine,movetime=1000"
    window = open_window((HUMAN, spec), opponents=(spec,), show_ideas=True)
    window.click("h2")
    window.click("e2")
    window.app.carry_out(ConfirmResign(RED))
    window.app.carry_out(RemoveEngine(spec, sure=True))
    before = len(window.thinker.asked)
    window.key(pygame.K_ESCAPE)
    window.app.carry_out(ShowPly(0))
    assert {request.spec for request in window.thinker.asked[before:]} == {"gpt"}
    window.app.carry_out(AddEngine(spec))
    window.answer(Ready(spec, "Engine"))
    window.key(pygame.K_ESCAPE)
    window.app.carry_out(ShowPly(1))
    window.app.carry_out(ShowPly(0))
    assert window.thinker.open[-1].spec == spec, "unless it is added again"


def test_who_was_not_added_cannot_be_taken_out(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"), opponents=("uci:/opt/engine,movetime=1000",))
    keys(window, pygame.K_n, pygame.K_TAB, pygame.K_DELETE)
    assert isinstance(window.app.dialog, NewGameDialog)


def test_a_game_that_is_over_keeps_its_players_names(open_window: OpenWindow) -> None:
    spec = "uci:/opt/engine,movetime=1000"
    window = open_window((HUMAN, spec), opponents=(spec,))
    window.app.carry_out(ConfirmResign(RED))
    window.app.carry_out(RemoveEngine(spec, sure=True))
    assert window.session.players == (HUMAN, spec)
    assert isinstance(window.app.dialog, NewGameDialog) and spec not in window.app.dialog._specs


def test_another_model_takes_over_the_levels(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    window.app.carry_out(UseModel("runs/mine"))
    window.answer(Failed("gpt:runs/mine", None, ErrorReport("model", "no config.json")))
    assert window.app.controller.settings.model == "" and "no config.json" in window.status
    window.app.carry_out(UseModel("runs/mine"))
    window.answer(Ready("gpt:runs/mine", "mine"))
    assert window.app.controller.settings.model == "runs/mine"
    assert isinstance(window.app.dialog, NewGameDialog) and "gpt:runs/mine,level=20" in window.app.dialog._specs


@pytest.mark.parametrize(
    "size", [(800, 600), *(pytest.param(size, marks=pytest.mark.slow) for size in ((1180, 860), (2360, 1720)))]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_dialogs_fit_and_cut_no_words(
    open_window: OpenWindow, cut_words: list[str], language: str, size: tuple[int, int]
) -> None:
    window = open_window((HUMAN, "gpt,level=3"), size=size, language=language)
    window.app.open_startup_dialogs(None, True, None, None)
    keys(window, *[pygame.K_RIGHT] * 10, pygame.K_ESCAPE)
    window.app.carry_out(StartGame((HUMAN, "gpt,level=20"), HANDICAPS[-1].fen, "5400+3x30"))
    window.key(pygame.K_n)
    assert window.app.dialog is not None and window.surface.get_rect().contains(window.app.dialog.rect)
    keys(window, *[pygame.K_RIGHT] * 5, *[pygame.K_TAB] * 4, *[pygame.K_RIGHT] * 7, pygame.K_ESCAPE)
    window.app.carry_out(Command.ADD_ENGINE)
    keys(window, pygame.K_ESCAPE)
    window.app.carry_out(Command.CHOOSE_MODEL)
    keys(window, pygame.K_ESCAPE)
    window.app.controller.change(opponents=("uci:fairy-stockfish,movetime=1000",))
    keys(window, pygame.K_n, pygame.K_TAB, pygame.K_DOWN, pygame.K_DOWN, pygame.K_DELETE)
    assert isinstance(window.app.dialog, Question)
    keys(window, pygame.K_ESCAPE, pygame.K_ESCAPE, pygame.K_TAB)
    window.key(pygame.K_e, pygame.KMOD_CTRL)
    assert isinstance(window.app.dialog, AnalystDialog)
    assert cut_words == []


def test_two_lists_beside_each_other_have_no_explanations_from_the_start(open_window: OpenWindow) -> None:
    texts = open_window().app.screen.texts
    watched = NewGameDialog(texts, ("gpt,level=20", "gpt,level=3"), Settings())
    assert not any(item.note for players in watched._players for item in players.items), "they would be cut off"
    alone = NewGameDialog(texts, (HUMAN, "gpt,level=3"), Settings())
    assert all(item.note for item in alone._players[0].items)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_side_can_be_left_to_chance(open_window: OpenWindow, seed: int) -> None:
    texts, chance = open_window().app.screen.texts, random.Random(seed)
    dialog = NewGameDialog(texts, (HUMAN, "greedy"), Settings(), random.Random(seed))
    dialog._side.chosen = _RANDOM
    intent = dialog.intent()
    assert isinstance(intent, StartGame)
    assert intent.players.index(HUMAN) == chance.choice((RED, BLACK))


def test_two_people_have_names_on_the_board_in_the_record_and_after_a_restart(
    open_window: OpenWindow, tmp_path: Path, drawn_words: list[str]
) -> None:
    window = open_window()
    window.key(pygame.K_n)
    keys(window, pygame.K_TAB)
    window.type("胡荣华")
    keys(window, pygame.K_TAB)
    window.type("Anna")
    drawn_words.clear()
    window.key(pygame.K_RETURN)
    assert {"胡荣华", "Anna"} <= set(drawn_words)
    record = record_of(window.session, window.app.screen.texts, datetime.date(2026, 1, 1))
    assert (record.tags["Red"], record.tags["Black"]) == ("胡荣华", "Anna")
    window.click("h2")
    window.click("e2")
    store = Store(tmp_path, tmp_path)
    again, _ = store.load_game()
    assert again is not None and again.names == ("胡荣华", "Anna")
    assert store.load_settings()[0].names == ("胡荣华", "Anna")


def test_a_rematch_exchanges_the_colours_but_not_at_odds(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"))
    window.app.carry_out(StartGame((HUMAN, "greedy"), clock="600+5"))
    window.app.carry_out(ConfirmResign(RED))
    window.app.draw()
    window.click(window.app.screen.banner.rematch.rect.center)
    assert window.session.players == ("greedy", HUMAN) and window.session.outcome is None
    assert window.app.controller.settings.flipped and str(window.session.clock.control) == "600+5"  # type: ignore[union-attr]
    window.app.carry_out(StartGame((HUMAN, "greedy"), HANDICAPS[3].fen))
    window.app.carry_out(Command.REMATCH)
    assert window.session.players == (HUMAN, "greedy") and window.session.start_fen == Board(HANDICAPS[3].fen).fen()


def test_either_side_can_give_odds(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt,level=3"))
    window.key(pygame.K_n)
    dialog = window.app.dialog
    assert isinstance(dialog, NewGameDialog) and dialog._giver not in dialog.controls
    window.click((dialog._handicap.rect.right - 8, dialog._handicap.rect.centery))
    window.click(dialog._giver._cells()[1].center)
    window.key(pygame.K_RETURN)
    board = window.session.shown_board
    missing = [square for square in range(90) if Board().piece_at(square) and not board.piece_at(square)]
    assert [square_name(square) for square in missing] == ["h9"] and board.turn == RED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_level_says_its_elo_as_the_page_has_it(language: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "levels.md").read_text("utf-8")
    found = dict(re.findall(r"^\| (\d+) \| ([+−]\d+) \|", page, re.MULTILINE))
    assert len(found) == 20
    texts = Texts(language)
    for level, elo in found.items():
        shown = 1500 + int(elo.replace("−", "-"))
        assert f"{'等级分' if language == 'zh' else 'Elo'} {shown}" in texts.about_player(f"gpt,level={level}")
    assert len({texts.about_player(f"gpt,level={level}") for level in found}) == 20


def test_slow_pieces_slide_for_longer(open_window: OpenWindow) -> None:
    lasting = []
    for speed in ("slow", "fast"):
        window = open_window(animation=True, speed=speed)
        window.click("h2")
        window.click("e2")
        start = window.clock.now
        while window.app.screen.board.is_animating(window.clock.now):
            window.wait(0.01)
        lasting.append(window.clock.now - start)
    assert lasting[0] > 3 * lasting[1] > 0
