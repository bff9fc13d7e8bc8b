"""A person's rating: what games say of it, how wide the interval is, and how near ten games come."""

import numpy as np
import pytest

from xiangqi_gpt.players.levels import LADDER_ELO
from xiangqi_gpt.players.own_rating import RECENT_GAMES, most_telling_level, rate_person, rating_course, rating_history


def test_a_draw_is_half_a_win_and_half_a_loss() -> None:
    drawn, mixed = rate_person([(100.0, 0.5)] * 40), rate_person([(100.0, 1.0), (100.0, 0.0)] * 20)
    assert drawn.elo == pytest.approx(mixed.elo)
    assert drawn.elo == pytest.approx(100, abs=15)


def test_many_games_say_what_the_score_says_and_the_interval_is_that_of_theory() -> None:
    rating = rate_person([(-100.0, 1.0)] * 75 + [(-100.0, 0.0)] * 25)
    assert rating.elo == pytest.approx(-100 + 400 * np.log10(3), abs=10)
    deviation = 1 / (np.log(10) / 400 * np.sqrt(100 * 0.75 * 0.25))
    assert rating.high - rating.low == pytest.approx(2 * 1.96 * deviation, rel=0.05)


def test_few_games_leave_it_open_and_one_who_always_wins_has_a_rating() -> None:
    none, few, more = rate_person([]), rate_person([(0.0, 1.0)] * 3), rate_person([(0.0, 1.0)] * 30)
    assert none.games == 0 and none.high - none.low > 1500
    assert none.elo < few.elo < more.elo < 2000
    assert more.low < more.elo < more.high


def test_old_games_no_longer_count() -> None:
    recent = [(0.0, 1.0), (0.0, 0.0)] * (RECENT_GAMES // 2)
    assert rate_person([(0.0, 0.0)] * 50 + recent) == rate_person(recent)


def test_the_history_has_the_rating_after_each_game() -> None:
    games = [(float(elo), (0.0, 0.5, 1.0)[elo % 3]) for elo in range(-300, 300, 4)]
    history = rating_history(games)
    assert len(history) == len(games) and history[-RECENT_GAMES:] == rating_course(games)
    for count in (1, 7, RECENT_GAMES, len(games)):
        expected = rate_person(games[:count])
        assert history[count - 1].games == expected.games
        assert (history[count - 1].elo, history[count - 1].low) == pytest.approx((expected.elo, expected.low))


def test_the_next_level_is_near_the_rating() -> None:
    assert most_telling_level([(LADDER_ELO[1], 0.0)] * 12) == 1
    assert most_telling_level([(1096.0, 1.0)] * 12) == 20
    assert most_telling_level([(3.0, 1.0), (3.0, 0.0)] * 20) == 11


def errors_after(games: int, strength: float, random: np.random.Generator, people: int = 60) -> np.ndarray:
    """(P,) by how much people of one strength are rated wrongly; a third of their even games are draws."""
    errors = []
    for _ in range(people):
        played: list[tuple[float, float]] = []
        for _ in range(games):
            elo = LADDER_ELO[most_telling_level(played)]
            expected = 1 / (1 + 10 ** ((elo - strength) / 400))
            draw = 2 / 3 * min(expected, 1 - expected)
            number = random.random()
            played.append((elo, 1.0 if number < expected - draw / 2 else 0.5 if number < expected + draw / 2 else 0.0))
        errors.append(rate_person(played).elo - strength)
    return np.array(errors)


def test_ten_games_place_a_player_within_a_hundred_on_average() -> None:
    random = np.random.default_rng(1)
    found = {strength: errors_after(10, strength, random) for strength in (-450, -250, -50, 150)}
    assert np.mean([np.abs(errors).mean() for errors in found.values()]) < 100
    for strength, errors in found.items():
        assert abs(errors.mean()) < 60, strength
