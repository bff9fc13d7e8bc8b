"""Work in threads gives what work in one thread gives."""

import numpy as np
import pytest
from random_games import random_game

from xiangqi_gpt.inference.encoding import encode_positions
from xiangqi_gpt.inference.parallel import parallel_map


@pytest.mark.parametrize(
    ("count", "rows", "sizes"), [(1, 100, [100]), (3, 100, [33, 33, 34]), (3, 25, [12, 13]), (3, 9, [9]), (2, 0, [0])]
)
def test_rows_are_shared_out_in_order_and_none_is_too_small_a_part(count, rows, sizes):
    parts = parallel_map(lambda part: np.arange(rows)[part], rows, 10, count)
    assert [len(part) for part in parts] == sizes
    assert np.concatenate(parts).tolist() == list(range(rows))


@pytest.mark.parametrize("features", ["board", "full"])
def test_positions_are_seen_alike_by_one_thread_and_by_many(features):
    games = [random_game(np.random.default_rng(seed), seed) for seed in range(80)]
    boards = np.stack([board.squares for board in games])
    sides = np.array([board.turn for board in games], np.int8)
    seen = [vars(encode_positions(boards, sides, features, threads=count)) for count in (1, 2)]
    assert seen[0].keys() == seen[1].keys()
    assert all(np.array_equal(seen[0][name], seen[1][name]) for name in seen[0])
