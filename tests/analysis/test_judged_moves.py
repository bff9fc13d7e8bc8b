"""Moves judged, and what the reports say of them."""

import json
import math
import re
from dataclasses import replace

import pytest
from random_models import random_network

from xiangqi_gpt.analysis.annotate import annotated, evaluation
from xiangqi_gpt.analysis.as_json import analysis_as_dict
from xiangqi_gpt.analysis.glance import glance
from xiangqi_gpt.analysis.html import format_html
from xiangqi_gpt.analysis.judges import Verdict, make_judge, wdl_of
from xiangqi_gpt.analysis.move_analysis import GameAnalysis, Judgement
from xiangqi_gpt.analysis.review import GameReview, review_game
from xiangqi_gpt.analysis.table import format_table
from xiangqi_gpt.players import Decision, Score, SearchLimit
from xiangqi_gpt.players.gpt import GptPlayer
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.records import Game, format_pgn, parse_pgn
from xiangqi_gpt.rules import BLACK, RED, Board, Move, Termination, Wdl

MOVES = "h2e2 h9g7 h0g2 i9h9 i0h0 b9c7 g3g4 c6c5"
#: Black, to move, can check on every move.
PERPETUAL = "2ba1k3/4a4/4b4/6p2/6P2/R1p5p/n1PCP1c1P/N2AB1N2/5r3/2BAK3c b - - 0 1"
MATE = "3k5/R8/9/9/9/9/9/9/1R7/4K4 w - - 0 1"


def game(moves=MOVES, fen=None, **tags):
    board = Board(fen) if fen else Board()
    for move in moves.split():
        board.push_text(move)
    return Game.from_board(board, **tags)


@pytest.fixture(scope="module")
def model():
    return random_network(seed=2)


@pytest.fixture
def analysis(model):
    record = game(Red="<b>A</b>", Black="B")
    return GameAnalysis(record, tuple(glance(model, record)), model="nano")


def test_chances_are_the_players(model):
    player, record = GptPlayer(model), game()
    board = record.board(0)
    for move in glance(model, record):
        policy = player.policy(board)
        assert move.probability == pytest.approx(policy[move.move], abs=1e-5)
        assert move.rank == 1 + list(policy).index(move.move)
        assert move.surprise == pytest.approx(-math.log2(policy[move.move]), abs=1e-3)
        assert [likely for likely, _ in move.likely] == list(policy)[:5]
        board.push(move.move)


def test_values_fit_together(analysis):
    for move, following in zip(analysis.moves, analysis.moves[1:], strict=False):
        assert move.after == tuple(reversed(following.before))
        assert move.turn != following.turn
    for move in analysis.moves:
        if move.best == move.move:
            assert move.loss == 0
        else:
            assert move.best == move.likely[0][0]
            assert move.loss == pytest.approx(move.best_after.expected - move.after.expected)
            assert move.loss > 0


def test_a_mate_is_worth_a_whole_game(model):
    record = game("b1b9", MATE)
    (move,) = glance(model, record)
    assert record.result == "1-0"
    assert move.after == (1.0, 0.0, 0.0)
    assert move.judgement is Judgement.FINE


class Oracle:
    """Would always move ``favourite`` and knows what it and the others lead to."""

    name = "oracle"

    def __init__(self, favourite, worth, others):
        self.favourite, self.worth, self.others, self.asked = favourite, worth, others, 0

    def choose(self, board):
        self.asked += 1
        moves = list(board.legal_moves)
        move = next((move for move in moves if str(move) == self.favourite), moves[0])
        if not board.move_stack:
            return Decision(move, variation=(move,), score=Score(cp=self.worth + 100), depth=7, nodes=99)
        worth = self.worth if str(board.peek()) == self.favourite else self.others
        return Decision(move, variation=(move,), score=Score(cp=100 - worth), depth=7, nodes=99)


def reviewed(model, record, player):
    return review_game(model, record, make_judge(player)).moves


@pytest.mark.parametrize(
    ("worth", "judgement"),
    [(500, Judgement.BLUNDER), (190, Judgement.MISTAKE), (100, Judgement.INACCURACY), (0, Judgement.FINE)],
)
def test_a_deeper_player_compares_what_two_moves_lead_to(model, worth, judgement):
    (move,) = reviewed(model, game("b2b9"), Oracle("h2e2", worth, 0))
    assert move.judgement is judgement
    assert str(move.best) == ("h2e2" if worth else "b2b9")
    assert move.loss == pytest.approx(wdl_of(worth - 100).expected - wdl_of(-100).expected, abs=1e-9)
    assert (move.score, move.best_score) == (Score(cp=-100), Score(cp=worth - 100))
    assert (move.depth, move.nodes) == (7, 99)


def test_the_deeper_players_own_move_is_never_a_mistake(model):
    (move,) = reviewed(model, game("h2e2"), Oracle("h2e2", -900, 0))
    assert (move.best, move.judgement) == (move.move, Judgement.FINE)


def test_a_deeper_player_that_says_nothing_leaves_the_values_to_the_model(model):
    class Silent(Oracle):
        def choose(self, board):
            return replace(super().choose(board), score=None)

    record = game()
    assert reviewed(model, record, Silent("a0a1", 0, 0)) == list(glance(model, record))


def test_moves_are_reviewed_from_the_last_to_the_first(model):
    oracle = Oracle("a0a1", 0, 0)
    review = GameReview(model, game(), make_judge(oracle))
    assert [move.ply for move in review.moves] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert oracle.asked == 0
    passing = review.deepen(1)
    assert (review.reviewed, next(passing).ply, review.reviewed) == (0, 8, 1 / 8)
    plies = [8, *(move.ply for move in passing)]
    assert review.reviewed == 1
    assert plies == [8, 7, 6, 5, 4, 3, 2, 1]
    assert [move.ply for move in review.moves] == sorted(plies)


class SecondLook:
    """Thinks that h2e2 is best; ``scores`` of a position by its ply, at first and when it looks again."""

    deepens = True

    def __init__(self, first, again):
        self.first, self.again, self.asked = first, again, []

    def begin(self):
        pass

    def judge(self, board, nodes, stop=None):
        return self._verdict(board, self.first)

    def look_again(self, board, nodes, stop=None):
        self.asked.append(len(board.move_stack))
        return self._verdict(board, self.again)

    def _verdict(self, board, scores):
        best = next((move for move in board.legal_moves if str(move) == "h2e2"), next(iter(board.legal_moves)))
        cp = scores[len(board.move_stack)]
        return Verdict(wdl_of(cp), Score(cp=cp), (best,))


@pytest.mark.parametrize(
    ("first", "again", "asked", "judgement"),
    [
        ((50, 400), (50, -40), [1, 0], Judgement.FINE),  # the reply that was feared does not work
        ((50, 400), (60, 410), [1, 0], Judgement.BLUNDER),
        ((400, 0), (30, 0), [1, 0], Judgement.FINE),  # nor does the better move
        ((50, -40), (0, 900), [], Judgement.FINE),
    ],
)
def test_what_may_be_a_mistake_is_looked_at_again(model, first, again, asked, judgement):
    judge = SecondLook(first, again)
    (move,) = review_game(model, game("b2b9"), judge, nodes=20).moves
    assert judge.asked == asked
    assert move.judgement is judgement


def test_a_second_look_does_not_forget_what_the_game_has_shown(model):
    """Black's reply won more than the judge sees, also when it looks again: Red's move stays a mistake."""
    judge = SecondLook((0, 100, -900), (0, 0, -900))
    first, second = review_game(model, game("b2b9 i6i5"), judge, nodes=20).moves
    assert (first.judgement, second.judgement) == (Judgement.BLUNDER, Judgement.FINE)
    assert first.score == Score(cp=-900)


def test_where_the_game_went_on_better_than_expected_it_is_believed(model):
    """The oracle sees nothing in Black's reply; the game shows that it wins, so the mistake is Red's move before."""

    class Late(Oracle):
        def choose(self, board):
            found = super().choose(board)
            return replace(found, score=Score(cp=-900 if len(board.move_stack) == 2 else 0))

    first, second = reviewed(model, game("b2b9 i6i5"), Late("h2e2", 0, 0))
    assert first.judgement is Judgement.BLUNDER
    assert str(first.best) == "h2e2"
    assert second.judgement is Judgement.FINE


def test_book_moves_are_exempt(model):
    record = game("h2e2 h9g7 b2b9")
    moves = reviewed(model, record, Oracle("c3c4", 900, 0))
    assert [move.is_book for move in moves] == [True, True, False]
    assert [move.judgement for move in moves[:2]] == [Judgement.FINE, Judgement.FINE]
    analysis = GameAnalysis(record, tuple(moves), model="nano", deep="oracle")
    assert analysis.side(RED).book == 1
    assert analysis.side(BLACK).accuracy is None


def test_sides_are_summed_up(analysis):
    red, black = analysis.side(RED), analysis.side(BLACK)
    assert (red.moves, black.moves) == (4, 4)
    own = [move for move in analysis.moves if move.turn == RED]
    assert red.surprise == pytest.approx(sum(move.surprise for move in own) / 4)
    assert red.likeliest == sum(move.rank == 1 for move in own) / 4
    assert sum(red.counts.values()) == sum(bool(move.judgement) for move in own)


def test_mistakes_come_the_gravest_first(model):
    record = game("b2b9 a9b9 c3c4")
    moves = reviewed(model, record, Oracle("h2e2", 0, 0))
    moves = [
        replace(move, best=record.moves[0], best_after=Wdl(share, 1 - share, 0.0), after=Wdl(0.0, 1.0, 0.0))
        for move, share in zip(moves, (0.3, 0.9, 0.5), strict=True)
    ]
    moves[0] = replace(moves[0], best=record.moves[2])
    analysis = GameAnalysis(record, tuple(moves), model="nano")
    assert [move.ply for move in analysis.mistakes()] == [2, 3, 1]
    assert [move.ply for move in analysis.mistakes(RED)] == [3, 1]


# --- reports


def test_the_table_has_a_line_a_move(analysis):
    lines = format_table(analysis).splitlines()
    assert "炮二平五" in lines[1] and "h2e2" in lines[1]
    assert len(lines) == 1 + 8 + 4 + bool(analysis.mistakes())
    assert format_table(analysis, chinese=False).isascii()


def test_pgn_reads_back_with_comments_glyphs_and_better_lines(analysis):
    analysis.game.node(1).comment = "a person's words"
    (again,) = parse_pgn(format_pgn(annotated(analysis)))
    assert again.moves == analysis.game.moves
    assert again.comments[1].startswith("a person's words; ")
    assert analysis.game.comments == {1: "a person's words"}
    glyphs = {Judgement.INACCURACY: [6], Judgement.MISTAKE: [2], Judgement.BLUNDER: [4]}
    for move in analysis.moves:
        assert f"{move.surprise:.1f} bits" in again.comments[move.ply]
        assert again.node(move.ply).nags == glyphs.get(move.judgement, [])
        assert f"[%eval {evaluation(move)}]" in again.comments[move.ply]
        others = again.node(move.ply - 1).variations[1:]
        assert [other.move for other in others] == ([move.best] if move.judgement else [])


def test_a_second_review_takes_the_place_of_the_first(model):
    record = game("b2b9 i6i5 c3c4")
    record.node(1).comment, record.node(3).nags = "a person's words", [1]
    moves = reviewed(model, record, Oracle("h2e2", 700, 0))
    moves[2] = replace(moves[2], best=record.moves[0], best_after=Wdl(1.0, 0.0, 0.0), after=Wdl(0.0, 0.0, 1.0))
    assert moves[0].judgement is moves[2].judgement is Judgement.BLUNDER
    (once,) = parse_pgn(format_pgn(annotated(GameAnalysis(record, tuple(moves), model="nano"))))
    assert (once.node(1).nags, once.node(3).nags) == ([4], [1]), "a person's glyph stays the only one"
    moves[0] = replace(moves[0], best_after=moves[0].after)
    (twice,) = parse_pgn(format_pgn(annotated(GameAnalysis(once, tuple(moves), model="nano"))))
    assert twice.comments[1].startswith("a person's words; [%eval") and twice.node(1).nags == []
    assert all(comment.count("[%eval") == comment.count("wdl") == 1 for comment in twice.comments.values())
    assert (twice.comments[2], twice.comments[3]) == (once.comments[2], once.comments[3])
    once.node(2).comment = "[%eval 0.35] Another's words"
    (other,) = parse_pgn(format_pgn(annotated(GameAnalysis(once, tuple(moves), model="nano"))))
    assert other.comments[2].startswith("[%eval 0.35] Another's words; ")


def test_a_mistakes_refutation_is_a_line_of_the_record(model):
    record = game("b2b9 i6i5 c3c4")
    moves = reviewed(model, record, Oracle("h2e2", 700, 0))
    assert moves[0].judgement is Judgement.BLUNDER
    (again,) = parse_pgn(format_pgn(annotated(GameAnalysis(record, tuple(moves), model="nano"))))
    assert [other.move for other in again.node(1).variations[1:]] == [moves[0].refutation[0]]
    assert again.moves == record.moves


@pytest.mark.parametrize(
    ("turn", "score", "text"),
    [
        (RED, Score(cp=123), "1.23"),
        (BLACK, Score(cp=123), "-1.23"),
        (BLACK, Score(mate=-3), "#3"),
        (RED, Score(mate=2), "#2"),
    ],
)
def test_evaluations_are_reds(analysis, turn, score, text):
    assert evaluation(replace(analysis.moves[0], turn=turn, score=score)) == text


def test_json_has_the_documented_keys(analysis):
    data = json.loads(json.dumps(analysis_as_dict(analysis)))
    assert list(data) == [
        "format",
        "model",
        "deep",
        "reviewed",
        "thresholds",
        "tags",
        "result",
        "opening",
        "fen",
        "comment",
        "sides",
        "mistakes",
        "moves",
    ]
    assert list(data["sides"]) == ["red", "black"]
    assert list(data["moves"][0]) == [
        *("ply", "side", "move", "chinese", "wxf", "probability", "rank", "legal_moves", "surprise", "before", "after"),
        *(
            "score",
            "best",
            "refutation",
            "refutation_chinese",
            "book",
            "loss",
            "judgement",
            "likely",
            "illegal",
            "depth",
            "nodes",
            "fen",
            "comment",
        ),
    ]
    assert data["moves"][0]["chinese"] == "炮二平五"
    assert data["moves"][-1]["fen"] == analysis.game.end().board().fen()


def test_what_is_written_in_the_record_is_in_the_json(analysis):
    written = analysis.game.copy()
    written.add_comments({0: "before", 1: "the centre"})
    data = analysis_as_dict(replace(analysis, game=written))
    assert (data["comment"], data["moves"][0]["comment"], data["moves"][1]["comment"]) == ("before", "the centre", None)


def test_a_review_that_was_not_done_says_so(analysis):
    half = replace(analysis, deep="search:x", reviewed=0.456)
    assert "not done: 45% of the moves" in format_table(half)
    assert annotated(half).tags["Annotator"] == "search:x, 45% of the moves"
    assert analysis_as_dict(half)["reviewed"] == 0.456
    assert analysis_as_dict(analysis)["reviewed"] == 1


def test_the_report_is_one_file_that_a_name_cannot_break(analysis):
    page = format_html(analysis, piece_font=b"font")
    assert "&lt;b&gt;A&lt;/b&gt;" in page and "<b>A</b>" not in page
    assert not re.search(r'(src|href)="?(http|//)|@import|url\((?!data:|#)', page)
    embedded = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert json.loads(embedded[1]) == analysis_as_dict(analysis)
    assert "$" not in re.sub(r"\$\{|<script.*", "", page, flags=re.DOTALL)


def test_a_game_that_went_on_where_the_rules_had_ended_it_is_reviewed_to_its_end(model):
    there_and_back = "h0g2 h9g7 g2h0 g7h9 "
    record = Game(moves=[Move.from_iccs(move) for move in (4 * there_and_back + "h2e2 h7e7").split()])
    assert record.board(13).outcome() is not None
    judge = make_judge(SearchPlayer(model, limit=SearchLimit(nodes=2)))
    review = review_game(model, record, judge, nodes=2)
    assert all(move.best is not None and move.variation for move in review.moves)


class Even:
    """Sees nothing in any position, and would make the last move listed."""

    deepens = True

    def begin(self):
        pass

    def judge(self, board, nodes, stop=None):
        return Verdict(wdl_of(0), Score(cp=0), (list(board.legal_moves)[-1],))

    look_again = judge


def test_a_move_by_which_the_rules_had_lost_a_game_that_went_on_is_a_blunder(model):
    """Black checks on every move; the third time, by Red's only answer, ends the game."""
    record = game("f1f0 e0e1 f0f1 e1e0 f1f0 e0e1 f0f1 e1e0 g3h3", PERPETUAL)
    assert record.board(8).outcome().termination is Termination.PERPETUAL_CHECK
    moves = review_game(model, record, Even(), nodes=20).moves
    assert [move.judgement for move in moves[:6]] == [Judgement.FINE] * 6
    assert moves[6].judgement is Judgement.BLUNDER
    assert moves[7].after.win == 1


def test_an_only_answer_that_ends_the_game_is_known_when_it_is_looked_at_again(model):
    """Judges play forced moves at once, in a second look too."""
    judge = make_judge(SearchPlayer(model, limit=SearchLimit(nodes=2)))
    board = game("f1f0 e0e1 f0f1 e1e0 f1f0 e0e1 f0f1", PERPETUAL).board(7)
    first, again = judge.judge(board, 2), judge.look_again(board, 2)
    assert first.wdl.win == again.wdl.win == 1
