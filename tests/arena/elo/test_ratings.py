import math

import numpy as np
import pytest
from simulated_games import chances, game, tournament

from xiangqi_gpt.arena import elo_from_score, fit_ratings, score_from_elo
from xiangqi_gpt.rules import BLACK, RED

NATS = math.log(10) / 400


def test_two_players_without_draws_are_the_logistic_formula():
    """With a weak prior and even colours, 75 % of decisive games are 191 Elo."""
    results = [game(n, (0, 1), (RED, BLACK)[n // 4 % 2], 0.0 if n % 4 == 0 else 1.0) for n in range(4000)]
    ratings = fit_ratings(2, results, {1: 0.0})
    assert ratings.elo[0] == pytest.approx(190.85, abs=1)
    # the variance of the logistic's maximum likelihood: 1 / (N p (1 - p)) in nats
    assert math.sqrt(ratings.covariance[0, 0]) == pytest.approx(1 / math.sqrt(4000 * 0.75 * 0.25) / NATS, rel=0.02)


def test_strengths_advantage_and_draw_rate_are_found_again():
    truth = [0.0, 150.0, -200.0, 420.0]
    ratings = fit_ratings(4, tournament(truth, 3000, advantage=60, nu=1.4))
    for player, elo in enumerate(truth):
        assert ratings.elo[player] == pytest.approx(elo, abs=30)
    assert ratings.advantage == pytest.approx(60, abs=12)
    assert ratings.draw_rate == pytest.approx(1.4 / 3.4, abs=0.03)


def test_no_other_ratings_are_likelier():
    results = tournament([0.0, 100.0, -150.0], 60)
    best = fit_ratings(3, results)

    def likelihood(elo, advantage, log_nu):
        total = 0.0
        for result in results:
            first, second = result.fixture.players
            red, black = (first, second) if result.fixture.first_color == RED else (second, first)
            total += math.log(chances(elo[red] - elo[black] + advantage, math.exp(log_nu))[round(2 * result.red_score)])
        prior = sum((value / 1000) ** 2 for value in elo) + (advantage / 200) ** 2 + (log_nu / 2) ** 2
        return total - prior / 2

    nu = 2 * best.draw_rate / (1 - best.draw_rate)
    here = likelihood(best.elo, best.advantage, math.log(nu))
    for moved in ((0, 3, 0), (0, -3, 0), (0, 0, 3), (0, 0, -3)):
        assert likelihood(best.elo + np.array(moved), best.advantage, math.log(nu)) < here
    assert likelihood(best.elo, best.advantage + 3, math.log(nu)) < here
    assert likelihood(best.elo, best.advantage, math.log(nu) + 0.02) < here


@pytest.mark.slow
def test_the_intervals_cover_the_truth_at_their_rate():
    truth, covered, tries = [0.0, 120.0, -250.0], 0, 0
    for seed in range(150):
        ratings = fit_ratings(3, tournament(truth, 40, seed=seed))
        for player in (1, 2):
            low, high = ratings.interval(player)
            covered += low <= truth[player] <= high
            tries += 1
    assert 0.91 < covered / tries < 0.985


def test_draws_do_not_stretch_the_scale():
    """75 % is 191 Elo, whether a quarter of the games is lost or half of them drawn."""
    results = [game(n, (0, 1), (RED, BLACK)[n // 4 % 2], (1.0, 1.0, 0.5, 0.5)[n % 4]) for n in range(2000)]
    results += [game(n, (0, 1), (RED, BLACK)[n // 4 % 2], 0.0) for n in range(20)]
    ratings = fit_ratings(2, results, {1: 0.0})
    score = (1000 + 500) / 2020
    assert ratings.elo[0] == pytest.approx(elo_from_score(score), abs=12)


def test_a_difference_has_its_own_error():
    """Two players that met often are well told apart, however far the anchor is."""
    results = tournament([0.0, 800.0, 830.0], 10) + [
        game(10_000 + n, (1, 2), (RED, BLACK)[n % 2], (0.0, 1.0, 0.5)[n % 3]) for n in range(600)
    ]
    ratings = fit_ratings(3, results)
    c = ratings.covariance
    apart = math.sqrt(c[1, 1] + c[2, 2] - 2 * c[1, 2])
    assert apart < 20 < 60 < math.sqrt(c[1, 1])
    assert ratings.superiority(1, 0) > 0.999
    assert ratings.superiority(1, 2) + ratings.superiority(2, 1) == pytest.approx(1)


def test_a_clean_sweep_stays_finite_and_anchors_stay_fixed():
    results = [game(n, (0, 1), (RED, BLACK)[n % 2], 1.0) for n in range(40)]
    ratings = fit_ratings(3, results, {1: 123.0, 2: -50.0})
    assert list(ratings.elo[1:]) == [123.0, -50.0]
    assert 400 < ratings.elo[0] - 123 < 2000
    assert ratings.interval(1) == (123.0, 123.0)
    assert score_from_elo(float(ratings.elo[0]) - 123) > 0.95


def test_a_player_without_games_is_unknown():
    ratings = fit_ratings(3, tournament([0.0, 100.0], 20))
    low, high = ratings.interval(2)
    assert high - low > 3000


def test_a_weak_player_among_spread_anchors_has_a_finite_rating():
    """A step of the fit that leads too far, where chances have no digits left, is taken back."""
    rungs = [-1012.0, -650.0, -442.0, -319.0, -190.0, 0.0, 123.0, 300.0, 600.0, 900.0, 1494.0]
    for seed in (2, 7, 17):
        generator, results = np.random.default_rng(seed), []
        for number in range(40 + seed):
            rung = int(generator.integers(0, 3 if number > 8 else 5))
            color = (RED, BLACK)[number % 2]
            by_red = chances(-1000 - rungs[rung] if color == RED else rungs[rung] + 1000, 1.0)
            red_score = generator.choice([0, 0.5, 1], p=by_red)
            score = red_score if color == RED else 1 - red_score
            results.append(game(number + 1, (0, rung + 1), color, score))
        ratings = fit_ratings(len(rungs) + 1, results, dict(enumerate(rungs, 1)))
        assert ratings.elo[0] == pytest.approx(-1000, abs=300)


# --- beside an independent fit


def bradley_terry(players, games):
    """Strengths and the worth of the first move, in Elo, from decisive games by Hunter's iteration.

    D. R. Hunter, MM algorithms for generalized Bradley-Terry models, Annals of Statistics 32 (2004), section 3: in
    game g the chance of Red is theta gamma_red / (theta gamma_red + gamma_black).
    """
    gamma, theta = np.ones(players), 1.0
    red, black = (np.array([pair[i] for pair, _ in games]) for i in range(2))
    red_won = np.array([won for _, won in games])
    wins = np.bincount(np.where(red_won, red, black), minlength=players)
    for _ in range(20_000):
        denominator = theta * gamma[red] + gamma[black]
        updated = red_won.sum() / (gamma[red] / denominator).sum()
        denominator = updated * gamma[red] + gamma[black]
        weights = np.bincount(red, updated / denominator, players) + np.bincount(black, 1 / denominator, players)
        new = wins / weights
        new /= new[0]
        if np.abs(np.log(new / gamma)).max() < 1e-12 and abs(updated - theta) < 1e-12:
            break
        gamma, theta = new, updated
    return np.log(gamma) / NATS, math.log(theta) / NATS


@pytest.mark.parametrize("seed", range(3))
def test_decisive_games_are_rated_as_bradley_and_terry_would(monkeypatch, seed):
    """Unequal numbers of games and colours; the priors, which they do not have, are made as wide as a number goes."""
    monkeypatch.setattr("xiangqi_gpt.arena.elo.ratings._PRIOR_ELO", 1e7)
    monkeypatch.setattr("xiangqi_gpt.arena.elo.ratings._PRIOR_ADVANTAGE", 1e7)
    generator = np.random.default_rng(seed)
    truth, results, plain = [0.0, 90.0, -180.0, 260.0, 30.0], [], []
    for number in range(4000):
        red, black = (int(place) for place in generator.choice(5, 2, replace=False, p=[0.3, 0.3, 0.2, 0.1, 0.1]))
        won = bool(generator.random() < score_from_elo(truth[red] + 35 - truth[black]))
        plain.append(((red, black), won))
        pair, color = ((red, black), RED) if red < black else ((black, red), BLACK)
        results.append(game(number + 1, pair, color, float(won) if color == RED else float(not won)))
    ours = fit_ratings(5, results)
    elo, advantage = bradley_terry(5, plain)
    assert ours.elo == pytest.approx(elo, abs=0.15)  # ours leaves a little for draws that never came
    assert ours.advantage == pytest.approx(advantage, abs=0.05)


def test_a_ladders_rating_is_where_the_expected_points_are_the_points():
    """For a player among fixed ones Bradley and Terry's likelihood is greatest there; colours are even."""
    rungs = [-300.0, 0.0, 250.0]
    generator, results = np.random.default_rng(4), []
    for number in range(6000):
        rung, color = number % 3, (RED, BLACK)[number // 3 % 2]
        won = float(generator.random() < score_from_elo(120 - rungs[rung]))
        results.append(game(number + 1, (0, rung + 1), color, won))
    points = sum(result.score for result in results)
    low, high = -1000.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        expected = sum(score_from_elo(middle - rungs[number % 3]) for number in range(6000))
        low, high = (middle, high) if expected < points else (low, middle)
    assert fit_ratings(4, results, dict(enumerate(rungs, 1))).elo[0] == pytest.approx(low, abs=0.3)


# --- the errors of the fixed


def test_an_error_of_the_only_fixed_player_moves_all():
    results = tournament([0.0, 100.0], 400)
    given = fit_ratings(2, results)
    ratings = fit_ratings(2, results, anchor_errors={0: 50.0})
    assert list(ratings.elo) == list(given.elo)
    assert ratings.covariance[0, 0] == pytest.approx(50.0**2)
    assert ratings.covariance[1, 1] == pytest.approx(given.covariance[1, 1] + 50.0**2, rel=0.01)
    apart = np.array([1, -1]) @ ratings.covariance @ np.array([1, -1])
    assert apart == pytest.approx(given.covariance[1, 1], rel=0.02), "the games say how far they are apart"


def test_the_effect_of_a_fixed_rating_is_that_of_moving_it():
    rungs = {1: -250.0, 2: 0.0, 3: 400.0}
    results = [result for result in tournament([80.0, *rungs.values()], 60, seed=5) if 0 in result.fixture.players]
    errors = {1: 40.0, 2: 0.0, 3: 90.0}
    given, wide = fit_ratings(4, results, rungs), fit_ratings(4, results, rungs, anchor_errors=errors)
    variance = given.covariance[0, 0]
    for place, error in errors.items():
        moved = [fit_ratings(4, results, rungs | {place: rungs[place] + step}).elo[0] for step in (-1.0, 1.0)]
        variance += ((moved[1] - moved[0]) / 2 * error) ** 2
    assert wide.covariance[0, 0] == pytest.approx(variance, rel=0.03)
    assert wide.interval(0)[0] < given.interval(0)[0]
