"""An opponent thinks on the person's time if the person wants that, and only then."""

from __future__ import annotations

from collections.abc import Callable

import pygame
from gui_helpers import Window, asked, decided
from xiangqi_gpt.gui.state.intents import ChangeSetting, PlayText
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.worker.messages import Ponder, Pondered, Ready, Think

OpenWindow = Callable[..., Window]
SEARCH = "search:default,movetime=5000"


def begun(open_window: OpenWindow, opponent: str) -> Window:
    """A game in which the opponent has answered the first move."""
    window = open_window((HUMAN, opponent))
    window.answer(Ready(opponent, opponent))
    window.app.carry_out(PlayText("h2e2"))
    request = next(request for request in asked(window.thinker, Think) if request.spec == opponent)
    window.answer(decided(request, "h9g7", wdl=(0.4, 0.2, 0.4)))
    window.clock.now += 1
    window.app.step()
    assert window.session.ply_count == 2
    return window


def test_the_opponent_thinks_about_the_position_in_which_the_person_is_to_move(open_window: OpenWindow) -> None:
    window = begun(open_window, SEARCH)
    assert not asked(window.thinker, Ponder)
    window.app.carry_out(ChangeSetting("ponder", True))
    (ponder,) = asked(window.thinker, Ponder)
    assert ponder.spec == SEARCH and len(ponder.position.moves) == 2
    window.answer(Pondered(ponder.number, done=False))
    assert asked(window.thinker, Ponder) == [ponder], "it goes on"
    window.app.carry_out(PlayText("b0c2"))
    assert not asked(window.thinker, Ponder)


def test_it_ends_in_a_pause_and_begins_again_after_a_move_was_taken_back(open_window: OpenWindow) -> None:
    window = begun(open_window, SEARCH)
    window.app.carry_out(ChangeSetting("ponder", True))
    window.key(pygame.K_u)
    assert not asked(window.thinker, Ponder), "nothing was played yet"
    window.key(pygame.K_r)
    (ponder,) = asked(window.thinker, Ponder)
    window.session.pause(now=window.clock.now)
    window.app.controller.sync_requests(window.clock.now)
    assert ponder.number in window.thinker.cancelled


def test_one_that_has_nothing_more_to_find_is_not_asked_again(open_window: OpenWindow) -> None:
    window = begun(open_window, SEARCH)
    window.app.carry_out(ChangeSetting("ponder", True))
    (ponder,) = asked(window.thinker, Ponder)
    window.answer(Pondered(ponder.number, done=True))
    window.app.controller.sync_requests(window.clock.now)
    assert asked(window.thinker, Ponder) == [ponder]


def test_an_engine_of_others_is_left_alone(open_window: OpenWindow) -> None:
    window = begun(open_window, "uci:fairy-stockfish,movetime=500")
    window.app.carry_out(ChangeSetting("ponder", True))
    assert not asked(window.thinker, Ponder)
