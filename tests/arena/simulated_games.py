"""Games of players of known strength, drawn by chance."""

import math

import numpy as np

from xiangqi_gpt.arena import Fixture, GameResult, Opening, score_from_elo
from xiangqi_gpt.rules import BLACK, RED


def game(number, players, color, score):
    return GameResult(Fixture(number, number // 2, players, color, Opening()), score, "checkmate")


def chances(elo, nu):
    """Chances of a loss, a draw and a win that are as 1/t : nu : t and give the score of the logistic; t by halving."""
    expected = score_from_elo(elo)
    low, high = -30.0, 30.0
    for _ in range(60):
        log_t = (low + high) / 2
        weights = np.array([math.exp(-log_t), nu, math.exp(log_t)])
        loss, draw, win = weights / weights.sum()
        low, high = (log_t, high) if win + draw / 2 < expected else (low, log_t)
    return np.array([loss, draw, win])


def tournament(elo, games, *, advantage=40.0, nu=1.0, seed=0):
    """Games of players of known strength; ``games`` by each two of them."""
    generator = np.random.default_rng(seed)
    results = []
    for i in range(len(elo)):
        for j in range(i + 1, len(elo)):
            by_color = {RED: chances(elo[i] + advantage - elo[j], nu), BLACK: chances(elo[j] + advantage - elo[i], nu)}
            for number in range(games):
                color = (RED, BLACK)[number % 2]
                red_score = generator.choice([0, 0.5, 1], p=by_color[color])
                score = red_score if color == RED else 1 - red_score
                results.append(game(len(results) + 1, (i, j), color, score))
    return results
