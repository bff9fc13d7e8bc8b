"""The evaluator keeps what it has read: whatever happens to the games, it says what reading them anew says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_games import random_game
from random_models import random_model, random_network

from xiangqi_gpt.inference.errors import UnsupportedGameError
from xiangqi_gpt.inference.evaluation import Evaluation
from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.rules import Board

NETWORKS = {features: random_network(seed=4, context=20, features=features) for features in ("none", "board", "full")}
#: What may happen to one of some games: a move, so many plies taken back, a new game, or a copy of another one.
STEPS = st.lists(
    st.tuples(st.sampled_from(("push", "push", "push", "back", "new", "copy")), st.integers(0, 2), st.integers(0, 127)),
    max_size=12,
)


def _close(one: Evaluation, other: Evaluation) -> bool:
    return (
        one.policy.keys() == other.policy.keys()
        and all(abs(one.policy[move] - other.policy[move]) < 1e-5 for move in one.policy)
        and np.allclose(one.wdl, other.wdl, atol=1e-5)
    )


def _happen(boards: list[Board], kind: str, which: int, number: int) -> None:
    board = boards[which]
    moves = list(board.legal_moves)
    if kind == "push" and moves and len(board.move_stack) < 18:
        board.push(moves[number % len(moves)])
    elif kind == "back":
        for _ in range(min(number % 6, len(board.move_stack))):
            board.pop()
    elif kind == "new":
        boards[which] = Board()
    elif kind == "copy":
        boards[which] = boards[number % 3].copy()


@pytest.mark.parametrize("features", NETWORKS)
@given(steps=STEPS, alone=st.booleans())
@settings(max_examples=25)
def test_the_cache_says_what_reading_anew_says(features, steps, alone):
    network = NETWORKS[features]
    evaluator, boards = Evaluator(network), [random_game(seed, 3 * seed) for seed in range(3)]
    for kind, which, number in steps:
        _happen(boards, kind, which, number)
        if alone:
            found, asked = [evaluator.evaluate(boards[which])], [boards[which]]
        else:
            found, asked = evaluator.evaluate_many(boards), boards
        for board, one in zip(asked, found, strict=True):
            fresh = Evaluator(network)
            assert _close(one, fresh.evaluate(board))
            assert np.allclose(evaluator.cached_game(board), fresh.cached_game(board), atol=1e-5)


def test_more_games_than_are_kept_are_evaluated_too(monkeypatch):
    monkeypatch.setattr("xiangqi_gpt.inference.evaluator.KEPT_GAMES", 4)
    network = NETWORKS["full"]
    evaluator, boards = Evaluator(network), [random_game(seed, 4) for seed in range(10)]
    for _ in range(3):
        for board, found in zip(boards, evaluator.evaluate_many(boards), strict=True):
            assert _close(found, Evaluator(network).evaluate(board))
        for board in boards:
            board.push(next(iter(board.legal_moves)))


def test_a_finished_game_has_no_policy_and_spoils_no_other():
    over = Board("3k5/R8/9/9/9/9/9/9/9/1R3K3 w - - 0 1")
    over.push_text("b0b9")
    network, going_on = NETWORKS["full"], random_game(1, 9)
    with np.errstate(all="raise", under="ignore"):
        alone, (first, second) = Evaluator(network).evaluate(over), Evaluator(network).evaluate_many([over, going_on])
    assert alone.policy == first.policy == {}
    assert sum(first.wdl) == pytest.approx(1, abs=1e-5)
    assert _close(second, Evaluator(network).evaluate(going_on))


def test_an_evaluation_is_the_same_to_the_last_bit_alone_and_among_others():
    network = NETWORKS["full"]
    boards = [random_game(seed, 2 + seed % 5) for seed in range(20)]
    together = Evaluator(network).evaluate_many(boards)
    for board, found in zip(boards, together, strict=True):
        alone = Evaluator(network).evaluate(board)
        assert found == alone
        assert list(found.policy) == list(alone.policy)


@pytest.mark.torch
@pytest.mark.parametrize("features", ["none", "board", "full"])
def test_with_learned_positions_a_reply_to_a_full_game_is_a_longer_game(features):
    """What has no place in the context is refused, or read on from a later board, as any longer game is."""
    from xiangqi_gpt.model.torch_network import TorchNetwork

    network = TorchNetwork(random_model(seed=4, context=16, body="gpt2", features=features))
    board = random_game(0, 14)
    move = next(iter(board.legal_moves))
    (last,) = Evaluator(network).values_after(board, [move])
    board.push(move)
    assert np.allclose(last, Evaluator(network).evaluate(board).wdl, atol=1e-5)
    assert len(board.move_stack) == 15
    evaluator, moves = Evaluator(network), list(board.legal_moves)
    assert evaluator.evaluate(board).policy
    if features == "none":
        with pytest.raises(UnsupportedGameError, match="for 15 plies, this one has 16"):
            evaluator.values_after(board, moves)
        return
    board.push(moves[0])
    after = Evaluator(network).evaluate(board)
    board.pop()
    assert np.allclose(evaluator.values_after(board, moves)[0], after.wdl, atol=1e-5)
