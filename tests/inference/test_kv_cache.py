"""The pages of the KV cache: handed out as games grow, taken back when they go back or are forgotten."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_games import random_game
from random_models import random_network

from xiangqi_gpt.inference.config import GptConfig
from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.kv_cache import PAGE, KvCache
from xiangqi_gpt.inference.network import Plies
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
        boards = [random_game(40 * generation + number, 6) for number in range(40)]
        for ply in range(3):
            for number, board in enumerate(boards):
                moves = list(board.legal_moves)
                board.push(moves[(number + ply) % len(moves)])
            evaluator.evaluate_many(boards)
        used.append(evaluator._cache.pages_used)
    assert used[-1] <= 80


def test_games_in_play_are_kept_between_the_calls_of_two_players_and_ended_ones_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evaluator, plies = Evaluator(random_network()), []
    forward = type(evaluator.network).forward

    def counted(self: Any, new: Plies, *arguments: Any) -> Any:
        plies.append(len(new.tokens))
        return forward(self, new, *arguments)

    monkeypatch.setattr(type(evaluator.network), "forward", counted)
    boards = [random_game(seed, 20) for seed in range(80)]
    for _ in range(6):
        for half in (boards[:40], boards[40:]):  # each player has its games
            evaluator.evaluate_many(half)
            for board in half:
                board.push(next(iter(board.legal_moves)))
    assert sum(plies) == 80 * 21 + 5 * 80  # no game is read twice
    for _ in range(4):
        evaluator.evaluate_many(boards[:36])
    assert evaluator._cache.pages_used == 36 * 2


def test_a_game_that_follows_a_like_one_by_a_ply_keeps_its_own_pages() -> None:
    evaluator, moves = Evaluator(random_network()), random_game(3, 60).move_stack
    for ply in range(1, 50):
        ahead, behind = Board(), Board()
        for move in moves[: ply + 1]:
            ahead.push(move)
        for move in moves[:ply]:
            behind.push(move)
        evaluator.evaluate_many([ahead, behind] if ply % 2 else [behind, ahead])
        assert evaluator._cache.pages_used == -(-(ply + 2) // PAGE) + -(-(ply + 1) // PAGE)
    evaluator.evaluate(behind)
    evaluator.evaluate(ahead)
    assert evaluator._cache.pages_used == 8


def test_a_cache_that_grows_keeps_what_it_holds_and_no_copy_of_it() -> None:
    cache, rows = KvCache(CONFIG), 40
    for row in range(rows):
        write(cache, row, 0, 4 * PAGE, 1000 * row)
    for row in range(rows):
        assert (cache.view(row, 4 * PAGE) == (1000 * row + np.arange(4 * PAGE))[:, None]).all()
    assert cache.pages_used == 4 * rows < len(cache.store)
