"""``average``: one model from the weights of several."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.model.checkpoint import load_model, save_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.training.data.games_read import GamesRead, load_games_read, save_games_read

pytestmark = pytest.mark.torch

_SHAPE = replace(PRESETS["nano"], layers=1, width=32, heads=1)


def _model(folder: Path, value: float, keys: list[int], *, is_complete: bool = True, layers: int = 1) -> str:
    """A model all of whose weights are ``value``."""
    model = Gpt(replace(_SHAPE, layers=layers))
    for parameter in model.parameters():
        torch.nn.init.constant_(parameter, value)
    folder.mkdir()
    save_model(model, folder)
    save_games_read(GamesRead(np.array(keys, np.uint64), is_complete), folder)
    return str(folder)


def test_the_mean_of_two_models(tmp_path: Path) -> None:
    one, other = _model(tmp_path / "one", 1.0, [3, 5]), _model(tmp_path / "other", 4.0, [5, 9])
    out = tmp_path / "mean"
    assert main(["average", one, other, "--shares", "2", "1", "--out", str(out)]) == 0
    assert all(torch.all(parameter == 2.0) for parameter in load_model(out).parameters())
    read = load_games_read(out)
    assert read.keys.tolist() == [3, 5, 9] and read.is_complete
    assert json.loads((out / "config.json").read_text())["training"]["average_of"] == [one, other]
    assert f"--shares 2 1 --out {out}" in (out / "card.md").read_text()


def test_shares_as_large_as_numbers_get(tmp_path: Path) -> None:
    one, other = _model(tmp_path / "one", 1.0, [3]), _model(tmp_path / "other", 3.0, [5])
    assert main(["average", one, other, "--shares", "1e308", "1e308", "--out", str(tmp_path / "mean")]) == 0
    assert all(torch.all(parameter == 2.0) for parameter in load_model(tmp_path / "mean").parameters())


def test_all_count_the_same_unless_told_otherwise(tmp_path: Path) -> None:
    models = [_model(tmp_path / str(value), value, [], is_complete=value < 2) for value in (0.0, 1.0, 5.0)]
    assert main(["average", *models, "--out", str(tmp_path / "mean")]) == 0
    assert all(torch.all(parameter == 2.0) for parameter in load_model(tmp_path / "mean").parameters())
    assert not load_games_read(tmp_path / "mean").is_complete  # for of one of them that is not known


def test_models_of_different_shapes_have_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = [_model(tmp_path / "one", 1.0, []), _model(tmp_path / "two", 1.0, [], layers=2)]
    assert main(["average", *models, "--out", str(tmp_path / "mean")]) == 2
    assert "only models of one shape have a mean" in capsys.readouterr().err
    assert not (tmp_path / "mean").exists()
