"""Moves judged, and what the reports say of them."""

import json
import math
import re
from dataclasses import replace

import pytest
from random_models import random_network

from xiangqi_gpt.analysis.annotate import annotated
from xiangqi_gpt.analysis.as_json import analysis_as_dict
from xiangqi_gpt.analysis.html import format_html
from xiangqi_gpt.analysis.move_analysis import GameAnalysis, Judgement, analyse_game, expected_score
from xiangqi_gpt.analysis.table import format_table
from xiangqi_gpt.players import Decision, Score
from xiangqi_gpt.players.gpt import GptPlayer
from xiangqi_gpt.records import Game, format_pgn, parse_pgn
from xiangqi_gpt.rules import BLACK, RED, Board

MOVES = "h2e2 h9g7 h0g2 i9h9 i0h0 b9c7 g3g4 c6c5"
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
    return GameAnalysis(record, tuple(analyse_game(model, record)), model="nano")


def test_chances_are_the_players(model):
    player, record = GptPlayer(model), game()
    board = record.board(0)
    for move in analyse_game(model, record):
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
            assert move.loss == pytest.approx(expected_score(move.best_after) - expected_score(move.after))
            assert move.loss > 0


def test_a_mate_is_worth_a_whole_game(model):
    record = game("b1b9", MATE)
    (move,) = analyse_game(model, record)
    assert record.result == "1-0"
    assert move.after == (1.0, 0.0, 0.0)
    assert move.judgement is Judgement.FINE


class Oracle:
    """Likes who is to move, as engines do; would always move ``favourite`` and knows what it and the others lead to."""

    name = "oracle"

    def __init__(self, favourite, worth, others):
        self.favourite, self.worth, self.others, self.asked = favourite, worth, others, 0

    def choose(self, board):
        self.asked += 1
        moves = list(board.legal_moves)
        move = next((move for move in moves if str(move) == self.favourite), moves[0])
        opponent = self.worth if board.move_stack and str(board.peek()) == self.favourite else self.others
        return Decision(move, variation=(move,), score=Score(cp=100 - opponent), depth=7, nodes=99)


@pytest.mark.parametrize(
    ("worth", "judgement"),
    [(500, Judgement.BLUNDER), (150, Judgement.MISTAKE), (70, Judgement.INACCURACY), (0, Judgement.FINE)],
)
def test_a_deeper_player_compares_what_two_moves_lead_to(model, worth, judgement):
    (move,) = analyse_game(model, game("b2e2"), deep=Oracle("h2e2", worth, 0))
    assert move.judgement is judgement
    assert str(move.best) == ("h2e2" if worth else "b2e2")
    assert move.loss == pytest.approx(
        expected_score(Score(cp=worth - 100).wdl) - expected_score(Score(cp=-100).wdl), abs=1e-9
    )
    assert (move.depth, move.nodes) == (7, 99)


def test_the_deeper_players_own_move_is_never_a_mistake(model):
    (move,) = analyse_game(model, game("h2e2"), deep=Oracle("h2e2", -900, 0))
    assert (move.best, move.judgement) == (move.move, Judgement.FINE)


def test_a_deeper_player_that_says_nothing_leaves_the_values_to_the_model(model):
    class Silent(Oracle):
        def choose(self, board):
            return replace(super().choose(board), score=None)

    record = game()
    alone = list(analyse_game(model, record))
    for move, own in zip(analyse_game(model, record, deep=Silent("a0a1", 0, 0)), alone, strict=True):
        assert move.before == pytest.approx(own.before, abs=1e-5)
        assert move.after == pytest.approx(own.after, abs=1e-5)


def test_results_come_while_it_thinks(model):
    oracle = Oracle("a0a1", 0, 0)
    moves = analyse_game(model, game(), deep=oracle)
    next(moves)
    assert oracle.asked <= 3


def test_sides_are_summed_up(analysis):
    red, black = analysis.side(RED), analysis.side(BLACK)
    assert (red.moves, black.moves) == (4, 4)
    own = [move for move in analysis.moves if move.turn == RED]
    assert red.surprise == pytest.approx(sum(move.surprise for move in own) / 4)
    assert red.likeliest == sum(move.rank == 1 for move in own) / 4
    assert sum(red.counts.values()) == sum(bool(move.judgement) for move in own)


# --- reports


def test_the_table_has_a_line_a_move(analysis):
    lines = format_table(analysis).splitlines()
    assert "炮二平五" in lines[1] and "h2e2" in lines[1]
    assert len(lines) == 1 + 8 + 4
    assert format_table(analysis, chinese=False).isascii()


def test_pgn_reads_back_with_comments_glyphs_and_better_lines(analysis):
    analysis.game.comments[1] = "a person's words"
    (again,) = parse_pgn(format_pgn(annotated(analysis)))
    assert again.moves == analysis.game.moves
    assert again.comments[1].startswith("a person's words; ")
    assert analysis.game.comments == {1: "a person's words"}
    glyphs = {Judgement.INACCURACY: [6], Judgement.MISTAKE: [2], Judgement.BLUNDER: [4]}
    for move in analysis.moves:
        assert f"{move.surprise:.1f} bits" in again.comments[move.ply]
        assert again.nags.get(move.ply - 1, []) == glyphs.get(move.judgement, [])
        lines = again.variations.get(move.ply - 1, [])
        assert [line.moves[0] for line in lines] == ([move.best] if move.judgement else [])


def test_json_has_the_documented_keys(analysis):
    data = json.loads(json.dumps(analysis_as_dict(analysis)))
    assert list(data) == ["format", "model", "deep", "thresholds", "tags", "result", "opening", "fen", "sides", "moves"]
    assert list(data["sides"]) == ["red", "black"]
    assert list(data["moves"][0]) == [
        *("ply", "side", "move", "chinese", "wxf", "probability", "rank", "legal_moves", "surprise", "before", "after"),
        *("best", "loss", "judgement", "likely", "illegal", "depth", "nodes", "fen"),
    ]
    assert data["moves"][0]["chinese"] == "炮二平五"
    assert data["moves"][-1]["fen"] == analysis.game.board().fen()


def test_the_report_is_one_file_that_a_name_cannot_break(analysis):
    page = format_html(analysis, piece_font=b"font")
    assert "&lt;b&gt;A&lt;/b&gt;" in page and "<b>A</b>" not in page
    assert not re.search(r'(src|href)="?(http|//)|@import|url\((?!data:|#)', page)
    embedded = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert json.loads(embedded[1]) == analysis_as_dict(analysis)
    assert "$" not in re.sub(r"\$\{|<script.*", "", page, flags=re.DOTALL)
