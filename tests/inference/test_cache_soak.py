"""Threads that share a network: random courses of many games, of which each thread keeps its own cache.

For longer: ``SOAK_COURSES=2000 python -m pytest -q tests/inference/test_cache_soak.py --timeout=0``.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_games import random_game
from random_models import random_network

from xiangqi_gpt.inference.evaluation import Evaluation
from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.rules import Board

NETWORK = random_network(seed=4, context=40)
COURSES = int(os.environ.get("SOAK_COURSES", "10"))
THREADS, GAMES = 4, 5
KINDS = ("push", "push", "push", "pop", "new", "copy", "reread", "many", "values", "jump")
STEP = st.tuples(st.sampled_from(KINDS), st.integers(0, GAMES - 1), st.integers(0, 999))
COURSE = st.lists(st.lists(STEP, min_size=5, max_size=40), min_size=THREADS, max_size=THREADS)


def expect_close(found: Evaluation, board: Board) -> None:
    """Raise ``AssertionError`` unless an evaluation says what reading the game anew says."""
    fresh = Evaluator(NETWORK).evaluate(board)
    assert found.policy.keys() == fresh.policy.keys()
    assert all(abs(found.policy[move] - fresh.policy[move]) < 1e-5 for move in fresh.policy)
    assert np.allclose(found.wdl, fresh.wdl, atol=1e-5)


def live(steps: list[tuple[str, int, int]]) -> int:
    """Let games go on, back, part and begin anew, and ask about them; returns how many answers were compared."""
    evaluator, boards, compared = Evaluator(NETWORK), [random_game(seed, 8 * seed) for seed in range(GAMES)], 0
    for kind, which, number in steps:
        board = boards[which]
        if kind == "push" and (moves := list(board.legal_moves)):
            for move in moves[number % len(moves) :][:1]:
                board.push(move)
        elif kind == "pop":
            for _ in range(min(number % 20, len(board.move_stack))):
                board.pop()
        elif kind == "new":
            boards[which] = random_game(number, number % 60)
        elif kind == "copy":
            boards[which] = boards[number % GAMES].copy()
        elif kind == "jump":
            boards[which] = random_game(number, 5, Board("4k4/9/9/9/9/9/9/4B4/4A4/R3K4 w - - 0 1"))
        asked = boards if kind == "many" else [boards[which]]
        for one, found in zip(asked, evaluator.evaluate_many(asked), strict=True):
            expect_close(found, one)
            compared += 1
        if kind == "values" and (moves := list(boards[which].legal_moves)[:3]):
            values = evaluator.values_after(boards[which], moves)
            assert np.allclose(values, Evaluator(NETWORK).values_after(boards[which], moves), atol=1e-5)
    return compared


@pytest.mark.slow
@given(COURSE)
@settings(max_examples=COURSES, deadline=None, suppress_health_check=list(HealthCheck))
def test_caches_of_threads_say_what_reading_anew_says(courses: list[list[tuple[str, int, int]]]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        compared = list(pool.map(live, courses))
    assert all(number >= len(course) for number, course in zip(compared, courses, strict=True))
