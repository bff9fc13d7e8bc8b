"""A game under analysis: its tree, walking through it, what the model said of it, and back to a record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from xiangqi_gpt.gui.state.displayed_moves import PositionRequest
from xiangqi_gpt.gui.state.guess import AS_GOOD, RIGHT, Guessing, Verdict
from xiangqi_gpt.gui.state.move_notes import MoveNote, for_red
from xiangqi_gpt.gui.state.study import Study

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.records import Game, format_pgn, parse_pgn
from xiangqi_gpt.rules import BLACK, RED, START_FEN, Board, IllegalMoveError, Move, Wdl

PGN = """[Game "Chinese Chess"]
[Red "A"]
[Black "B"]
[Result "1-0"]

{start}
1. h2e2 h9g7 {solid} (1... h7e7 {lively} 2. h0g2 (2. b0c2 b9c7) 2... h9g7) (1... b9c7)
2. h0g2 $6 i9h9
3. i0h0 1-0
"""


def move(iccs: str) -> Move:
    return Move.from_iccs(iccs)


def study() -> Study:
    return Study(next(parse_pgn(PGN)))


def names(shown: Study) -> list[str]:
    return [ply.texts["iccs"] for ply in shown.line]


def note(ply: int, iccs: str, turn: int, **seen: object) -> MoveNote:
    usual = {"rank": 1, "choices": 40, "before": Wdl(0.4, 0.2, 0.4), "after": Wdl(0.4, 0.2, 0.4), "variation": ()}
    values = {"probability": 0.25, "best": move(iccs), "best_after": Wdl(0.4, 0.2, 0.4), "loss": 0.0, "judgement": ""}
    return MoveNote(ply, turn, move(iccs), **(usual | values | seen))  # type: ignore[arg-type]


def test_a_line_that_begins_as_the_game_does_is_stepped_through_to_its_end() -> None:
    shown = study()
    assert shown.play_line(1, (move("h9g7"), move("g3g4"), move("b9c7")))
    assert shown.current is shown.main_line[1]
    shown.show(shown.shown + 1)
    assert str(shown.current.move) == "g3g4" and not shown.is_on_main_line
    shown.show(shown.shown + 1)
    assert str(shown.current.move) == "b9c7" and shown.is_live
    shown.show(1)
    shown.show(3)
    assert str(shown.current.move) == "g3g4", "also after going back"
    shown.show_game(2)
    shown.show(3)
    assert str(shown.current.move) == "h0g2", "a look at the game ends it"
    assert shown.play_line(1, (move("h9g7"), move("g3g4")))
    shown.show(3)
    assert shown.delete() and shown.current is shown.main_line[1]
    shown.show(3)
    assert str(shown.current.move) == "h0g2"


def test_a_record_comes_back_as_it_was() -> None:
    game = next(parse_pgn(PGN))
    again = Study(game).to_game()
    assert again == game
    assert format_pgn(again) == format_pgn(game)


def test_random_trees_survive_the_way_through_a_record() -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        made = Study()
        for _ in range(40):
            nodes = [made.root, *made.nodes()]
            made.go(nodes[random.integers(len(nodes))])
            legal = list(made.shown_board.legal_moves)
            made.play(legal[random.integers(len(legal))])
        game = made.to_game()
        read = next(parse_pgn(format_pgn(game)))
        assert read == game


def test_the_game_is_walked_through() -> None:
    shown = study()
    assert shown.shown == 0 and names(shown) == ["h2e2", "h9g7", "h0g2", "i9h9", "i0h0"]
    shown.show(2)
    assert shown.current.comment == "solid" and shown.last_move == move("h9g7") and not shown.is_live
    assert shown.turn == RED and shown.shown_board.ply == 2
    shown.show(99)
    assert shown.is_live


def test_a_move_that_is_known_is_followed_and_a_new_one_starts_a_variation() -> None:
    shown = study()
    assert not shown.play(move("h2e2")) and not shown.edited
    assert not shown.play(move("h7e7")), "a variation of the record"
    assert not shown.is_on_main_line and names(shown)[1:] == ["h7e7", "h0g2", "h9g7"]
    shown.show(1)
    assert shown.play(move("g6g5")) and shown.edited
    assert names(shown) == ["h2e2", "g6g5"]
    with pytest.raises(IllegalMoveError):
        shown.play(move("a0a9"))


def test_moves_at_the_end_go_on_with_the_game() -> None:
    shown = study()
    shown.show(99)
    assert not shown.play(move("h7h5")), "the game itself, not a variation"
    assert shown.is_on_main_line


def test_a_variation_becomes_the_game_and_is_deleted() -> None:
    shown = study()
    shown.play(move("h2e2"))
    shown.play(move("b9c7"))
    assert shown.promote() and not shown.is_on_main_line, "from third to second place"
    assert shown.promote() and shown.is_on_main_line
    assert not shown.promote()
    assert [str(m) for m in shown.main_moves] == ["h2e2", "b9c7"]
    shown.delete()
    assert [str(m) for m in shown.main_moves] == ["h2e2", "h9g7", "h0g2", "i9h9", "i0h0"]
    shown.show(0)
    assert not shown.delete()


def test_the_game_being_played_is_followed_and_variations_stay() -> None:
    shown = Study(follows_game=True)
    played = (move("h2e2"), move("h9g7"))
    shown.follow(PositionRequest(START_FEN, played))
    assert shown.shown == 2, "whoever looks at the end goes on with the game"
    shown.show(1)
    shown.play(move("b9c7"))
    shown.follow(PositionRequest(START_FEN, (*played, move("h0g2"))))
    assert shown.last_move == move("b9c7"), "a reader is not pulled away"
    assert [str(m) for m in shown.main_moves] == ["h2e2", "h9g7", "h0g2"]
    shown.follow(PositionRequest(START_FEN, (move("h2e2"), move("h7e7"))))
    assert [str(m) for m in shown.main_moves] == ["h2e2", "h7e7"], "after a move was taken back"
    assert {str(node.move) for node in shown.root.variations[0].variations} == {"h7e7", "h9g7", "b9c7"}


def test_notes_say_how_the_game_went() -> None:
    shown = study()
    shown.forget_notes(shown.main_moves)
    shown.take_note(note(1, "h2e2", RED, before=Wdl(0.5, 0.2, 0.3), after=Wdl(0.4, 0.2, 0.4)))
    shown.take_note(note(2, "h9g7", BLACK, after=Wdl(0.1, 0.2, 0.7), loss=0.3, judgement="blunder"))
    shown.take_note(note(3, "h0g2", RED, loss=0.12, judgement="mistake"))
    assert dict(shown.evaluations()) == pytest.approx({0: 0.6, 1: 0.5, 2: 0.8, 3: 0.5})
    assert (shown.mistake(1), shown.mistake(-1)) == (2, None)
    shown.show_game(2)
    assert shown.note is not None and shown.note.surprise == pytest.approx(2.0)
    assert shown.evaluation() == (0.7, 0.2, 0.1), "Black's loss is Red's win"
    assert shown.mistake(1) == 3
    assert shown.judgements(BLACK) == {"blunder": 1} and shown.surprise(RED) == pytest.approx(2.0)


def test_notes_about_moves_that_are_no_longer_played_are_forgotten() -> None:
    shown = study()
    shown.forget_notes(shown.main_moves)
    for ply, iccs in enumerate(("h2e2", "h9g7", "h0g2"), 1):
        shown.take_note(note(ply, iccs, (ply - 1) % 2))
    shown.forget_notes((move("h2e2"), move("b9c7")))
    assert list(shown.notes) == [1]


def test_a_review_that_begins_anew_does_not_take_back_what_the_search_found() -> None:
    """The glance comes first again, after a drill for one."""
    shown = study()
    glance, searched = note(1, "h2e2", RED), note(1, "h2e2", RED, loss=0.3, judgement="blunder", nodes=20)
    mate = replace(searched, judgement="mistake", nodes=2)  # soon found
    for taken, before, kept in (
        *((glance, 0, glance), (searched, 0, searched), (glance, 0, searched)),
        *((mate, 20, mate), (searched, 0, mate), (glance, 0, mate), (searched, 20, searched)),
    ):
        shown.take_note(taken, before)
        assert shown.notes[1] == kept
    shown.take_note(other := note(1, "b2e2", RED))
    assert shown.notes[1] == other


def test_the_value_of_a_tried_move_is_what_the_player_said_of_it() -> None:
    shown = study()
    shown.play(move("b0c2"))
    assert shown.evaluation() is None
    shown.think_aloud(shown.current, Decision(move("h9g7"), wdl=Wdl(0.1, 0.2, 0.7)))
    assert shown.evaluation() == for_red(Wdl(0.1, 0.2, 0.7), BLACK) == Wdl(0.7, 0.2, 0.1)


def test_the_end_of_a_game_is_no_opinion() -> None:
    shown = Study(fen="3k5/R8/9/9/9/9/9/9/9/1R2K4 w - - 0 1")
    shown.play(move("b0b9"))
    assert shown.outcome is not None and shown.evaluation() == (1.0, 0.0, 0.0) and not shown.may_move


def test_a_game_from_a_position_with_black_to_move() -> None:
    fen = "3k5/9/9/9/9/9/9/9/9/R3K4 b - - 0 7"
    shown = Study(Game(root=fen, moves=[move("d9d8"), move("a0a8")]))
    shown.show(2)
    assert shown.first_turn == BLACK and shown.first_number == 7 and shown.turn == BLACK


def test_guesses_are_counted() -> None:
    guessing, board = Guessing(RED), Board()
    for text in ("h2e2", "h9g7"):
        board.push_uci(text)
    played, other, poor = move("h0g2"), move("b0c2"), move("a0a1")
    policy = {played: 0.4, other: 0.45, poor: 0.01}
    assert guessing.judge(board, played, played, policy, None) is Verdict.RIGHT
    assert guessing.judge(board, other, played, policy, None) is Verdict.AS_GOOD
    assert guessing.judge(board, poor, played, policy, None) is Verdict.AGAIN
    assert guessing.guesses == 2, "not yet"
    assert guessing.judge(board, poor, played, policy, None) is Verdict.WRONG
    assert guessing.judge(board, other, played, {}, None) is Verdict.AGAIN, "nobody knows what it was worth"
    assert guessing.judge(board, played, played, {}, None) is Verdict.RIGHT, "at the second try"
    assert (guessing.guesses, guessing.right, guessing.points) == (4, 1, RIGHT + 2 * AS_GOOD)
    assert guessing.share == pytest.approx((RIGHT + 2 * AS_GOOD) / (4 * RIGHT))


def test_the_mirror_image_is_right_where_left_and_right_are_alike() -> None:
    played, mirrored = move("h2e2"), move("b2e2")
    assert Guessing(RED).judge(Board(), mirrored, played, {}, None) is Verdict.RIGHT
    board = Board()
    board.push_uci("a3a4")
    board.push_uci("a6a5")
    assert Guessing(RED).judge(board, mirrored, played, {}, None) is Verdict.AGAIN


def test_a_second_try_is_one_in_the_same_position() -> None:
    guessing, board, poor = Guessing(RED), Board(), move("a0a1")
    assert guessing.judge(board, poor, move("h2e2"), {}, None) is Verdict.AGAIN
    board.push_uci("h2e2")
    board.push_uci("h9g7")
    assert guessing.judge(board, poor, move("h0g2"), {}, None) is Verdict.AGAIN
