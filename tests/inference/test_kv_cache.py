"""The pages of the KV cache: handed out as games grow, taken back when they go back or are forgotten."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_models import random_network

from xiangqi_gpt.inference.config import GptConfig
from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.kv_cache import PAGE, KvCache
from xiangqi_gpt.rules import Board

CONFIG = GptConfig(layers=1, heads=1, width=16)
STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 70)), max_size=30)


def write(cache: KvCache, row: int, first: int, plies: int, value: float) -> None:
    cache.extend(np.array([row]), np.array([first + plies]))
    for ply in range(first, first + plies):
        cache.store[cache.pages[row, ply // PAGE], :, :, :, ply % PAGE] = value + ply


@given(STEPS)
def test_rows_keep_what_was_written_to_them_and_share_no_page(steps: list[tuple[int, int, int]]) -> None:
    cache, rows = KvCache(CONFIG), [np.zeros(0) for _ in range(4)]
    cache.reserve(4)
    for number, (row, other, plies) in enumerate(steps):
        if row == other:
            cache.release(row)
            rows[row] = rows[row][:0]
        elif plies % 3 == 0 and len(rows[other]):
            cache.copy(other, row, min(plies, len(rows[other])))
            rows[row] = rows[other][: min(plies, len(rows[other]))]
        elif plies:
            first = min(len(rows[row]), plies // 2)  # what was there beyond is given up
            write(cache, row, first, plies, 100 * number)
            rows[row] = np.append(rows[row][:first], 100 * number + np.arange(first, first + plies))
        for r, expected in enumerate(rows):
            view = cache.view(r, len(expected))
            assert view.shape == (1, 2, 1, len(expected), 16)
            assert (view == expected[:, None]).all()
    assert cache.pages_used == sum(-(-len(expected) // PAGE) for expected in rows)


def test_the_memory_of_games_that_have_ended_is_used_for_others() -> None:
    evaluator = Evaluator(random_network())
    used = []
    for generation in range(4):
        boards = [Board() for _ in range(40)]
        for ply in range(3):
            for number, board in enumerate(boards):
                moves = list(board.legal_moves)
                board.push(moves[(number + 7 * generation + ply) % len(moves)])
            evaluator.evaluate_many(boards)
        used.append(evaluator._cache.pages_used)
    assert used[-1] <= 80
