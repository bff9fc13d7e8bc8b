"""The game session: who moves, what undo takes back, how games end, and that nothing of it needs a screen."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from patience import PATIENCE
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.unfinished import UnfinishedError, game_data, read_game

from xiangqi_gpt.players import Score
from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import BLACK, RED, FenError, IllegalMoveError, Move, Refusal, Termination, Wdl

MATE_IN_ONE = "3k5/9/9/9/9/9/9/9/R8/1R2K4 w - - 0 1"


def play(session: GameSession, *moves: str) -> GameSession:
    for text in moves:
        session.play(Move.from_iccs(text))
    return session


def test_needs_no_pygame() -> None:
    modules = "xiangqi_gpt.gui.state.session, xiangqi_gpt.gui.control.controller"
    code = f"import sys, {modules}; sys.exit('pygame' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=PATIENCE).returncode == 0


def test_a_person_moves_only_on_their_turn() -> None:
    session = GameSession((HUMAN, "greedy"))
    assert session.may_move and not session.awaits_player
    play(session, "h2e2")
    assert not session.may_move and session.awaits_player
    play(session, "h9g7")
    assert session.may_move


def test_undo_against_a_player_takes_back_both_plies() -> None:
    session = play(GameSession((HUMAN, "greedy")), "h2e2", "h9g7", "h0g2", "i9h9")
    assert session.undo() == 2
    assert [ply.move.iccs() for ply in session.line] == ["h2e2", "h9g7"]
    assert session.may_move


def test_undo_while_the_player_thinks_takes_back_one_ply() -> None:
    session = play(GameSession((HUMAN, "greedy")), "h2e2", "h9g7", "h0g2")
    assert session.undo() == 1
    assert session.turn == RED


def test_the_opponents_first_move_cannot_be_taken_back() -> None:
    session = play(GameSession(("greedy", HUMAN)), "h2e2")
    assert session.undo() == 0
    assert session.ply_count == 1


def test_two_people_take_back_one_ply_at_a_time() -> None:
    session = play(GameSession(), "h2e2", "h9g7")
    assert session.undo() == 1
    assert session.turn == BLACK


def test_redo_brings_back_what_undo_took() -> None:
    session = play(GameSession((HUMAN, "greedy")), "h2e2", "h9g7", "h0g2", "i9h9")
    session.undo()
    session.undo()
    assert session.redo() == 2 and session.redo() == 2 and session.redo() == 0
    assert [ply.move.iccs() for ply in session.line] == ["h2e2", "h9g7", "h0g2", "i9h9"]


def test_another_move_ends_redo_and_the_same_move_keeps_it() -> None:
    session = play(GameSession(), "h2e2", "h9g7")
    session.undo()
    session.undo()
    play(session, "h2e2")
    assert session.can_redo
    play(session, "b9c7")
    assert not session.can_redo


def test_looking_back_shows_an_earlier_position_and_forbids_moving() -> None:
    session = play(GameSession(), "h2e2", "h9g7")
    session.show(1)
    assert session.shown_board.piece_at(Move.from_iccs("h2e2").to_square)
    assert session.last_move == Move.from_iccs("h2e2")
    assert not session.may_move
    session.show(99)
    assert session.is_live and session.may_move


def test_refusals_name_the_reason() -> None:
    session = GameSession()
    assert session.refusal(1, 18 + 3) is Refusal.NOT_ITS_MOVE
    assert session.refusal(1, 9 + 3) is Refusal.LEG_BLOCKED
    assert session.refusal(9 * 9, 9 * 8) is Refusal.NOT_YOURS
    with pytest.raises(IllegalMoveError):
        play(session, "b0d1")


def test_mate_ends_the_game_and_undo_reopens_it() -> None:
    session = play(GameSession(fen=MATE_IN_ONE), "b0b9")
    assert session.outcome is None
    session = play(GameSession(fen="3k5/R8/9/9/9/9/9/9/9/1R2K4 w - - 0 1"), "b0b9")
    assert session.outcome is not None and session.outcome.termination is Termination.CHECKMATE
    with pytest.raises(IllegalMoveError, match="over"):
        play(session, "a8a9")
    session.undo()
    assert session.outcome is None


def test_resigning_loses_and_undo_takes_it_back() -> None:
    session = play(GameSession((HUMAN, "greedy")), "h2e2", "h9g7")
    assert session.resigning_side == RED
    session.resign(RED)
    assert session.outcome is not None and session.outcome.winner == BLACK
    assert session.resigning_side is None
    session.undo()
    assert session.outcome is None


def test_captured_pieces_belong_to_the_side_that_took_them() -> None:
    session = play(GameSession(), "b2b9", "a9b9")
    assert list(session.captured_by(RED)) == [11]
    assert list(session.captured_by(BLACK)) == [6]
    session.show(1)
    assert session.captured_by(BLACK) == []


def test_evaluation_is_given_from_reds_view() -> None:
    session = GameSession((HUMAN, "gpt"))
    assert session.evaluation_at(0) is None
    play(session, "h2e2")
    session.play(Move.from_iccs("h9g7"), Decision(Move.from_iccs("h9g7"), wdl=Wdl(0.5, 0.3, 0.2)))
    assert session.evaluation_at(1) == (0.2, 0.3, 0.5)
    assert session.evaluation_at(2) is None, "it has not seen what its move led to"
    assert session.evaluation_before(2) == (0.2, 0.3, 0.5)
    session.opinions.keep(2, Decision(Move.from_iccs("h0g2"), wdl=Wdl(0.6, 0.3, 0.1)))
    assert session.evaluation_at(2) == (0.6, 0.3, 0.1)


def test_a_search_has_judged_the_position_after_its_own_move() -> None:
    session = play(GameSession((HUMAN, "uci:x")), "h2e2")
    session.play(Move.from_iccs("h9g7"), Decision(Move.from_iccs("h9g7"), score=Score(mate=3)))
    assert session.evaluation_at(1) == session.evaluation_at(2) == (0.0, 0.0, 1.0)


def test_a_judges_word_stands_before_what_players_saw() -> None:
    session = GameSession((HUMAN, "gpt"))
    session.opinions.keep(0, Decision(Move.from_iccs("h2e2"), wdl=Wdl(0.5, 0.3, 0.2)))
    session.opinions.keep_verdict(0, Wdl(0.1, 0.2, 0.7))
    assert session.evaluation_at(0) == (0.1, 0.2, 0.7)
    play(session, "h2e2")
    session.play(Move.from_iccs("h9g7"), Decision(Move.from_iccs("h9g7"), score=Score(cp=900)))
    assert session.evaluation_at(1) is session.evaluation_at(2) is None, "they would make the bar jump"
    session.opinions.keep_verdict(1, Wdl(0.1, 0.2, 0.7))
    assert session.evaluation_at(1) == (0.7, 0.2, 0.1) and session.opinions.chances_of(BLACK, 2) == [Score(cp=900).wdl]
    session.undo()
    play(session, "b2e2")
    assert session.evaluation_at(1) is None, "another position"


def test_the_end_of_a_game_is_certain() -> None:
    session = GameSession((HUMAN, "gpt"), "3k5/R8/9/9/9/9/9/9/9/1R2K4 w - - 0 1")
    session.opinions.keep(0, Decision(Move.from_iccs("b0b9"), wdl=Wdl(0.7, 0.2, 0.1)))
    play(session, "b0b9")
    assert session.evaluation_at(1) == (1.0, 0.0, 0.0)
    session.undo()
    assert session.evaluation_at(0) == (0.7, 0.2, 0.1)
    session.redo()
    assert session.evaluation_at(1) == (1.0, 0.0, 0.0)


def test_a_game_survives_saving() -> None:
    session = play(GameSession((HUMAN, "greedy"), "3k5/9/9/9/9/9/9/9/R8/1R2K4 b - - 3 40"), "d9d8", "a1a8")
    again = read_game(json.loads(json.dumps(game_data(session))))
    assert again.request() == session.request()
    assert again.players == session.players


@pytest.mark.parametrize(
    "damage",
    [{"moves": ["h2h9x"]}, {"moves": ["a0a5"]}, {"fen": "nonsense"}, {"seats": ["human"]}, {"moves": None}],
)
def test_a_damaged_game_is_refused_in_one_line(damage: dict[str, object]) -> None:
    data = {**game_data(GameSession()), **damage}
    with pytest.raises(UnfinishedError) as error:
        read_game(data)
    assert "\n" not in str(error.value)


def test_a_bad_start_position_is_refused() -> None:
    with pytest.raises(FenError):
        GameSession(fen="9/9/9/9/9/9/9/9/9/9 w")


def test_the_course_of_the_game_is_reds_expected_score() -> None:
    session = GameSession(("gpt", "gpt"))
    session.play(Move.from_iccs("h2e2"), Decision(Move.from_iccs("h2e2"), wdl=Wdl(0.5, 0.4, 0.1)))
    session.play(Move.from_iccs("h9g7"), Decision(Move.from_iccs("h9g7"), wdl=Wdl(0.2, 0.2, 0.6)))
    assert session.evaluations() == [(0, pytest.approx(0.7)), (1, pytest.approx(0.7))]
