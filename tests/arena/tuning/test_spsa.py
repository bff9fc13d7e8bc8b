"""SPSA: bounds, gains as published, and a known best found from noisy scores."""

import numpy as np
import pytest

from xiangqi_gpt.arena.tuning.spsa import Parameter, Spsa, TuningError, start_values

RANGE = Parameter("a", 0.0, 10.0, 0.5)


def test_the_gains_are_spalls():
    spsa = Spsa((RANGE,), 100, 0.2, 3)
    values = np.array([5.0])
    for iteration in (0, 40, 99):
        up, down = spsa.candidates(values, iteration)
        step = 0.5 * (100 / (iteration + 1)) ** 0.101
        assert abs(up - down)[0] / 2 == pytest.approx(step)
        moved = spsa.moved(values, iteration, 1.0) - values
        gain = 0.2 * ((10 + 100) / (10 + iteration + 1)) ** 0.602 / (100 / (iteration + 1)) ** (2 * 0.101)
        assert moved == pytest.approx(gain * (up - values))
    last = spsa.moved(values, 99, 1.0) - values
    assert abs(last[0]) == pytest.approx(0.2 * 0.5), "at the end a lead of a point moves by the rate, in steps"


def test_the_same_seed_goes_the_same_way_and_another_another():
    signs = [[tuple(Spsa((RANGE,) * 4, 50, 0.1, seed).directions(k)) for k in range(8)] for seed in (1, 1, 2)]
    assert signs[0] == signs[1] != signs[2]
    assert {abs(sign) for row in signs[0] for sign in row} == {1.0}


def test_it_finds_the_best_of_a_noisy_hill():
    parameters = (Parameter("a", 0.0, 10.0, 0.6), Parameter("b", -5.0, 5.0, 0.6))
    best = np.array([7.0, -2.0])
    spsa = Spsa(parameters, 1500, 0.5, 5)
    values, noise, path = np.array([3.0, 3.0]), np.random.default_rng(8), []
    for iteration in range(spsa.iterations):
        up, down = spsa.candidates(values, iteration)
        strengths = [-((point - best) ** 2).sum() / 20 for point in (up, down)]
        values = spsa.moved(values, iteration, np.tanh(strengths[0] - strengths[1]) + noise.normal(0, 0.5))
        path.append(values)
    assert np.mean(path[-500:], axis=0) == pytest.approx(best, abs=0.7)


def test_values_stay_within_their_bounds():
    spsa = Spsa((RANGE,), 10, 5.0, 1)
    for start in (0.0, 10.0):
        for iteration in range(10):
            up, down = spsa.candidates(np.array([start]), iteration)
            assert min(up[0], down[0]) >= 0 and max(up[0], down[0]) <= 10
            assert 0 <= spsa.moved(np.array([start]), iteration, 2.0)[0] <= 10


def test_whole_numbers_are_written_as_such():
    whole = Parameter.parse("mate_plies=1..9")
    assert whole.is_whole and whole.step == 1.0 and whole.text(4.6) == "5" and whole.text(40) == "9"
    assert Parameter.parse("fpu=0.0..1").text(0.3) == "0.3"


@pytest.mark.parametrize(
    "text",
    ["", "cpuct", "cpuct=3..1", "cpuct=1.0..1.0", "cpuct=0.5..3,step=0", "cpuct=0.0..1,step=0.9", "a=1..9,step=.1"],
)
def test_bounds_that_make_no_sense_are_refused(text):
    with pytest.raises(TuningError):
        Parameter.parse(text)


@pytest.mark.parametrize(
    ("options", "message"),
    [({}, "add a=VALUE"), ({"a": "x"}, "no number"), ({"a": "11"}, "starts outside")],
)
def test_a_start_that_is_missing_or_wrong_is_named(options, message):
    with pytest.raises(TuningError, match=message):
        start_values([RANGE], options, "greedy")
    with pytest.raises(TuningError, match="twice"):
        start_values([RANGE, RANGE], {"a": "5"}, "greedy")
    with pytest.raises(TuningError, match="nothing to tune"):
        start_values([], {}, "greedy")
