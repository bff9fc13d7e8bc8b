"""A human pace: how long a model waits with its move, and that its own clock goes meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gui_helpers import Window, asked, decided
from xiangqi_gpt.gui.control.human_pace import human_seconds
from xiangqi_gpt.gui.state.intents import StartGame
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.worker.messages import Think

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import Move

LEVEL = "gpt,level=7"
SURE = {Move.from_iccs("h9g7"): 1.0}
DOUBTFUL = {Move.from_iccs(move): 0.125 for move in ("h9g7", "b9c7", "h7e7", "b7e7", "c6c5", "g6g5", "i9i8", "a9a8")}


def played(*moves: str) -> GameSession:
    session = GameSession((HUMAN, LEVEL))
    for move in moves:
        session.play(Move.from_iccs(move))
    return session


def usual(session: GameSession, move: str, policy: dict[Move, float]) -> float:
    """The mean over many games."""
    times = []
    for number in range(200):
        session.game_id = str(number)
        times.append(human_seconds(session, Decision(Move.from_iccs(move), policy=policy)))
    return sum(times) / len(times)


def test_doubt_takes_time_and_known_moves_and_recaptures_little() -> None:
    shuffled = ["a0a1", "a9a8", "a1b1", "a8b8", "b1c1", "b8c8", "c1d1", "c8d8", "d1e1", "d8e8", "h2h9"]
    late, opening = played(*shuffled), played("h2e2")
    quick = usual(late, "i9h9", SURE)  # takes the cannon's piece back
    sure, doubtful = usual(late, "b9c7", SURE), usual(late, "b9c7", DOUBTFUL)
    assert usual(opening, "h9g7", DOUBTFUL) < sure < doubtful and quick < sure
    assert quick >= 0.7 and doubtful <= 15


def test_it_keeps_within_what_the_clock_allots_and_is_the_same_for_the_same_move() -> None:
    session = played("h2e2")
    decision = Decision(Move.from_iccs("h9g7"), policy=DOUBTFUL)
    assert human_seconds(session, decision, 0.2) == 0.2
    assert human_seconds(session, decision) == human_seconds(session, decision)


@pytest.mark.parametrize(("pace", "player"), [(True, LEVEL), (False, LEVEL), (True, "greedy")])
def test_a_model_waits_on_its_own_clock(open_window: Callable[..., Window], pace: bool, player: str) -> None:
    window = open_window((HUMAN, player), pace=pace)
    window.app.carry_out(StartGame((HUMAN, player), clock="600+5"))
    window.click("h2")
    window.click("e2")
    window.app.controller._ready.add(player)
    (request,), moved_at = asked(window.thinker, Think), window.clock.now
    window.app.controller.answer(decided(request, "h9g7"), moved_at)
    clock = window.session.clock
    assert clock is not None
    while window.session.ply_count == 1 and window.clock.now < moved_at + 20:
        window.wait(0.05)
    assert window.session.ply_count == 2
    waited, left = window.clock.now - moved_at, clock.face(1, window.clock.now).seconds
    if pace and player == LEVEL:
        assert waited > 0.65
        assert left == pytest.approx(605 - waited, abs=0.06), "it is the model's time that goes"
    else:
        assert waited < 0.5 and left == pytest.approx(605, abs=0.06)
