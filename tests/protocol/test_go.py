"""The limits of a search and the time a move may take."""

import doctest

import pytest

from xiangqi_gpt.players import SearchLimit
from xiangqi_gpt.protocol import go as go_module
from xiangqi_gpt.protocol.go import Go, read_go
from xiangqi_gpt.rules import BLACK, RED


def test_examples():
    assert doctest.testmod(go_module).attempted > 0
    assert doctest.testmod(go_module).failed == 0


@pytest.mark.parametrize(
    ("words", "go"),
    [
        ("", Go()),
        ("nodes 400", Go(SearchLimit(nodes=400))),
        ("depth 6 infinite", Go(SearchLimit(depth=6), infinite=True)),
        ("depth infinite", Go(infinite=True)),
        ("movetime 1500", Go(SearchLimit(movetime=1500))),
        ("wtime 1000 btime 2000 binc 30 movestogo 7", Go(clock=2.0, increment=0.03, moves_to_go=7)),
        ("ponder btime 9000 wtime 1", Go(clock=9.0, ponder=True)),
        ("searchmoves h2e2 b2e2 nodes 3", Go(SearchLimit(nodes=3), moves=("h2e2", "b2e2"))),
        ("nodes many depth -4 btime", Go(SearchLimit(depth=1))),
        ("mate 3 wings 5 nodes " + "9" * 400, Go()),
    ],
)
def test_reading(words, go):
    assert read_go(words.split(), BLACK) == go


@pytest.mark.parametrize("moves_to_go", [None, 1, 40])
@pytest.mark.parametrize("clock", [0.0, 0.2, 3.0, 600.0])
def test_the_time_for_a_move_never_uses_up_the_clock(clock, moves_to_go):
    seconds = Go(clock=clock, increment=5.0, moves_to_go=moves_to_go).seconds
    assert seconds is not None and 0 <= seconds <= clock


def test_a_clock_lasts_for_the_whole_game():
    left = 60.0
    for _ in range(120):
        seconds = Go(clock=left).seconds
        assert seconds is not None
        left -= seconds
    assert left > 0


def test_red_and_black_have_clocks_of_their_own():
    words = ["wtime", "1000", "btime", "2000"]
    assert (read_go(words, RED).clock, read_go(words, BLACK).clock) == (1.0, 2.0)
