"""The network over leaves without PyTorch says what PyTorch says, with own kernels and with numpy's products."""

import numpy as np
import pytest
from random_games import random_game
from random_models import random_model, random_weights

from xiangqi_gpt.inference.leaf_network import LeafNetwork
from xiangqi_gpt.inference.leaves import Arena, Leaves
from xiangqi_gpt.inference.weights import assemble, load_weights


def _weights(model):
    return assemble(model.config, {name: p.detach().numpy() for name, p in model.named_parameters()})


def _lines(seed: int, plies: int, kv: np.ndarray) -> list[Leaves]:
    """Random continuations of a random game, a ply a batch: what is read of one ply the next one attends to."""
    random, context = np.random.default_rng(seed), kv.shape[3]
    game = random_game(seed, plies)
    boards = [game.copy() for _ in range(7)]
    lines: list[list[int]] = [[] for _ in boards]
    batches = []
    for depth in range(1, 6):
        for board in boards:
            board.push(list(board.legal_moves)[int(random.integers(len(board.legal_moves)))])
        alive = [i for i, board in enumerate(boards) if not board.outcome()]
        boards, lines = [boards[i] for i in alive], [lines[i] for i in alive]
        slots = np.arange(len(boards), dtype=np.int32) + 7 * depth
        tails = np.array([line or [0] for line in lines], np.int32)
        batches.append(
            Leaves(
                None,
                np.array([board.squares for board in boards]),
                np.array([board.turn for board in boards], np.int8),
                np.array([board.move_stack[-1].index for board in boards]),
                np.full(len(boards), context - 1 + depth),
                slots,
                tails,
                np.full(len(boards), depth - 1, np.int32),
            )
        )
        for line, slot in zip(lines, slots.tolist(), strict=True):
            line.append(slot)
    return batches


def _run(network, kv: np.ndarray, batches: list[Leaves]):
    """What a network says of each batch, and its keys and values."""
    arena = Arena(network.config, 1)
    arena.store[:] = np.nan
    history = network.open_game(kv)
    said = []
    for leaves in batches:
        leaves.history = history
        said += network.evaluate([leaves], arena)
    return said, arena.store


def _random_kv(model, plies: int) -> np.ndarray:
    """Keys as long as normalised ones, and values."""
    config = model.config
    size = config.width // config.heads
    kv = np.random.default_rng(plies).standard_normal((config.layers, 2, config.heads, plies, size)).astype(np.float32)
    kv[:, 0] *= size**0.5 / np.linalg.norm(kv[:, 0], axis=-1, keepdims=True)
    return kv


def _expect_alike(one, other):
    """The same moves, with logits and values to 1e-4; PyTorch's rows are only as wide as they need be."""
    width = other.moves.shape[1]
    assert (one.moves[:, :width] == other.moves).all() and (one.moves[:, width:] == -1).all()
    legal = other.moves >= 0
    assert legal.any()
    assert np.abs(one.logits[:, :width][legal] - other.logits[legal]).max() < 1e-4
    assert np.abs(one.wdl - other.wdl).max() < 1e-4


SHAPES = [
    {"features": "none"},
    {"features": "none", "legal_head": True},
    {"features": "board"},
    {"features": "full"},
    {"features": "full", "width": 48, "heads": 2},  # heads of 24: no multiple of a vector
    {"features": "full", "width": 36, "heads": 3},  # no kernels for such a width
]


@pytest.mark.torch
@pytest.mark.parametrize("own_kernels", [True, False])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_leaves_are_evaluated_as_by_pytorch(shape, own_kernels):
    import torch

    from xiangqi_gpt.players.torch_leaf_network import TorchLeafNetwork

    model = random_model(seed=3, **shape)
    network = LeafNetwork(_weights(model), own_kernels=own_kernels)
    assert network.has_own_kernels == (own_kernels and network.config.width % 16 == 0)
    for seed, plies in ((1, 1), (2, 16), (3, 37)):
        kv = _random_kv(model, plies)
        batches = _lines(seed, plies - 1, kv)
        expected, expected_kv = _run(TorchLeafNetwork(model), torch.from_numpy(kv), batches)
        found, found_kv = _run(network, kv, batches)
        assert np.nanmax(np.abs(found_kv - expected_kv)) < 1e-4
        assert (np.isnan(found_kv) == np.isnan(expected_kv)).all()  # nothing was written elsewhere
        for one, other in zip(found, expected, strict=True):
            _expect_alike(one, other)


@pytest.mark.torch
@pytest.mark.parametrize("own_kernels", [True, False])
def test_the_shipped_model_is_evaluated_as_by_pytorch(own_kernels):
    import torch

    from xiangqi_gpt.model.checkpoint import load_model
    from xiangqi_gpt.players.torch_leaf_network import TorchLeafNetwork

    model = load_model("default")
    kv = _random_kv(model, 50)
    batches = _lines(4, 49, kv)
    expected, _ = _run(TorchLeafNetwork(model), torch.from_numpy(kv), batches)
    found, _ = _run(LeafNetwork(load_weights("default"), own_kernels=own_kernels), kv, batches)
    for one, other in zip(found, expected, strict=True):
        _expect_alike(one, other)


def test_games_side_by_side_are_evaluated_to_the_last_bit_as_each_alone():
    network = LeafNetwork(random_weights(features="full"))
    games = []
    for seed, plies in ((1, 5), (2, 40), (3, 17)):
        shape = (2, 2, 2, plies, 32)
        kv = np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)
        games.append((kv, _lines(seed, plies - 1, kv)[:1]))
    alone = [_run(network, kv, batches)[0][0] for kv, batches in games]
    groups = []
    for number, (kv, (leaves,)) in enumerate(games):
        leaves.history = network.open_game(kv)
        leaves.kv_slots = leaves.kv_slots + np.int32(20 * number)
        groups.append(leaves)
    together = network.evaluate(groups, Arena(network.config, 1))
    for one, other in zip(together, alone, strict=True):
        assert (one.moves == other.moves).all() and (one.logits == other.logits).all() and (one.wdl == other.wdl).all()


def test_pages_are_handed_out_again_and_added_when_they_run_out():
    pages = LeafNetwork(random_weights()).history
    rng = np.random.default_rng(0)
    games = [rng.standard_normal((2, 2, 2, plies, 32)).astype(np.float32) for plies in (1, 16, 17, 300, 320)]
    packed = [pages.add(kv) for kv in games]
    for kv, history in zip(games, packed, strict=True):
        keys, values = pages.unpack(history, 1)
        assert (keys == kv[1, 0].swapaxes(1, 2)).all() and (values == kv[1, 1]).all()
    total = len(pages.keys)
    for history in packed:
        pages.remove(history)
    again = pages.add(games[4])
    assert len(pages.keys) == total
    assert (pages.unpack(again, 0)[1] == games[4][0, 1]).all()
