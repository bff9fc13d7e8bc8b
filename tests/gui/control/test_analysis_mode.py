"""Analyse and Set-up mode as the controller carries them out: what is asked, when, and what becomes of the answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from gui_helpers import FakeThinker, annotated, asked, decided, games_read
from xiangqi_gpt.gui.control.controller import Controller
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.error_report import ErrorReport, report
from xiangqi_gpt.gui.state.intents import (
    ChooseGame,
    Intent,
    MovePiece,
    OpenRecord,
    Paste,
    Place,
    PlayText,
    SetAnalyst,
    ShowPly,
    SwitchMode,
    TryMove,
)
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.move_notes import Insight
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Settings
from xiangqi_gpt.gui.worker.messages import Annotate, Crashed, Failed, Look, Looked, Read, Ready, Think

from xiangqi_gpt.records import Game, format_pgn
from xiangqi_gpt.records.openings.position_index import PositionIndex, PositionIndexError
from xiangqi_gpt.rules import START_FEN, Move
from xiangqi_gpt.rules.pieces import PAWN

NOW = 50.0
GAME = Game(moves=[Move.from_iccs(iccs) for iccs in ("h2e2", "h9g7", "h0g2", "i9h9")], tags={"Red": "A"})


def made(**settings: object) -> tuple[Controller, FakeThinker]:
    thinker = FakeThinker()
    chosen = Settings(**{"language": "en", "notation": "iccs", **settings})  # type: ignore[arg-type]
    controller = Controller(GameSession((HUMAN, "gpt:mine")), chosen, thinker)
    controller.sync_requests(NOW)
    return controller, thinker


def opened(**settings: object) -> tuple[Controller, FakeThinker]:
    """Analyse mode with a game of a file."""
    controller, thinker = made(**settings)
    controller.apply(OpenRecord("game.pgn"), NOW)
    controller.answer(games_read(asked(thinker, Read)[0], GAME, Game(moves=GAME.moves[:2])), NOW)
    return controller, thinker


def do(controller: Controller, *intents: Intent) -> None:
    for intent in intents:
        controller.apply(intent, NOW)


def play(controller: Controller, iccs: str) -> None:
    move = Move.from_iccs(iccs)
    controller.apply(TryMove(move.from_square, move.to_square), NOW)


def status(controller: Controller, language: str = "en") -> str:
    return controller.scene(Texts(language), NOW).status


# --- modes


def test_tab_goes_to_analysis_and_back_and_nothing_is_lost() -> None:
    controller, thinker = made()
    play(controller, "h2e2")
    do(controller, Command.SWITCH_MODE)
    assert controller.mode is Mode.ANALYSE
    assert [str(move) for move in controller.analysis.study.main_moves] == ["h2e2"]
    answer = next(request for request in asked(thinker, Think) if request.spec == "gpt:mine")
    controller.answer(decided(answer, "h9g7"), NOW + 1)
    controller.tick(NOW + 2)
    assert controller.session.ply_count == 2, "the opponent's move is played meanwhile"
    assert len(controller.analysis.study.main_moves) == 2, "and the analysis follows"
    do(controller, Command.SWITCH_MODE)
    assert controller.mode is Mode.PLAY and controller.session.may_move


def test_nothing_is_analysed_while_playing() -> None:
    controller, thinker = made()
    play(controller, "h2e2")
    assert not asked(thinker, Annotate) and not asked(thinker, Look)


def test_a_study_waits_while_something_else_is_done() -> None:
    controller, _ = opened()
    do(controller, ShowPly(1))
    play(controller, "b9c7")
    do(controller, SwitchMode(Mode.PLAY), SwitchMode(Mode.SETUP), SwitchMode(Mode.ANALYSE))
    assert controller.analysis.study.tag("Red") == "A" and not controller.analysis.study.is_on_main_line


# --- records


def test_the_first_game_of_a_file_is_analysed_and_another_can_be_chosen() -> None:
    controller, _ = opened()
    assert controller.mode is Mode.ANALYSE and status(controller) == "Games read: 2"
    assert len(controller.analysis.study.main_moves) == 4
    do(controller, ChooseGame(1))
    assert len(controller.analysis.study.main_moves) == 2
    do(controller, ChooseGame(None))
    assert controller.analysis.study.follows_game


def test_a_file_that_cannot_be_read_leaves_everything_as_it_was() -> None:
    controller, thinker = made()
    do(controller, OpenRecord("broken.xqf"))
    (request,) = asked(thinker, Read)
    controller.answer(Failed("broken.xqf", request.number, ErrorReport("record_none", "broken.xqf: not XQF")), NOW)
    assert controller.mode is Mode.PLAY and not controller.analysis.file.is_reading
    assert status(controller) == "This is no game record: broken.xqf: not XQF"
    assert status(controller, "zh") == "这个文件不是棋谱"


def test_the_clipboards_kind_is_recognised() -> None:
    controller, thinker = made()
    do(controller, Paste(format_pgn(GAME)))
    (request,) = asked(thinker, Read)
    assert "h2e2" in request.text.lower().replace("-", "")
    do(controller, Paste("3k5/9/9/9/9/9/9/9/9/4K4 w"))
    assert controller.session.start_fen.startswith("3k5/")
    do(controller, Paste("  "))
    assert "no text" in status(controller)


# --- the model


def test_a_game_is_annotated_and_its_positions_are_thought_about() -> None:
    controller, thinker = opened()
    (request,) = asked(thinker, Annotate)
    assert request.spec == "gpt:mine" and len(request.position.moves) == 4 and request.deep == ""
    assert controller.analysis.progress == 0.0
    controller.clear_notice()
    assert "Getting ready" in status(controller), "at the first start it compiles for a minute"
    done = annotated(request, judgement="blunder", loss=0.31)
    do(controller, Command.FIRST)
    for share, words in ((0.0, "First look done"), (0.4, "Analysing the game: 40%")):
        controller.answer(replace(done, done=False, share=share), NOW)
        assert words in status(controller)
    controller.answer(done, NOW)
    assert controller.analysis.progress is None
    do(controller, Command.NEXT_MISTAKE)
    assert controller.analysis.study.shown == 4
    controller.tick(NOW + 60)
    assert status(controller) == "Blunder: 31 points lost"
    do(controller, Command.NEXT_MISTAKE)
    assert status(controller) == "No more mistakes in this direction"


def test_only_the_shown_position_is_asked_about() -> None:
    controller, thinker = opened()
    first = asked(thinker, Think)[-1]
    do(controller, ShowPly(2))
    assert first.number in thinker.cancelled and len(asked(thinker, Think)[-1].position.moves) == 2
    look = asked(thinker, Look)[-1]
    controller.answer(Looked(look.number, Insight("C64", (1, 2, 3, 0))), NOW)
    assert controller.analysis.study.insight is not None and controller.analysis.study.insight.opening == "C64"
    looks = sum(isinstance(request, Look) for request in thinker.asked)
    do(controller, ShowPly(1), ShowPly(2))
    assert sum(isinstance(request, Look) for request in thinker.asked) == looks + 1, "what is known is kept"


def test_a_tried_move_is_answered_by_the_model() -> None:
    controller, thinker = opened()
    do(controller, Command.REPLY, ShowPly(1))
    play(controller, "b9c7")
    request = asked(thinker, Think)[-1]
    assert [str(move) for move in request.position.moves] == ["h2e2", "b9c7"]
    controller.answer(decided(request, "b0c2"), NOW)
    assert controller.analysis.study.last_move == Move.from_iccs("b0c2")
    do(controller, Command.REPLY, ShowPly(1), PlayText("g6g5"))
    controller.answer(decided(asked(thinker, Think)[-1], "b0c2"), NOW)
    assert controller.analysis.study.last_move == Move.from_iccs("g6g5"), "no answer once that is switched off"


def test_following_the_game_is_no_variation() -> None:
    controller, thinker = opened()
    play(controller, "h2e2")
    controller.answer(decided(asked(thinker, Think)[-1], "b9c7"), NOW)
    assert controller.analysis.study.last_move == Move.from_iccs("h2e2")


def test_a_refused_move_says_why_here_too() -> None:
    controller, _ = opened()
    play(controller, "b0d1")
    assert "leg is blocked" in status(controller)


def test_heat_takes_the_place_of_arrows() -> None:
    controller, thinker = opened()
    policy = {Move.from_iccs("h2e2"): 0.6, Move.from_iccs("h2d2"): 0.3}
    controller.answer(decided(asked(thinker, Think)[-1], "h2e2", policy=policy), NOW)
    assert len(controller.scene(Texts("en"), NOW).arrows) == 2
    do(controller, Command.HEAT)
    scene = controller.scene(Texts("en"), NOW)
    assert not scene.arrows and scene.analysis.sources[Move.from_iccs("h2e2").from_square] == pytest.approx(0.9)


def test_a_second_analyst_judges_the_game_anew() -> None:
    controller, thinker = opened()
    controller.answer(annotated(asked(thinker, Annotate)[0]), NOW)
    do(controller, SetAnalyst("uci:engine,nodes=9"))
    controller.answer(Ready("uci:engine,nodes=9", "engine"), NOW)
    assert asked(thinker, Annotate)[-1].deep == "uci:engine,nodes=9"
    controller.answer(
        Failed("uci:engine,nodes=9", asked(thinker, Annotate)[-1].number, ErrorReport("engine", "gone")), NOW
    )
    assert status(controller) == "The engine failed: gone"
    assert [request.deep for request in asked(thinker, Annotate)][1:] == ["uci:engine,nodes=9", ""]
    do(controller, ShowPly(1))
    assert len(asked(thinker, Annotate)) == 3, "what failed is not asked for again and again"


def test_choosing_the_same_analyst_again_keeps_the_review() -> None:
    controller, thinker = opened()
    controller.answer(annotated(asked(thinker, Annotate)[0]), NOW)
    do(controller, SetAnalyst(""))
    assert len(controller.analysis.study.notes) == 4 and len(asked(thinker, Annotate)) == 1


def test_an_analyst_that_failed_is_asked_again_once_it_is_chosen_anew() -> None:
    engine = "uci:engine,nodes=9"
    controller, thinker = opened(analyst=engine)
    controller.answer(Failed(engine, asked(thinker, Annotate)[-1].number, ErrorReport("engine", "gone")), NOW)
    assert asked(thinker, Annotate)[-1].deep == ""
    do(controller, SetAnalyst(""), SetAnalyst(engine))
    controller.answer(Ready(engine, "engine"), NOW)
    assert asked(thinker, Annotate)[-1].deep == engine


def test_a_position_index_that_has_gone_gives_way_to_what_ships(tmp_path: Path) -> None:
    controller, thinker = opened(index=str(tmp_path / "gone"))
    look, think = asked(thinker, Look)[-1], asked(thinker, Think)[-1]
    with pytest.raises(PositionIndexError) as caught:
        PositionIndex(look.index)
    controller.answer(Failed(look.spec, look.number, report(caught.value, look.spec)), NOW)
    assert status(controller, "zh") == "开局库的索引不存在、已损坏或版本不符"
    assert think.number not in thinker.cancelled, "the model is still asked"
    again = asked(thinker, Look)[-1]
    assert again.number != look.number and not again.index and not controller.scene(Texts("en"), NOW).analysis.index
    controller.answer(Failed(again.spec, again.number, ErrorReport("bug", "odd")), NOW)
    assert asked(thinker, Look)[-1] is again, "once is enough"
    do(controller, ShowPly(1))
    assert asked(thinker, Look)[-1].index == "" and len(asked(thinker, Think)[-1].position.moves) == 1


def test_after_a_lasting_crash_nothing_is_asked_until_something_is_wanted() -> None:
    controller, thinker = opened()
    before = len(thinker.asked)
    controller.answer(Crashed(False), NOW)
    assert len(thinker.asked) == before
    do(controller, ShowPly(1))
    assert len(thinker.asked) > before


# --- guessing


def test_the_masters_moves_are_guessed_for_points() -> None:
    controller, _ = opened()
    do(controller, Command.GUESS)
    assert controller.scene(Texts("en"), NOW).arrows == []
    play(controller, "h2e2")
    assert status(controller) == "Right: h2e2 · 1 of 1 right, 3 points" and controller.analysis.study.shown == 2, (
        "Black's reply is shown too"
    )
    play(controller, "b0c2")
    assert status(controller) == "Not b0c2: try once more" and controller.analysis.study.shown == 2
    play(controller, "b0a2")
    assert "Guessing is over" in status(controller) and controller.analysis.guessing is None
    assert not controller.analysis.study.edited, "a guess is no variation"


# --- setting up


def test_a_position_is_set_up_and_analysed() -> None:
    controller, _ = made()
    do(controller, Command.SETUP)
    assert controller.setup.editor.fen() == START_FEN
    do(controller, Place(0, 0), SwitchMode(Mode.ANALYSE))
    assert controller.mode is Mode.ANALYSE and controller.analysis.study.start_fen.endswith("1NBAKABNR w - - 0 1")


def test_an_unsound_position_is_not_left_for_a_game_and_says_why() -> None:
    controller, _ = made()
    do(controller, Command.SETUP, Place(4, 0), SwitchMode(Mode.ANALYSE))
    assert controller.mode is Mode.SETUP and status(controller) == "Red has no king"
    assert status(controller, "zh") == "红方没有帅"
    do(controller, SwitchMode(Mode.PLAY), Command.SETUP)
    assert status(controller) == "Red has no king", "the position is as it was left"


def test_play_goes_on_from_a_position() -> None:
    controller, thinker = made()
    do(controller, Command.SETUP, Command.CLEAR_BOARD, MovePiece(4, 5), Place(40, PAWN), Command.SIDE_TO_MOVE)
    controller.play_from_here()
    controller.sync_requests(NOW)
    assert controller.mode is Mode.PLAY and controller.session.players == (HUMAN, "gpt:mine")
    assert [request.spec for request in asked(thinker, Think)][-1] == "gpt:mine", "Black moves first"


def test_play_goes_on_from_a_study_with_its_history() -> None:
    controller, _ = opened()
    do(controller, ShowPly(2))
    controller.play_from_here()
    assert controller.session.ply_count == 2 and controller.session.may_move


def test_a_saved_file_has_what_was_tried(tmp_path: Path) -> None:
    controller, _ = opened()
    do(controller, ShowPly(1), PlayText("g6g5"))
    text = format_pgn(controller.analysis.study.to_game())
    assert "g6g5" in text.lower().replace("-", "") and '[Red "A"]' in text
