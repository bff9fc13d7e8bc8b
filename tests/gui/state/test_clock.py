"""Clocks: increments, byo-yomi, pausing, taking back, and losing on time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gui_helpers import FakeThinker, Window, decided
from xiangqi_gpt.gui.control.controller import Controller
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.state.clock import Face, GameClock, clock_text
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import StartGame, TryMove
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Settings
from xiangqi_gpt.gui.state.unfinished import UnfinishedError, game_data, read_game
from xiangqi_gpt.gui.worker.messages import Ready

from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.rules import BLACK, RED, Move, Termination


def game(clock: str, *players: str) -> tuple[Controller, FakeThinker]:
    thinker = FakeThinker()
    made = Controller(GameSession(), Settings(language="en"), thinker)
    red, black = players or (HUMAN, HUMAN)
    made.apply(StartGame((red, black), clock=clock), 0.0)
    return made, thinker


def play(made: Controller, iccs: str, now: float) -> None:
    move = Move.from_iccs(iccs)
    made.apply(TryMove(move.from_square, move.to_square), now)


def shown(made: Controller, now: float) -> list[str]:
    made.tick(now)
    return [clock_text(face) for face in made.session.clock_faces(now) or ()]


def test_the_first_move_is_free_and_then_the_mover_pays_and_gets_the_increment() -> None:
    made, _ = game("60+5")
    assert shown(made, 100) == ["1:00", "1:00"]
    play(made, "h2e2", 100)
    assert shown(made, 120) == ["1:05", "0:40"]
    play(made, "h9g7", 120)
    assert shown(made, 150) == ["0:35", "0:45"]


def test_time_over_loses_and_says_so() -> None:
    made, _ = game("60")
    play(made, "h2e2", 0)
    assert not made.tick(59.95) or made.session.outcome is None
    assert made.wake_at(59.95) is not None and made.wake_at(59.95) <= 60.0  # type: ignore[operator]
    assert made.tick(60.0)
    outcome = made.session.outcome
    assert outcome is not None and (outcome.winner, outcome.termination) == (RED, Termination.TIME)
    faces = made.session.clock_faces(60)
    assert faces is not None and clock_text(faces[BLACK]) == "0.0"
    assert made.scene(Texts("en"), 60).status == "Red wins: Black ran out of time"
    assert made.scene(Texts("zh"), 60).status == "红胜：黑方超时"


def test_the_players_thinking_counts_but_not_their_loading() -> None:
    made, thinker = game("60", HUMAN, "gpt")
    play(made, "h2e2", 0)
    assert shown(made, 30) == ["1:00", "1:00"], "the model is still being loaded"
    made.answer(Ready("gpt", "gpt"), 30)
    assert shown(made, 50) == ["1:00", "0:40"]
    assert thinker.asked[-1].time.seconds == pytest.approx(2.0), "a share of the time that is left"
    made.answer(decided(thinker.asked[-1], "h9g7"), 55)
    assert made.session.ply_count == 2
    assert shown(made, 65) == ["0:50", "0:35"]
    made.tick(125)
    assert made.session.outcome is not None and made.session.outcome.winner == BLACK


def test_an_engine_is_told_the_clocks_and_in_byo_yomi_its_share() -> None:
    made, thinker = game("60+5", HUMAN, "uci:x,movetime=1000")
    play(made, "h2e2", 0)
    time = thinker.asked[-1].time
    assert time.clock.black == pytest.approx(60, abs=0.5) and time.clock.black <= 60
    assert (time.clock.red_increment, time.clock.black_increment) == (5, 5)
    made, thinker = game("60+3x10", HUMAN, "uci:x,movetime=1000")
    play(made, "h2e2", 0)
    time = thinker.asked[-1].time
    assert time.clock is None and time.seconds == pytest.approx(60 / 30 + 8)


def test_byo_yomi_uses_up_only_periods_that_a_move_exceeds() -> None:
    clock = GameClock(TimeControl.parse("10+3x30"))
    clock.run(0)
    assert clock.face(RED, 15) == Face(25, 3, True)
    clock.moved(1, 15)
    clock.moved(2, 15)
    assert clock.face(RED, 15) == Face(30, 3, True), "a move within the period costs nothing"
    clock.run(20)
    assert clock.face(RED, 55) == Face(25, 2, True)
    assert clock.falls_at() == 20 + 90
    clock.moved(3, 55)
    clock.moved(4, 55)
    assert clock.face(RED, 55).periods == 2
    clock.run(60)
    assert clock.falls_at() == 60 + 60
    assert clock.face(RED, 119.5) == Face(0.5, 1, True)
    assert clock_text(clock.face(RED, 120.0)) == clock_text(clock.face(RED, 120.1)) == "0.0", "the flag has fallen"


def test_pausing_stops_the_clock_and_the_board() -> None:
    made, _ = game("60")
    play(made, "h2e2", 0)
    made.apply(Command.PAUSE, 20)
    assert shown(made, 90) == ["1:00", "0:40"]
    play(made, "h9g7", 90)
    assert made.session.ply_count == 1 and "Paused" in made.scene(Texts("en"), 90).status
    made.apply(Command.PAUSE, 90)
    assert shown(made, 100) == ["1:00", "0:30"]


def test_looking_at_something_else_stops_the_clock() -> None:
    made, _ = game("60")
    play(made, "h2e2", 0)
    made.apply(Command.SWITCH_MODE, 10)
    assert made.mode is Mode.ANALYSE
    made.apply(Command.SWITCH_MODE, 500)
    assert shown(made, 500) == ["1:00", "0:50"]


def test_taking_back_gives_the_time_back() -> None:
    made, _ = game("60")
    play(made, "h2e2", 0)
    play(made, "h9g7", 20)
    made.apply(Command.UNDO, 30)
    assert shown(made, 30) == ["1:00", "1:00"]
    made, _ = game("60")
    play(made, "h2e2", 0)
    made.tick(60)
    made.apply(Command.UNDO, 61)
    assert made.session.outcome is None, "even after the flag has fallen"


def test_clocks_survive_saving_and_damage_is_noticed() -> None:
    made, _ = game("60+3x10")
    play(made, "h2e2", 0)
    play(made, "h9g7", 20)
    data = game_data(made.session)
    again = read_game(data)
    assert again.clock_faces(0) == (Face(60, 3), Face(40, 3))
    for damage in ({"control": "?"}, {"hands": [[1, 1]]}, {"hands": [[-1, 0], [5, 0]]}, {"hands": 3}):
        with pytest.raises(UnfinishedError):
            read_game({**data, "clock": {**data["clock"], **damage}})


def test_the_window_shows_the_clocks_and_moves_them(open_window: Callable[..., Window]) -> None:
    window = open_window()
    window.app.carry_out(StartGame((HUMAN, HUMAN), clock="600+3x30"))
    window.click("h2")
    window.click("e2")
    before = bytes(window.surface.get_buffer())
    window.wait(1.1)
    assert bytes(window.surface.get_buffer()) != before
