"""What presets bring besides their shape, and how a shape is changed."""

import json
from pathlib import Path

import pytest

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.data.batches import BatchLoader
from xiangqi_gpt.training.data.score_scale import ScoreScale
from xiangqi_gpt.training.errors import TrainingError
from xiangqi_gpt.training.optim.optimizer import rate_at
from xiangqi_gpt.training.run.run_settings import SettingsError, new_config, resumed_config, write_settings
from xiangqi_gpt.training.run.starting_model import resolve_defaults, shape_of


def test_the_recipe_of_the_article_comes_with_its_preset() -> None:
    config = resolve_defaults(new_config({"preset": "kexue2020"}), PRESETS["kexue2020"])
    shape = shape_of(config)
    assert (shape.layers, shape.width, shape.heads, shape.positions, shape.features) == (12, 768, 12, 512, "none")
    assert (config.optimizer, config.matrix_rate, config.table_rate) == ("adamw", 1e-5, 1e-5)
    assert (config.value_weight, config.loser_weight, config.mirrored, config.lengths[-1]) == (0, 1, 0, 128)
    assert {rate_at(step, 100, config) for step in range(99)} == {1.0}
    assert new_config({"preset": "kexue2020", "value_weight": 0.3}).value_weight == 0.3
    assert new_config({"preset": "characters"}).value_weight == TrainConfig.value_weight


def test_a_run_of_version_0_1_goes_on_with_the_preset_it_meant(tmp_path: Path) -> None:
    write_settings(TrainConfig(preset="kexue2020", out=str(tmp_path)))
    kept = json.loads((tmp_path / "settings.json").read_text())
    del kept["procedure"]
    (tmp_path / "settings.json").write_text(json.dumps(kept))
    config = resumed_config(str(tmp_path), {})
    assert config.preset == "characters"
    assert (shape_of(config).layers, shape_of(config).width) == (6, 256)


def test_a_shape_can_be_changed() -> None:
    shape = shape_of(new_config({"preset": "nano", "layers": 3, "width": 128}))
    assert (shape.layers, shape.width, shape.heads) == (3, 128, 2)
    assert shape_of(new_config({"preset": "small", "heads": 8})).heads == 8
    with pytest.raises(TrainingError, match="width 256 does not divide into 7 heads"):
        shape_of(new_config({"preset": "small", "heads": 7}))
    with pytest.raises(SettingsError, match="--width 64: a run with --start-from has the shape of that model"):
        new_config({"start_from": "default", "width": 64})


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_as_many_sequences_are_mirrored_as_asked_for(store: TokenStore, share: float) -> None:
    loader = BatchLoader(store, PRESETS["nano"], TrainConfig(mirrored=share), ScoreScale())
    lines = [line for group in loader.epoch(store.select(0), 0) for line in group]
    assert {line.mirrored for line in lines} == {bool(share)}
