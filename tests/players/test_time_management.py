"""Time on a clock: by stability, lead and complexity, and none where nothing can change. The clocks are made up."""

import itertools
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_games import random_game
from random_models import random_network

from xiangqi_gpt.players.player import SearchLimit
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.players.time_management import TimeBudget, TimeManager
from xiangqi_gpt.rules import Board

USUAL = [0.5, 0.3, 0.1, 0.05, 0.05]  # 1.2 nats


def seconds_used(policy=USUAL, best=lambda n: 1, lead=lambda n: n // 4):
    """How long a search of 1,000 nodes a second goes on, whose best move and lead are functions of its nodes."""
    manager = TimeManager(TimeBudget(1.0, 2.5), 50.0, policy)
    for n in itertools.count(10, 10):
        if manager.is_over(50.0 + n / 1000, best(n), lead(n), n, n):
            return n / 1000
    raise AssertionError


def test_a_settled_choice_takes_less_time_than_an_open_one():
    settled, open_ = seconds_used(), seconds_used(best=lambda n: n // 100)
    assert settled < 0.8 < 1 < open_ <= 2.5


def test_a_large_lead_takes_less_time_than_none():
    assert seconds_used(lead=lambda n: n // 2) < seconds_used(lead=lambda n: 0)


def test_a_complex_position_takes_more_time_than_a_plain_one():
    assert seconds_used(policy=[0.95, 0.05]) < seconds_used() < seconds_used(policy=[1 / 40] * 40)


def test_it_stops_when_nothing_can_change():
    """With 600 of 700 visits the next best move cannot catch up in what is left of about a second."""
    manager = TimeManager(TimeBudget(2.0, 5.0), 0.0, USUAL)
    assert not manager.is_over(0.1, 1, 10, 100, 100)
    assert manager.is_over(0.7, 1, 600, 700, 700)
    other = TimeManager(TimeBudget(2.0, 5.0), 0.0, USUAL)
    assert not other.is_over(0.1, 1, 10, 100, 100)
    assert not other.is_over(0.7, 1, 10, 700, 700)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400), st.integers(1, 400)), min_size=60, max_size=60),
    st.floats(0.01, 100),
    st.floats(0, 10),
)
def test_no_search_uses_more_than_the_most(steps, left, increment):
    budget = TimeBudget.of_clock(left, increment)
    assert 0 < budget.usual <= budget.most <= 0.8 * left
    manager = TimeManager(budget, 0.0, USUAL)
    for number, (best, lead, nodes) in enumerate(steps, 1):
        moment = budget.most * number / len(steps)
        if manager.is_over(moment, best, lead, nodes * number, max(lead, nodes * number)):
            return
    raise AssertionError("the last moment was the most")


def test_a_reserve_is_left():
    plain, reserved = TimeBudget.of_clock(10), TimeBudget.of_clock(10, reserve=0.05)
    assert reserved.usual == pytest.approx(plain.usual - 0.05)
    assert TimeBudget.of_clock(0.01, reserve=0.05) == TimeBudget(0.0, 0.0)
    assert TimeBudget.of_clock(8, moves=1) == TimeBudget(6.4, 6.4)


class FakeClock:
    """Goes on by so much whenever it is looked at."""

    def __init__(self, step=0.001):
        self.now, self._step = 100.0, step

    def __call__(self):
        self.now += self._step
        return self.now


def test_a_search_keeps_its_budget_by_its_own_clock():
    clock = FakeClock()
    with closing(SearchPlayer(random_network(), clock=clock, megabytes=8)) as player:
        begun = clock.now
        decision = player.choose(random_game(3, 12), SearchLimit(budget=TimeBudget(0.2, 0.5)))
        assert 0.02 < clock.now - begun < 0.52
        assert decision.nodes > 10
        begun = clock.now
        assert player.choose(random_game(4, 12), SearchLimit(nodes=5, budget=TimeBudget(9, 9))).nodes >= 5
        assert clock.now - begun < 1  # what ends first ends it


def test_a_whole_game_never_oversteps_a_clock():
    clock, left = FakeClock(), [2.0, 2.0]
    with closing(SearchPlayer(random_network(), clock=clock, megabytes=8)) as player:
        board = Board()
        for _ in range(60):
            begun, mover = clock.now, board.turn
            board.push(player.choose(board, SearchLimit(budget=TimeBudget.of_clock(left[mover], 0.01))).move)
            left[mover] += 0.01 - (clock.now - begun)
            assert left[mover] > 0
            if board.outcome():
                break


def test_what_is_forced_is_played_at_once():
    board = Board("3k5/9/9/9/9/9/9/9/3p5/4K4 w - - 0 1")
    assert len(board.legal_moves) == 1
    with closing(SearchPlayer(random_network(), clock=FakeClock(), megabytes=8)) as player:
        assert player.choose(board, SearchLimit(budget=TimeBudget(5, 9))).nodes <= 2
