"""A position analysed for as long as one looks at it."""

import pytest
from random_models import random_network

from xiangqi_gpt.analysis.live import analyse_live
from xiangqi_gpt.players import Decision, Score
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.rules import Board


@pytest.fixture(scope="module")
def player():
    with SearchPlayer(random_network(seed=2), megabytes=16) as player:
        yield player


def after(*moves):
    board = Board()
    for move in moves:
        board.push_uci(move)
    return board


def test_it_looks_further_with_every_step(player):
    steps = analyse_live(player, Board(), 3)
    first = next(steps)
    later = next(state for state in steps if state.nodes > first.nodes)
    assert len(first.lines) == len(later.lines) == 3
    assert len({line.moves[0] for line in later.lines}) == 3


def test_what_wins_material_is_found_whatever_the_model_thinks(player):
    state = next(analyse_live(player, after("h2e2", "h7h3", "h0g2", "b7h7", "i0h0"), 1))
    assert state.lines[0].moves[0].iccs() == "h7h0"
    assert state.lines[0].score.cp > 200


def test_it_ends_when_told_to(player):
    told = []
    states = list(analyse_live(player, Board(), 1, stop=lambda: len(told) > 40 or told.append(1)))
    assert len(states) <= 41


def test_a_game_that_is_over_has_no_lines(player):
    board = Board("3k5/R8/9/9/9/9/9/9/1R7/4K4 w - - 0 1")
    board.push_uci("b1b9")
    assert list(analyse_live(player, board, 3)) == []


def test_another_player_says_one_line():
    class Oracle:
        name = "oracle"

        def choose(self, board):
            move = next(iter(board.legal_moves))
            return Decision(move, variation=(move,), score=Score(cp=33), nodes=7)

    (state,) = analyse_live(Oracle(), Board(), 5)
    assert len(state.lines) == 1
    assert (state.lines[0].score, state.nodes) == (Score(cp=33), 7)
