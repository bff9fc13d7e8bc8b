"""Models on disk: what is written comes back, and every kind of damage is named in one line."""

import json
import sys
from pathlib import Path

import pytest
import torch

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.model_folder import CheckpointError, find_model
from xiangqi_gpt.model.checkpoint import load_model, save_model
from xiangqi_gpt.model.gpt import Gpt


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_model(Gpt(PRESETS["nano"]), tmp_path)
    return tmp_path


def test_weights_and_shape_come_back(folder: Path) -> None:
    model = load_model(folder)
    torch.manual_seed(0)
    for name, tensor in Gpt(PRESETS["nano"]).state_dict().items():
        assert torch.equal(model.state_dict()[name], tensor)
    assert model.config == PRESETS["nano"]


def test_half_precision_takes_half_the_room(folder: Path) -> None:
    full = (folder / "model.safetensors").stat().st_size
    save_model(load_model(folder), folder, half=True)
    assert (folder / "model.safetensors").stat().st_size < 0.51 * full
    load_model(folder)


def test_no_partial_file_stays_behind(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]


def test_a_run_without_a_finished_model_means_its_newest_checkpoint(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    for step in ("step-0000010", "step-0000200"):
        (run / step).mkdir(parents=True)
        save_model(load_model(folder), run / step)
    assert find_model(run).name == "step-0000200"


def _cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def _garble(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"not a model at all")


def _remove_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _break_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def _change(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config["model"] |= values
    path.write_text(json.dumps(config))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_cut, "model.safetensors cannot be read"),
        (_garble, "model.safetensors cannot be read"),
        (_remove_weights, "model.safetensors cannot be read"),
        (_break_config, "config.json is damaged"),
        (lambda f: _change(f, layers=3), "tensor blocks.2"),
        (lambda f: _change(f, width=128), "has shape"),
        (lambda f: _change(f, flavour="x"), "unknown settings flavour"),
        (lambda f: _change(f, heads=0), "heads is a whole number above 0, not 0"),
        (lambda f: _change(f, layers="two"), "layers is a whole number above 0, not 'two'"),
        (lambda f: _change(f, context=10**13), "does not fit into memory"),
        (lambda f: _change(f, vocabulary="moves-0"), "vocabulary 'moves-0'"),
        (lambda f: (f / "config.json").unlink(), "config.json is missing"),
    ],
)
def test_damage_is_named(folder: Path, damage: object, words: str) -> None:
    damage(folder)  # type: ignore[operator]
    with pytest.raises(CheckpointError) as error:
        load_model(folder)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of file size")
def test_a_full_disk_leaves_the_old_model_and_nothing_half_written(folder: Path) -> None:
    import resource

    model = load_model(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            save_model(model, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]
    load_model(folder)


@pytest.mark.parametrize("name", ["nobody", "../default", "", "."])
def test_an_unknown_model_is_named(name: str) -> None:
    with pytest.raises(CheckpointError, match="no model"):
        find_model(name)
