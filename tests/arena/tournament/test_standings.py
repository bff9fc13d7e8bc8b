from dataclasses import replace

import numpy as np
import pytest
from simulated_games import tournament

from xiangqi_gpt.arena import Sprt, Standings


def results(elo, games=600, seed=1):
    """A match of two players as it was scheduled: pairs with both colours."""
    return tournament([elo, 0.0], games, advantage=30, seed=seed)


def renumbered(games):
    """The same with the pairs that the schedule gives."""
    return [replace(game, fixture=replace(game.fixture, pair=i // 2)) for i, game in enumerate(games)]


@pytest.mark.parametrize("elo", [120.0, -60.0])
def test_a_decision_does_not_depend_on_the_order_in_which_games_end(elo):
    games = renumbered(results(elo))
    found = []
    for seed in range(5):
        standings = Standings(["a", "b"], sprt=Sprt(0, 60))
        order = np.random.default_rng(seed).permutation(len(games)) if seed else range(len(games))
        for number in order:
            standings.add(games[number])
        found.append((standings.decision, standings.games, standings.total.pairs, sorted(standings.results)))
    assert found[0][0] == ("elo1" if elo > 0 else "elo0")
    assert all(other == found[0] for other in found)
    assert 10 < found[0][1] < 600


def test_a_game_counts_once():
    games = renumbered(results(0, 20))
    standings = Standings(["a", "b"])
    for game in games + games[:7]:
        standings.add(game)
    assert standings.games == 20 == standings.total.games
    assert sum(standings.total.pairs) == 10


def test_the_flat_values_are_the_first_players_view():
    games = renumbered(tournament([200.0, 0.0, -100.0], 40))
    standings = Standings(["a", "b", "c"])
    for game in games:
        standings.add(game)
    values = standings.as_dict()
    points, count = standings.score_of(0)
    assert values["games"] == count == 80
    assert values["score"] == pytest.approx(points / count, abs=1e-4)
    assert values["wins"] + values["draws"] / 2 == points
    assert values["elo_low"] < values["elo"] < values["elo_high"]
    covariance = np.array(values["covariance"])
    assert covariance.shape == (3, 3)
    assert np.allclose(covariance, covariance.T)
    assert not covariance[0].any()
    assert covariance[1, 1] > 0


def test_an_anchor_moves_all_ratings_alike():
    games = renumbered(tournament([200.0, 0.0, -100.0], 200))

    def ratings(anchors):
        standings = Standings(["a", "b", "c"], anchors=anchors)
        for game in games:
            standings.add(game)
        return standings.ratings.elo

    # the weak prior around the anchor moves them by a point or so
    assert ratings({1: 500.0}) - 500 == pytest.approx(ratings({1: 0.0}), abs=0.01)
    assert ratings({0: 0.0}) - ratings({0: 0.0})[1] == pytest.approx(ratings({1: 0.0}), abs=4)
