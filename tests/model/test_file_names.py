"""Model folders keep the names of version 0.1, whatever the code calls the same things."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.file_names import name_in_code, name_in_file, settings_in_code, settings_in_file
from xiangqi_gpt.inference.model_folder import CONFIG, WEIGHTS, find_model
from xiangqi_gpt.model.checkpoint import load_model, save_model
from xiangqi_gpt.model.gpt import Gpt

#: Of the shipped models, as version 0.1 wrote them.
SHIPPED = {
    "default": {"candidates", "policy.own", "policy.source", "policy.target", "sight.weight", "tokens.own"},
    "blind": {"legality.bias", "legality.weight", "policy.own", "policy.source", "tokens.own", "value.weight"},
}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_is_read_and_written_with_the_same_names(name: str, tmp_path: Path) -> None:
    shipped = load_file(find_model(name) / WEIGHTS)
    assert SHIPPED[name] <= shipped.keys()
    save_model(load_model(name), tmp_path, half=True)
    written = load_file(tmp_path / WEIGHTS)
    assert written.keys() == shipped.keys()
    assert all(torch.equal(written[key], shipped[key]) for key in shipped)


def test_config_json_keeps_its_keys_and_values(tmp_path: Path) -> None:
    save_model(Gpt(PRESETS["nano"]), tmp_path)
    written = json.loads((tmp_path / CONFIG).read_text(encoding="utf-8"))["model"]
    assert written["sight"] == "moves"
    assert "features" not in written
    assert load_model(tmp_path).config == PRESETS["nano"]


@pytest.mark.parametrize(("features", "old"), [("none", "none"), ("board", "board"), ("full", "moves")])
def test_settings_come_back(features: str, old: str) -> None:
    settings = {"layers": 6, "features": features, "tokenizer": "moves"}
    assert settings_in_file(settings) == {"layers": 6, "sight": old, "tokenizer": "moves"}
    assert settings_in_code(settings_in_file(settings)) == settings


def test_the_first_recipe_keeps_its_names() -> None:
    config = replace(PRESETS["characters"], layers=1, width=16, heads=2)
    names = {name_in_file(name) for name in Gpt(config).state_dict()}
    assert {"places", "last_norm.weight", "tokens.weight", "policy.weight", "value.weight"} <= names


@pytest.mark.parametrize("preset", ["nano", "characters"])
def test_every_name_comes_back(preset: str) -> None:
    names = list(Gpt(replace(PRESETS[preset], layers=1, width=16, heads=2)).state_dict())
    assert [name_in_code(name_in_file(name)) for name in names] == names
    assert len({name_in_file(name) for name in names}) == len(names)
    assert [name_in_code(name_in_file(f"{name}/step")) for name in names] == [f"{name}/step" for name in names]
