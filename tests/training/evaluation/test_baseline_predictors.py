"""The floors against slow, plain versions of themselves."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from xiangqi_gpt.players.baselines import GreedyPlayer
from xiangqi_gpt.records.openings.position_keys import position_keys
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.rules import MOVES, Board, legal_mask, stack_boards
from xiangqi_gpt.rules.moves import MIRROR, MIRROR_SQUARE
from xiangqi_gpt.training.evaluation.baseline_predictors import (
    KnownReplies,
    greedy_chance,
    replay,
    target_moves,
)


def _all_positions(store: TokenStore, games: range) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    boards, sides = (np.concatenate(parts) for parts in zip(*(replay(store, g) for g in games), strict=True))
    return boards, sides, np.concatenate([target_moves(store, g)[0] for g in games])


def test_a_position_and_its_mirror_image_have_one_key(store: TokenStore) -> None:
    boards, sides, _ = _all_positions(store, range(20))
    keys, mirrored = position_keys(boards, sides)
    images, mirrored_images = position_keys(np.ascontiguousarray(boards[:, MIRROR_SQUARE]), sides)
    assert (keys == images).all()
    symmetric = (boards == boards[:, MIRROR_SQUARE]).all(axis=1)
    assert (mirrored != mirrored_images)[~symmetric].all()
    texts = [(int(s), min(b.tobytes(), b[MIRROR_SQUARE].tobytes())) for b, s in zip(boards, sides, strict=True)]
    assert len(np.unique(keys)) == len(set(texts))
    assert not set(position_keys(boards, 1 - sides)[0].tolist()) & set(keys.tolist())


def test_known_replies_are_the_most_frequent_ones(store: TokenStore) -> None:
    counts: dict[tuple[bytes, int], Counter[int]] = defaultdict(Counter)
    seen = set()
    for game in range(32, 64):
        boards, sides = replay(store, game)
        moves, learned = target_moves(store, game)
        for board, side, move, is_learned in zip(boards, sides, moves, learned, strict=True):
            images = {(board.tobytes(), int(move)), (board[MIRROR_SQUARE].tobytes(), int(MIRROR[move]))}
            if (board == board[MIRROR_SQUARE]).all():
                images = {(board.tobytes(), int(move))}
            for key, reply in images:
                seen.add((key, int(side)))
                if is_learned:
                    counts[key, int(side)][reply] += 1
    boards, sides, _ = _all_positions(store, range(32))
    known = KnownReplies(boards, sides)
    known.learn(store, np.arange(32, 64))
    assert known.seen().any()
    assert not known.seen().all()
    for board, side, is_seen, reply in zip(boards, sides, known.seen(), known.replies(), strict=True):
        key = (board.tobytes(), int(side))
        assert is_seen == (key in seen)
        if counts[key]:
            assert counts[key][int(reply)] == max(counts[key].values())
        else:
            assert reply == -1


def test_random_plies_and_given_openings_are_not_taught(store: TokenStore) -> None:
    moves, learned = target_moves(store, 60)  # labelled from ply 5 on
    begin = int(store.offsets[60])
    assert learned.tolist() == [False] * 5 + [True] * 15
    assert (moves[5:] == store.best[begin + 5 : begin + 20]).all()


def test_the_greedy_floor_is_the_player_of_that_name() -> None:
    random = np.random.default_rng(3)
    board, boards = Board(), []
    for _ in range(120):
        moves = list(board.legal_moves)
        if not moves:
            break
        boards.append(board.copy())
        board.push(moves[int(random.integers(len(moves)))])
    arrays, sides = stack_boards(boards)
    moves_played = np.array([int(random.choice(b.legal_moves.indices)) for b in boards])
    chances = greedy_chance(arrays, legal_mask(arrays, sides), moves_played)
    player = GreedyPlayer(seed=0)
    for position, move, chance in zip(boards, moves_played, chances, strict=True):
        best = player._best(position, position.legal_moves.indices)
        assert chance == pytest.approx(1 / len(best) if move in best else 0.0)
        assert chance == 0 or MOVES[move] in position.legal_moves
