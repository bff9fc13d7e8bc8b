"""The network in numpy says what the one in PyTorch says: logits, values, caches and hidden states, to 1e-4."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from random_games import random_game
from random_models import random_model

from xiangqi_gpt.inference.evaluation import legal_moves
from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.network import Network
from xiangqi_gpt.inference.numpy_network import NumpyNetwork
from xiangqi_gpt.inference.weights import load_weights
from xiangqi_gpt.rules import Board, stack_boards

pytestmark = pytest.mark.torch

MIDGAME = "2b1kab2/4a4/2P1c1n2/p3p1p1p/9/3N2P2/P3P3P/B1CRC1N2/3KA1r2/cr3ABR1 b - - 9 22"
TOLERANCE = 1e-4
MODELS = {
    "full": {},
    "board": {"features": "board"},
    "none": {"features": "none"},
    "legality": {"features": "none", "legal_head": True, "legal_margin": 3.0},
    "wide": {"layers": 3, "width": 96, "heads": 3},
    "short": {"context": 24},
    "odd": {"width": 36, "heads": 3},  # no kernels for such a width
}

Pair = tuple[Network, Network]


@pytest.fixture(
    scope="module", params=[*MODELS, "shipped default", "shipped blind", "full by numpy", "legality by numpy"]
)
def pair(request, tmp_path_factory) -> Pair:
    """The same model in numpy and in PyTorch."""
    from xiangqi_gpt.model.checkpoint import load_model, save_model
    from xiangqi_gpt.model.torch_network import TorchNetwork

    first, *others = request.param.split()
    if first == "shipped":
        folder: str | Path = others[0]
    else:
        folder = tmp_path_factory.mktemp(first)
        save_model(random_model(seed=5, **MODELS[first]), folder)
    network = NumpyNetwork(load_weights(folder), own_kernels=others != ["by", "numpy"])
    return network, TorchNetwork(load_model(folder))


def _start(pair: Pair) -> Board:
    """A position to begin with: one that was set up, where the model can follow that."""
    return Board() if pair[0].config.features == "none" else Board(MIDGAME)


def _same(found: list, expected: list) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one.policy.keys() == other.policy.keys()
        assert all(abs(one.policy[move] - other.policy[move]) < TOLERANCE for move in one.policy)
        assert np.allclose(one.wdl, other.wdl, atol=TOLERANCE)
        scores = [np.sort(list(side.policy.values())) for side in (one, other)]
        if len(scores[0]) > 1 and scores[0][-1] - scores[0][-2] > TOLERANCE:
            assert next(iter(one.policy)) == next(iter(other.policy))
        if one.illegal is not None:
            assert one.illegal[1] == pytest.approx(other.illegal[1], abs=TOLERANCE)


def _longest(pair: Pair) -> int:
    return pair[0].config.context - 1


def test_heads_agree_in_logits(pair):
    ours, theirs = pair
    random = np.random.default_rng(1)
    hidden = random.standard_normal((5, ours.config.width)).astype(np.float32)
    boards, sides = stack_boards([random_game(seed, 11 * seed) for seed in range(5)])
    features = None
    if ours.config.features != "none":
        from xiangqi_gpt.inference.encoding import encode_positions

        features = encode_positions(boards, sides, ours.config.features)
    legal = legal_moves(boards, sides, features)
    for found, expected in (
        (ours.legal_logits(hidden, *legal), theirs.legal_logits(hidden, *legal)),
        (ours.unmasked_logits(hidden), theirs.unmasked_logits(hidden)),
        (ours.value_logits(hidden), theirs.value_logits(hidden)),
    ):
        assert found.dtype == np.float32
        assert found.shape == expected.shape
        assert np.allclose(found, expected, atol=TOLERANCE, rtol=TOLERANCE)


@pytest.mark.parametrize("source", ["any", "master"])
def test_games_read_at_once_and_ply_by_ply_agree(pair, source):
    evaluators = [Evaluator(network, source=source) for network in pair]
    boards = [random_game(seed, min(plies, _longest(pair) - 2)) for seed, plies in enumerate((0, 1, 9, 40, 85))]
    boards.append(random_game(7, 12, _start(pair)))
    mirrored = [board.copy() for board in boards[:3]]
    boards += [_mirror(board) for board in mirrored]
    for _ in range(2):
        found, expected = (evaluator.evaluate_many(boards) for evaluator in evaluators)
        _same(found, expected)
        for board in boards:
            one, other = (evaluator.cached_game(board) for evaluator in evaluators)
            assert one.shape == other.shape
            assert np.allclose(one, other, atol=TOLERANCE)
        for board in boards:
            moves = list(board.legal_moves)
            if moves:
                board.push(moves[len(moves) // 2])


def _mirror(board: Board) -> Board:
    """The same game with left and right exchanged."""
    from xiangqi_gpt.rules import MIRROR, MOVES

    other = Board()
    for move in board.move_stack:
        other.push(MOVES[int(MIRROR[move.index])])
    return other


def test_a_game_that_is_cut_and_resumed_agrees(pair):
    ours, theirs = (Evaluator(network) for network in pair)
    board = random_game(3, min(30, _longest(pair) - 1), _start(pair))
    _same([ours.evaluate(board)], [theirs.evaluate(board)])
    for _ in range(5):
        board.pop()
    _same([ours.evaluate(board)], [theirs.evaluate(board)])
    for _ in range(4):
        board.push(next(iter(board.legal_moves)))
        _same([ours.evaluate(board)], [theirs.evaluate(board)])


def test_a_whole_game_and_what_else_could_have_been_played_agree(pair):
    board = random_game(2, min(60, _longest(pair)), _start(pair))
    ours, theirs = (Evaluator(network, source="master").evaluate_game(board.root, board.move_stack) for network in pair)
    _same(ours.positions, theirs.positions)
    branches = [(i, list(seen.policy)[-1]) for i, seen in enumerate(ours.positions[:-1])]
    assert np.allclose(ours.values_after(branches), theirs.values_after(branches), atol=TOLERANCE)


def test_a_game_longer_than_the_context_agrees(pair):
    if pair[0].config.features == "none" or pair[0].config.context > 24:
        pytest.skip("its games are never longer")
    board = random_game(2, 60, _start(pair))
    evaluators = [Evaluator(network) for network in pair]
    _same(*([evaluator.evaluate(board)] for evaluator in evaluators))
    ours, theirs = (evaluator.evaluate_game(board.root, board.move_stack) for evaluator in evaluators)
    _same(ours.positions, theirs.positions)


def test_replies_agree(pair):
    board = random_game(4, min(20, _longest(pair) - 1), _start(pair))
    moves = list(board.legal_moves)
    ours, theirs = (Evaluator(network).values_after(board, moves) for network in pair)
    assert np.allclose(ours, theirs, atol=TOLERANCE)


def test_replies_to_a_game_that_fills_the_context_agree(pair):
    context = pair[0].config.context
    if context > 24:
        pytest.skip("its games are never so long")
    board = random_game(4, context - 1, _start(pair))
    assert len(board.move_stack) == context - 1
    ours, theirs = (Evaluator(network).values_after(board, list(board.legal_moves)) for network in pair)
    assert np.allclose(ours, theirs, atol=TOLERANCE)


def test_hidden_states_agree_in_every_layer(pair):
    board = random_game(4, min(20, _longest(pair) - 1), _start(pair))
    evaluators = [Evaluator(network) for network in pair]
    for layer in range(pair[0].config.layers + 1):
        ours, theirs = (evaluator.hidden_state(board, layer) for evaluator in evaluators)
        assert ours.shape == theirs.shape == (pair[0].config.width,)
        assert np.allclose(ours, theirs, atol=TOLERANCE)
    _same(*([evaluator.evaluate(board)] for evaluator in evaluators))
