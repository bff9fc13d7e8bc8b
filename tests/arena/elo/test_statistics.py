import math

import numpy as np
import pytest

from xiangqi_gpt.arena import elo_from_score, estimate, score_from_elo
from xiangqi_gpt.arena.elo.signed import signed, signed_interval
from xiangqi_gpt.arena.elo.statistics import normalized_elo


@pytest.mark.parametrize(("score", "elo"), [(0.5, 0), (0.75, 190.85), (0.64, 99.95), (0.9, 381.70), (0.25, -190.85)])
def test_elo_of_a_score_is_the_logistic_formula(score, elo):
    assert elo_from_score(score) == pytest.approx(elo, abs=0.005)
    assert score_from_elo(elo) == pytest.approx(score, abs=1e-4)


def test_a_large_match_agrees_with_the_normal_approximation():
    pairs = [180, 2300, 5000, 2700, 220]
    scores = np.repeat([0, 0.25, 0.5, 0.75, 1], pairs)
    error = 1.959964 * scores.std() / math.sqrt(len(scores))
    result = estimate(pairs)
    assert result.score == pytest.approx(scores.mean())
    assert result.elo == pytest.approx(elo_from_score(scores.mean()))
    assert result.elo_low == pytest.approx(elo_from_score(scores.mean() - error), abs=0.01)
    assert result.elo_high == pytest.approx(elo_from_score(scores.mean() + error), abs=0.01)


@pytest.mark.parametrize(
    ("pairs", "elo", "error"),
    [
        ([1, 11, 47, 25, 16], 117.50, 48.15),
        ([1, 15, 25, 33, 26], 159.46, 48.15),
        ([1, 24, 42, 25, 8], 40.51, 48.15),
        ([2, 23, 32, 35, 8], 61.39, 48.15),
        ([34, 54, 63, 64, 75], 57.94, 28.28),
        ([332, 433, 498, 333, 334], -9.17, 10.96),
        ([7895, 8757, 5685, 568, 9999], -19.01, 2.65),
    ],
)
def test_normalized_elo_is_what_fastchess_prints(pairs, elo, error):
    found = normalized_elo(pairs)
    assert (round(found.elo, 2), round(found.error, 2)) == (elo, error)


@pytest.mark.parametrize("pairs", [[0] * 5, [0, 0, 9, 0, 0], [0, 0, 0, 0, 3]])
def test_pairs_that_end_alike_have_no_spread(pairs):
    assert normalized_elo(pairs) is None


def test_nothing_is_minus_nothing():
    assert [signed(value) for value in (-0.0, -0.4, 0.4, 0.6, -0.6)] == ["0", "0", "0", "+1", "-1"]
    assert signed_interval(-0.001, 0.004, 2) == "0.00 to 0.00"


def test_colours_exchanged_gain_precision_when_the_opening_decides():
    """Each side wins its good half of every opening: the players are surely equal, though no game was drawn."""
    fixed, free = estimate([0, 0, 100, 0, 0]), estimate([25, 0, 50, 0, 25])
    assert fixed.elo == free.elo == 0
    assert fixed.elo_high < 15 < 40 < free.elo_high


def test_the_first_and_the_second_view_mirror_each_other():
    one, other = estimate([1, 2, 3, 5, 8]), estimate([8, 5, 3, 2, 1])
    assert (one.elo, one.elo_low, one.elo_high) == pytest.approx((-other.elo, -other.elo_high, -other.elo_low))


def test_a_clean_sweep_is_finite_and_grows_with_the_games():
    ten, hundred = estimate([0, 0, 0, 0, 5]), estimate([0, 0, 0, 0, 50])
    assert ten.score == hundred.score == 1
    assert 0 < ten.elo_low < ten.elo < ten.elo_high < math.inf
    assert ten.elo_low < hundred.elo_low
    lost = estimate([5, 0, 0, 0, 0])
    assert (lost.elo_low, lost.elo_high) == pytest.approx((-ten.elo_high, -ten.elo_low))


def test_a_single_game_says_next_to_nothing():
    result = estimate([0] * 5, [1.0])
    assert result.score == 1
    assert result.elo_low < 0
    drawn = estimate([0] * 5, [0.5])
    assert drawn.elo == 0
    assert drawn.elo_low < -200


@pytest.mark.parametrize("pairs", [10, 100])
@pytest.mark.parametrize(
    ("elo", "draws", "opening"), [(0, 0.0, 0), (0, 0.5, 0), (100, 0.3, 200), (300, 0.3, 0), (600, 0.2, 100)]
)
def test_the_interval_covers_the_truth_at_its_rate(pairs, elo, draws, opening):
    """2,000 simulated matches of known strength; ``opening`` is the spread of the openings' advantage in Elo."""
    generator = np.random.default_rng([pairs, elo, opening])
    matches = 2000
    advantage = generator.normal(0, opening, (matches, pairs))

    def game(sign):
        expected = 1 / (1 + 10 ** (-(elo + sign * advantage) / 400))
        drawn = np.minimum(draws, 2 * np.minimum(expected, 1 - expected))
        chance = generator.random((matches, pairs))
        return np.where(chance < expected - drawn / 2, 2, np.where(chance < expected + drawn / 2, 1, 0))

    results = game(1) + game(-1)
    # The mean over all openings is the truth; its own error is a twentieth of one match's.
    truth = elo_from_score(results.mean() / 4)
    estimates = [estimate(np.bincount(row, minlength=5).tolist()) for row in results]
    covered = np.mean([e.elo_low <= truth <= e.elo_high for e in estimates])
    assert 0.925 < covered < (0.995 if pairs == 10 else 0.98)
