import math

import numpy as np
import pytest

from xiangqi_gpt.arena import Sprt, score_from_elo
from xiangqi_gpt.arena.elo.sprt import SprtError, _with_t_value

SCORES = np.array([0, 0.25, 0.5, 0.75, 1])


def drawn_pairs(generator, elo, count, draws=0.4):
    """Pair scores (0..4) of independent games of a player ``elo`` stronger."""
    expected = score_from_elo(elo)
    chances = [1 - expected - draws / 2, draws, expected - draws / 2]
    return generator.choice(3, size=(count, 2), p=chances).sum(axis=1)


def test_the_ratio_agrees_with_the_normal_approximation():
    """For many pairs and small differences: N (s1 - s0) (2 mean - s0 - s1) / (2 variance)."""
    pairs = [310, 2200, 4900, 2450, 340]
    test = Sprt(0, 5)
    s0, s1 = score_from_elo(0), score_from_elo(5)
    shares = np.array(pairs) / sum(pairs)
    mean = shares @ SCORES
    variance = shares @ (SCORES - mean) ** 2
    approximate = sum(pairs) * (s1 - s0) * (2 * mean - s0 - s1) / (2 * variance)
    assert test.ratio(pairs) == pytest.approx(approximate, rel=0.01)


def test_the_ratio_is_that_of_the_likeliest_distributions():
    """Against a search over all distributions with the wanted mean, done by a fine grid on three scores."""
    pairs = [0, 30, 0, 50, 20]
    test = Sprt(0, 50)

    def best(expected):
        """Likelihood of the counts at scores ¼, ¾ and 1, with mean ``expected``."""
        quarter = np.linspace(1e-4, 1 - 1e-4, 200_001)
        # ¼ a + ¾ b + c = expected with a + b + c = 1
        b = (1 - quarter + 0.25 * quarter - expected) * 4
        c = 1 - quarter - b
        fits = (b > 0) & (c > 0)
        values = 30 * np.log(quarter[fits]) + 50 * np.log(b[fits]) + 20 * np.log(c[fits])
        return values.max()

    expected = best(score_from_elo(50)) - best(score_from_elo(0))
    assert test.ratio(pairs) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    ("pairs", "elo0", "elo1", "model", "ratio"),
    [
        ([1, 11, 47, 25, 16], 0, 10, "normalized", 1.71),
        ([1, 15, 25, 33, 26], 0, 10, "normalized", 2.19),
        ([1, 24, 42, 25, 8], 0, 10, "normalized", 0.60),
        ([2, 23, 32, 35, 8], 0, 10, "normalized", 0.92),
        ([365, 16618, 36229, 16974, 390], 0, 2, "normalized", 2.25),
        ([127, 4883, 10712, 5150, 104], -1.75, 0.25, "normalized", 3.01),
        ([223, 9863, 21279, 10037, 246], 0.5, 2.5, "logistic", -3.07),
        ([871, 26175, 55983, 26678, 821], 0, 2, "logistic", -4.98),
    ],
)
def test_the_ratio_is_what_fastchess_prints(pairs, elo0, elo1, model, ratio):
    assert round(Sprt(elo0, elo1, model=model).ratio(pairs), 2) == ratio


def test_the_normalized_ratio_compares_distributions_of_the_wanted_t_value():
    """And no other distribution near by with that value makes the counts likelier."""
    shares = np.array([1, 11, 47, 25, 16]) / 100
    found = np.array(_with_t_value(shares.tolist(), 25.0))

    def t_value(chances):
        mean = chances @ SCORES
        return (mean - 0.5) / math.sqrt(chances @ (SCORES - mean) ** 2)

    wanted = math.sqrt(2) * 25 * math.log(10) / 800
    assert found.sum() == pytest.approx(1)
    assert t_value(found) == pytest.approx(wanted, rel=1e-6)
    generator = np.random.default_rng(0)
    for _ in range(200):
        step = generator.normal(size=5) * 1e-3
        near = found + step - step.mean()
        for _ in range(100):  # back to the same t value, along the scores
            near += (wanted - t_value(near)) * 0.3 * (SCORES - 0.5)
            near /= near.sum()
        assert t_value(near) == pytest.approx(wanted, abs=1e-6)
        assert shares @ np.log(near) <= shares @ np.log(found) + 1e-9


def test_the_model_of_a_test_is_read():
    assert Sprt.parse("elo0=0,elo1=5,model=normalized") == Sprt(0, 5, model="normalized")
    with pytest.raises(SprtError, match="model is one of logistic, normalized"):
        Sprt.parse("elo0=0,elo1=5,model=bayesian")


def test_bounds_and_decisions():
    test = Sprt(0, 10, alpha=0.05, beta=0.1)
    assert test.bounds == pytest.approx((math.log(0.1 / 0.95), math.log(0.9 / 0.05)))
    assert test.ratio([0] * 5) == 0
    assert test.decision([0, 100, 5000, 2000, 0]) == "elo1"
    assert test.decision([0, 2000, 5000, 100, 0]) == "elo0"
    assert test.decision([0, 1, 1, 1, 0]) == ""


@pytest.mark.parametrize("pairs", [[0, 0, 0, 0, 3], [3, 0, 0, 0, 0], [0, 0, 5000, 0, 0], [1, 0, 0, 0, 0]])
def test_one_sided_counts_give_a_finite_ratio(pairs):
    assert math.isfinite(Sprt(-20, 20).ratio(pairs))


@pytest.mark.parametrize(("elo", "accepted"), [(0, "elo0"), (60, "elo1")])
def test_errors_stay_below_their_rates(elo, accepted):
    """400 simulated tests of known strength, wrong in 10 % at most by design."""
    generator = np.random.default_rng(elo)
    test = Sprt(0, 60, alpha=0.1, beta=0.1)
    wrong, lengths = 0, []
    for _ in range(400):
        counts = [0] * 5
        for number, score in enumerate(drawn_pairs(generator, elo, 2000), 1):
            counts[score] += 1
            if number % 4 == 0 and (decision := test.decision(counts)):
                wrong += decision != accepted
                lengths.append(number)
                break
    assert len(lengths) == 400
    assert wrong / 400 < 0.13  # 0.1 and two standard deviations
    assert np.mean(lengths) < 100  # a fixed number of pairs with the same errors would be 143


@pytest.mark.parametrize(
    "text", ["", "elo0=0", "elo0=5,elo1=5", "elo0=0,elo1=x", "elo0=0,elo1=5,alpha=0.6", "elo0=0,elo1=5,elo1=6"]
)
def test_a_test_that_makes_no_sense(text):
    with pytest.raises(SprtError):
        Sprt.parse(text)
