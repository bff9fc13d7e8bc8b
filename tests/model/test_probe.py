"""What a probe reads, and how it is kept."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.model_folder import CheckpointError
from xiangqi_gpt.inference.probe import PIECE_CODES, PROBE, Probe, load_probe, to_model_perspective
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.model.probe import save_probe, watch
from xiangqi_gpt.rules import BLACK, RED, Board, Move

NANO = PRESETS["nano"]
BLIND = dataclasses.replace(NANO, features="none")


def _probe_that_always_sees(board: np.ndarray, config: object, layer: int = 1) -> Probe:
    bias = np.zeros((90, PIECE_CODES), np.float32)
    bias[np.arange(90), board] = 4.0
    weight = np.zeros((90 * PIECE_CODES, NANO.width), np.float32)
    return Probe(config, layer, weight, bias.flatten(), 0.5)  # type: ignore[arg-type]


def _after_one_move() -> np.ndarray:
    board = Board()
    board.push(Move.from_iccs("h2e2"))
    return board.squares.copy()


def test_a_blind_model_believes_in_real_squares_and_colours() -> None:
    truth = _after_one_move()
    believed, chances = _probe_that_always_sees(truth, BLIND).decode_board(np.zeros(NANO.width, np.float32), BLACK)
    assert (believed == truth).all()
    assert chances == pytest.approx(np.full(90, np.exp(4) / (np.exp(4) + 14)))


def test_what_a_sighted_model_believes_is_turned_back() -> None:
    truth = _after_one_move()
    sides = np.array([BLACK], np.int8)
    seen = to_model_perspective(truth[None], sides, NANO)
    assert (to_model_perspective(seen, sides, NANO)[0] == truth).all()
    assert seen[0, 4] == 1  # Black's king is at home, as Red's
    probe = _probe_that_always_sees(seen[0], NANO)
    probe.bias.reshape(90, PIECE_CODES)[0] *= 2  # surer of what it sees on a0, which is Black's i9
    believed, chances = probe.decode_board(np.zeros(NANO.width, np.float32), BLACK)
    assert (believed == truth).all()
    assert chances.argmax() == 89
    assert (to_model_perspective(truth[None], np.array([RED], np.int8), NANO)[0] == truth).all()


def test_watching_sees_every_layer_and_leaves_nothing_behind() -> None:
    torch.manual_seed(0)
    model = Gpt(BLIND).eval()
    with torch.no_grad():
        for block in model.blocks:
            block.down.weight.normal_(std=0.1)
    tokens, control = torch.tensor([[2086, 5, 900]]), torch.tensor([[2089, 2097]])
    with torch.no_grad(), watch(model, [0, 1, 2]) as states:
        hidden = model(tokens, control)
        assert torch.allclose(states[2], hidden)
        assert states[0].shape == states[1].shape == hidden.shape
        assert not torch.allclose(states[1], states[2])
        earlier = states[0]
    with torch.no_grad():
        model(tokens, control)
    assert states[0] is earlier


def test_a_probe_is_kept_beside_the_weights(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    weight = random.standard_normal((90 * PIECE_CODES, NANO.width), np.float32)
    probe = Probe(BLIND, 2, weight, random.standard_normal(90 * PIECE_CODES, np.float32), 0.987)
    save_probe(probe, tmp_path)
    read = load_probe(tmp_path, BLIND)
    assert (read.layer, read.accuracy, read.config) == (2, 0.987, BLIND)
    assert np.allclose(read.weight, probe.weight, rtol=0.01)
    assert [path.name for path in tmp_path.iterdir()] == [PROBE]


def test_a_missing_damaged_or_foreign_probe_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no probe in .*: xiangqi-gpt probe"):
        load_probe(tmp_path, BLIND)
    wide = dataclasses.replace(BLIND, width=128)
    weight, bias = np.zeros((90 * PIECE_CODES, 128), np.float32), np.zeros(90 * PIECE_CODES, np.float32)
    save_probe(Probe(wide, 1, weight, bias, 0.5), tmp_path)
    with pytest.raises(CheckpointError, match="belongs to another model"):
        load_probe(tmp_path, BLIND)
    save_file({"weight": torch.zeros(2)}, tmp_path / PROBE)
    with pytest.raises(CheckpointError, match="is damaged"):
        load_probe(tmp_path, BLIND)
    (tmp_path / PROBE).write_bytes(b"no such thing")
    with pytest.raises(CheckpointError, match="is damaged"):
        load_probe(tmp_path, BLIND)
