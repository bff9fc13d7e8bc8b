"""How near a person's rating comes after some games, by simulation: the table of ``docs/levels.md``.

Run: python benchmarks/own_rating.py [--games 10] [--people 60]
"""

from __future__ import annotations

import argparse

import numpy as np

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players.levels import LADDER_ELO, SHOWN_ELO
from xiangqi_gpt.players.own_rating import OwnRating, most_telling_level, rate_person

#: Strengths of the simulated people on the ladder.
STRENGTHS = (-900, -600, -450, -300, -150, 0, 150, 300, 450, 600, 850, 1100)
#: Draws among games of equals.
DRAWS = 0.3


def rated(strength: float, games: int, random: np.random.Generator) -> OwnRating:
    """Return the rating of a person of a strength after some games, each against the level that says most."""
    played: list[tuple[float, float]] = []
    for _ in range(games):
        elo = LADDER_ELO[most_telling_level(played)]
        expected = 1 / (1 + 10 ** ((elo - strength) / 400))
        draw, number = 2 * DRAWS * min(expected, 1 - expected), random.random()
        won, not_lost = expected - draw / 2, expected + draw / 2
        played.append((elo, 1.0 if number < won else 0.5 if number < not_lost else 0.0))
    return rate_person(played)


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description="the error of a person's rating")
    parser.add_argument("--games", type=int, default=10)
    parser.add_argument("--people", type=int, default=60)
    options = parser.parse_args()
    random = np.random.default_rng(0)
    print(machine_line())
    print("| Strength | Mean error | Bias | Within 100 | Inside the interval |\n|---|---|---|---|---|")
    means = []
    for strength in STRENGTHS:
        ratings = [rated(strength, options.games, random) for _ in range(options.people)]
        errors = np.array([rating.elo - strength for rating in ratings])
        inside = np.mean([rating.low <= strength <= rating.high for rating in ratings])
        means.append(float(np.abs(errors).mean()))
        print(
            f"| {strength + SHOWN_ELO} | {means[-1]:.0f} | {errors.mean():+.0f} | "
            f"{np.mean(np.abs(errors) <= 100):.0%} | {inside:.0%} |",
            flush=True,
        )
    print(f"mean error of all: {np.mean(means):.0f}")


if __name__ == "__main__":
    main()
