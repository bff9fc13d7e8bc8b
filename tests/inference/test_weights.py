"""Weights read without PyTorch: what a file must hold, and that every kind of damage is named in one line."""

import json
from pathlib import Path

import numpy as np
import pytest
from random_models import random_model, save_random_model
from safetensors.numpy import load_file, save_file

from xiangqi_gpt.inference.model_folder import CheckpointError
from xiangqi_gpt.inference.weights import expected_shapes, is_served, load_weights, read_tensors

SHAPES = [
    {},
    {"features": "board"},
    {"features": "none"},
    {"features": "none", "legal_head": True},
    {"layers": 3, "width": 96, "heads": 3},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_random_model(tmp_path)
    return tmp_path


@pytest.mark.torch
@pytest.mark.parametrize("shape", SHAPES)
def test_a_model_saved_by_training_has_the_expected_tensors(tmp_path, shape):
    from xiangqi_gpt.model.checkpoint import save_model

    model = random_model(**shape)
    save_model(model, tmp_path)
    tensors, _ = read_tensors(tmp_path / "model.safetensors")
    assert {name: tensor.shape for name, tensor in tensors.items()} == expected_shapes(model.config)


@pytest.mark.torch
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("half", [False, True])
def test_weights_are_those_of_the_torch_model(tmp_path, shape, half):
    from xiangqi_gpt.model.checkpoint import load_model, save_model

    save_model(random_model(**shape), tmp_path, half=half)
    model, weights = load_model(tmp_path), load_weights(tmp_path)
    assert weights.config == model.config
    assert weights.is_bfloat16 == half
    tables = {"token_emb": model.token_emb.table(), "policy_head": model.policy_head.table()[:2086]}
    for name, table in tables.items():
        assert np.allclose(getattr(weights, name), table.detach(), atol=1e-6)
    for layer, block in enumerate(model.blocks):
        matrices = {"qkv": block.attention.qkv, "out": block.attention.out, "up": block.up, "down": block.down}
        for name, linear in matrices.items():
            assert np.array_equal(getattr(weights, name)[layer], linear.weight.detach())
    assert np.array_equal(weights.value, model.value.weight.detach())
    assert np.allclose(weights.cos, model.cos, atol=1e-4)
    assert np.allclose(weights.sin, model.sin, atol=1e-4)


def test_the_empty_feature_of_a_move_says_nothing(folder):
    weights = load_weights(folder)
    assert not weights.candidate_emb[0].any()
    assert weights.candidate_emb[1:].any(axis=1).all()


@pytest.mark.parametrize("name", ["default", "blind"])
def test_the_shipped_models_are_served(name):
    weights = load_weights(name)
    assert weights.is_bfloat16
    assert is_served(weights.config)


@pytest.mark.parametrize("shape", [{"body": "gpt2"}, {"features": "none", "vocabulary": "iccs-1"}])
def test_other_bodies_and_tokenizers_are_not(tmp_path, shape):
    config = save_random_model(tmp_path)
    path = tmp_path / "config.json"
    settings = json.loads(path.read_text())
    settings["model"] |= {"sight" if name == "features" else name: value for name, value in shape.items()}
    path.write_text(json.dumps(settings))
    assert is_served(config)
    with pytest.raises(ValueError, match="needs PyTorch"):
        load_weights(tmp_path)


def _cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def _garble(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"not a model at all")


def _change(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config["model"] |= values
    path.write_text(json.dumps(config))


def _rewrite(folder: Path, change) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)


def _poison(value: float):
    return lambda folder: _rewrite(folder, lambda tensors: tensors["value.weight"].__setitem__((1, 2), value))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_cut, "model.safetensors cannot be read"),
        (_garble, "model.safetensors cannot be read"),
        (lambda f: (f / "model.safetensors").unlink(), "model.safetensors cannot be read"),
        (lambda f: (f / "config.json").write_text("{"), "config.json is damaged"),
        (lambda f: (f / "config.json").unlink(), "config.json is missing"),
        (lambda f: _change(f, layers=3), "tensor blocks.2"),
        (lambda f: _change(f, layers=10**13), "tensor blocks.10.attention.out.weight is missing"),
        (lambda f: _change(f, layers=1), "tensor blocks.1.attention.out.weight is not of this model"),
        (lambda f: _change(f, width=128), "has shape"),
        (lambda f: _change(f, flavour="x"), "unknown settings flavour"),
        (lambda f: _change(f, heads=0), "heads is a whole number above 0, not 0"),
        (lambda f: _change(f, context=10**13), "does not fit into memory"),
        (lambda f: _change(f, vocabulary="moves-0"), "vocabulary 'moves-0'"),
        (lambda f: _rewrite(f, lambda t: t.pop("tokens.own")), "tensor tokens.own is missing"),
        (lambda f: _rewrite(f, lambda t: t.update(x=t["value.weight"])), "tensor x is not of this model"),
        (_poison(np.nan), "tensor value.weight holds numbers that are not finite"),
        (_poison(-np.inf), "tensor value.weight holds numbers that are not finite"),
        (
            lambda f: _rewrite(f, lambda t: t.update({"value.weight": np.ones((3, 64), np.int32)})),
            "cannot be read: numbers of type I32",
        ),
    ],
)
def test_damage_is_named(folder, damage, words):
    damage(folder)
    with pytest.raises(CheckpointError) as error:
        load_weights(folder)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
