"""Model folders keep the names of version 0.1, whatever the code calls the same things."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from xiangqi_gpt.model.checkpoint import load_model, save_model
from xiangqi_gpt.model.file_names import name_in_code, name_in_file
from xiangqi_gpt.model.gpt import PRESETS, Gpt
from xiangqi_gpt.model.model_folder import WEIGHTS, find_model

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


def test_the_first_recipe_keeps_its_names() -> None:
    config = replace(PRESETS["kexue2020"], layers=1, width=16, heads=2)
    names = {name_in_file(name) for name in Gpt(config).state_dict()}
    assert {"places", "last_norm.weight", "tokens.weight", "policy.weight", "value.weight"} <= names


@pytest.mark.parametrize("preset", ["nano", "kexue2020"])
def test_every_name_comes_back(preset: str) -> None:
    names = list(Gpt(replace(PRESETS[preset], layers=1, width=16, heads=2)).state_dict())
    assert [name_in_code(name_in_file(name)) for name in names] == names
    assert len({name_in_file(name) for name in names}) == len(names)
    assert [name_in_code(name_in_file(f"{name}/step")) for name in names] == [f"{name}/step" for name in names]
