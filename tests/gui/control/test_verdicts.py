"""The bar in Play is judged by the model's search, beside which a player's glance counts only where there is none."""

from __future__ import annotations

import pytest
from gui_helpers import FakeThinker, asked, decided
from xiangqi_gpt.gui.control.controller import Controller
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.intents import PlayText, StartGame
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Settings
from xiangqi_gpt.gui.worker.messages import Failed, Judge, Judged, Ready, Think

from xiangqi_gpt.rules import Wdl

LEVEL = "gpt,level=7"
NOW = 100.0
LOST = Wdl(0.05, 0.05, 0.9)


def game(*players: str, **settings: object) -> tuple[Controller, FakeThinker]:
    thinker = FakeThinker()
    made = Controller(GameSession(), Settings(language="en", **settings), thinker)  # type: ignore[arg-type]
    made.answer(Ready(LEVEL, LEVEL), NOW)
    made.apply(StartGame(players or (HUMAN, LEVEL)), NOW)  # type: ignore[arg-type]
    return made, thinker


def test_the_position_shown_is_judged_once_by_the_model_at_its_best() -> None:
    made, thinker = game()
    (request,) = asked(thinker, Judge)
    assert request.spec == "gpt" and not asked(thinker, Think)
    made.answer(Judged(request.number, LOST), NOW)
    assert made.session.evaluation_at(0) == LOST
    assert len(thinker.asked) == 1, "neither again, nor a glance beside it"


def test_a_move_is_waited_for_with_nothing_else_asked() -> None:
    made, thinker = game()
    judging = asked(thinker, Judge)[0]
    made.apply(PlayText("h2e2"), NOW)
    assert judging.number in thinker.cancelled and [type(request) for request in thinker.open] == [Think]
    made.answer(decided(thinker.open[-1], "h9g7", wdl=(0.5, 0.2, 0.3)), NOW)
    assert [request.position.moves for request in asked(thinker, Judge)] == [made.session.request().moves], (
        "while the reply waits to be seen, the position before it"
    )
    made.tick(NOW + 5)
    assert [len(request.position.moves) for request in asked(thinker, Judge)] == [2]


@pytest.mark.parametrize("fails", [False, True])
def test_without_a_verdict_a_glance_has_to_do(fails: bool) -> None:
    made, thinker = game()
    request = asked(thinker, Judge)[0]
    error = ErrorReport("error", "no such game")
    made.answer(Failed("gpt", request.number, error) if fails else Judged(request.number, None), NOW)
    assert not made.notices.line(Texts("en")), "nobody is told"
    thinker.cancelled.append(request.number)
    (glance,) = thinker.open
    made.answer(decided(glance, "h2e2", wdl=(0.5, 0.3, 0.2)), NOW)
    assert made.session.evaluation_at(0) == (0.5, 0.3, 0.2)
    made.sync_requests(NOW + 1)
    assert len(thinker.asked) == 2


def test_ideas_are_a_players_and_leave_the_bar_alone() -> None:
    made, thinker = game()
    made.answer(Judged(asked(thinker, Judge)[0].number, LOST), NOW)
    made.apply(Command.IDEAS, NOW)
    (request,) = asked(thinker, Think)
    made.answer(decided(request, "h2e2", wdl=(0.5, 0.3, 0.2)), NOW)
    assert made.session.evaluation_at(0) == LOST


def test_nothing_is_judged_in_a_rated_game_or_between_people() -> None:
    made, thinker = game()
    made.apply(StartGame((HUMAN, LEVEL), rated=True), NOW)
    assert made.session.is_secret and not thinker.open
    made.apply(StartGame((HUMAN, HUMAN)), NOW)
    assert not thinker.open


def test_watched_players_are_judged_while_their_moves_are_waited_for() -> None:
    made, thinker = game(LEVEL, LEVEL)
    assert not asked(thinker, Judge)
    made.answer(decided(thinker.open[-1], "h2e2"), NOW)
    assert made.session.ply_count == 1 and not asked(thinker, Judge), "the first move is not waited for"
    made.answer(decided(thinker.open[-1], "h9g7"), NOW)
    (request,) = asked(thinker, Judge)
    made.answer(Judged(request.number, LOST), NOW)
    assert made.session.evaluation_at(1) == LOST.flipped


def test_the_course_of_the_game_is_judged_too_the_latest_position_first() -> None:
    made, thinker = game()
    made.apply(PlayText("h2e2"), NOW)
    made.answer(decided(thinker.open[-1], "h9g7"), NOW)
    made.tick(NOW + 5)
    judged = []
    while requests := asked(thinker, Judge):
        judged.append(len(requests[-1].position.moves))
        made.answer(Judged(requests[-1].number, LOST), NOW)
        thinker.cancelled.append(requests[-1].number)
    assert judged == [2, 1, 0] and [ply for ply, _ in made.session.evaluations()] == [0, 1, 2]
