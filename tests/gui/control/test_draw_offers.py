"""Draw offers, resigning players, and the warning before a move that loses by repetition."""

from __future__ import annotations

from collections.abc import Callable

import pygame
import pytest
from gui_helpers import Window, asked, decided
from xiangqi_gpt.gui.dialogs.dialogs import Question
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.draw_offer import OFFER_AGAIN
from xiangqi_gpt.gui.state.handicaps import HANDICAPS
from xiangqi_gpt.gui.state.intents import PlayText
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.worker.messages import Think

from xiangqi_gpt.players import Score
from xiangqi_gpt.rules import BLACK, RED, START_FEN, Move, Termination

OpenWindow = Callable[..., Window]
#: Red's rook checks the king up and down: with the third repetition Red loses.
ENDLESS_CHECK = "4k4/9/9/9/9/9/9/4R4/9/5K3 b - - 0 1"
HORSES = ("h0g2", "h9g7", "g2h0", "g7h9")


def play(window: Window, *moves: str) -> None:
    for text in moves:
        window.app.carry_out(PlayText(text))


def duel(window: Window, moves: tuple[str, ...], **seen: object) -> None:
    """The person plays the even moves, the player answers with the odd ones."""
    for index in range(0, len(moves), 2):
        play(window, moves[index])
        window.answer(decided(window.thinker.asked[-1], moves[index + 1], **seen))


def judge(window: Window, **seen: object) -> None:
    """What the opponent thinks of the position in which the person is to move."""
    request = asked(window.thinker, Think)[-1]
    window.answer(decided(request, str(next(iter(request.position.board().legal_moves))), **seen))


def offer(window: Window) -> None:
    window.key(pygame.K_d)
    assert isinstance(window.app.dialog, Question)
    window.key(pygame.K_RETURN)


def test_a_player_with_even_chances_takes_a_draw(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    duel(window, HORSES[:2], wdl=(0.9, 0.1, 0.0))  # before its own move: that is not what counts
    offer(window)
    judge(window, wdl=(0.2, 0.6, 0.2))
    assert window.session.outcome is not None and window.session.outcome.winner is None
    assert window.status == "Draw: by agreement"
    window.key(pygame.K_ESCAPE)
    window.key(pygame.K_u)
    assert window.session.outcome is None, "it can be taken back like any other end"


def test_a_player_that_is_winning_declines_and_is_not_asked_again_at_once(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    duel(window, HORSES[:2], wdl=(0.3, 0.4, 0.3))
    offer(window)
    judge(window, score=Score(cp=-400))
    assert window.session.outcome is None and window.status == "Black declines the draw"
    window.key(pygame.K_d)
    assert window.app.dialog is None and str(OFFER_AGAIN) in window.status


def test_cancelling_offers_nothing(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    duel(window, HORSES[:2], wdl=(0.2, 0.6, 0.2))
    window.key(pygame.K_d)
    window.key(pygame.K_ESCAPE)
    assert window.session.outcome is None


def test_two_people_agree_by_themselves(open_window: OpenWindow) -> None:
    window = open_window()
    play(window, "h2e2")
    window.click(window.app.screen.panel._buttons[Command.DRAW].rect.center)
    window.key(pygame.K_RETURN)
    assert window.session.outcome is not None and window.session.outcome.winner is None


@pytest.mark.parametrize("thinks", [False, True])
def test_an_offer_is_answered_by_a_reckoning_of_its_position(open_window: OpenWindow, thinks: bool) -> None:
    window = open_window((HUMAN, "uci:x,nodes=1"))
    duel(window, HORSES[:2], score=Score(cp=300))
    if thinks:
        play(window, "g2h0")
    offer(window)
    if not thinks:
        judge(window, score=Score(cp=-280))  # the person's view
    else:
        window.answer(decided(window.thinker.asked[-1], "g7h9", score=Score(cp=280)))
    assert window.session.outcome is None and "declines" in window.status
    assert window.session.ply_count == (4 if thinks else 2)


def test_players_that_judge_nothing_take_no_draw(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "random"))
    duel(window, HORSES[:2])
    offer(window)
    assert window.session.outcome is None and window.status == "Black declines the draw"


@pytest.mark.parametrize(("concede", "fen"), [(False, START_FEN), (True, HANDICAPS[3].fen)])
def test_nobody_resigns_unasked_or_at_odds(open_window: OpenWindow, concede: bool, fen: str) -> None:
    window = open_window((HUMAN, "gpt"), fen=fen, concede=concede)
    moves = ("h0g2", "h9g7", "g3g4", "g6g5", "i0h0", "i9h9", "a3a4", "a6a5", "c3c4", "c6c5")
    duel(window, moves, wdl=(0.0, 0.02, 0.98))
    assert window.session.outcome is None and window.session.ply_count == len(moves)


def test_a_player_without_hope_resigns(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"), concede=True)
    moves = ("h0g2", "h9g7", "g3g4", "g6g5", "i0h0", "i9h9", "a3a4", "a6a5")
    duel(window, moves[:6], wdl=(0.0, 0.02, 0.98))
    assert window.session.outcome is None
    duel(window, moves[6:], wdl=(0.0, 0.02, 0.98))
    outcome = window.session.outcome
    assert outcome is not None and (outcome.winner, outcome.termination) == (RED, Termination.RESIGNATION)


def test_a_players_offer_is_shown_and_can_be_accepted(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    play(window, "h0g2")
    window.answer(decided(window.thinker.asked[-1], "h9g7", wdl=(0.1, 0.8, 0.1)))
    window.session.offer_draw(BLACK)
    window.app.draw()
    assert window.status == "Black offers a draw. Press D to answer"
    window.key(pygame.K_d)
    window.key(pygame.K_RETURN)
    assert window.session.outcome is not None and window.session.outcome.winner is None


def test_moving_on_declines_an_offer(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    duel(window, HORSES[:2])
    window.session.offer_draw(BLACK)
    assert window.session.draw_offered_by == BLACK
    play(window, "g3g4")
    assert window.session.draw_offered_by is None


@pytest.mark.parametrize("typed", [False, True])
def test_a_move_that_loses_by_repetition_is_warned_of(open_window: OpenWindow, typed: bool) -> None:
    window = open_window((HUMAN, HUMAN), fen=ENDLESS_CHECK)
    steps = ("e9d9", "e2d2", "d9e9", "d2e2") * 3
    for text in steps:
        if window.session.lost_by_repeating(Move.from_iccs(text)):
            break
        play(window, text)
    else:
        pytest.fail("the rules allowed endless check")
    before = window.session.ply_count
    if typed:
        play(window, text)
    else:
        window.click(text[:2])
        window.click(text[2:])
    assert isinstance(window.app.dialog, Question) and window.session.ply_count == before
    window.key(pygame.K_ESCAPE)
    assert window.session.outcome is None
    play(window, text)
    window.key(pygame.K_RETURN)
    outcome = window.session.outcome
    assert outcome is not None and (outcome.winner, outcome.termination) == (BLACK, Termination.PERPETUAL_CHECK)
