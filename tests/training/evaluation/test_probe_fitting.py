"""Fitting a probe: it finds the board where there is one to be found."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.probe import to_model_perspective
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.model.probe import watch
from xiangqi_gpt.records.store.token_store import TEST, TRAIN, VALIDATION, TokenStore
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.data.batches import BatchLoader
from xiangqi_gpt.training.data.score_scale import ScoreScale
from xiangqi_gpt.training.errors import TrainingError
from xiangqi_gpt.training.evaluation.baseline_predictors import replay
from xiangqi_gpt.training.evaluation.probe_fitting import fit_probe, format_scores, probe_model


@pytest.fixture
def divided(store: TokenStore) -> TokenStore:
    splits = np.array([(VALIDATION, TEST, *[TRAIN] * 6)[game % 8] for game in range(store.games)], np.int8)
    return dataclasses.replace(store, splits=splits)


@pytest.mark.slow
def test_a_probe_finds_the_board_that_a_sighted_model_is_shown(divided: TokenStore) -> None:
    torch.manual_seed(0)
    model = Gpt(PRESETS["nano"]).eval()
    probe, scores = fit_probe(model, divided, layers=[0, 1], plies=3_000, batch_plies=128)
    assert scores.accuracy > scores.baseline + 0.01
    assert scores.accuracy == probe.accuracy
    assert set(scores.by_layer) == {0, 1}
    assert scores.by_layer[scores.layer] == max(scores.by_layer.values())
    assert scores.games == 8
    assert [ply for ply, _, _ in scores.by_ply] == [0, 10, 20, 30][: len(scores.by_ply)]
    assert f"layer {scores.layer}" in format_scores(scores)

    game = int(divided.select(TEST)[2])
    boards, sides = replay(divided, game)
    loader = BatchLoader(divided, model.config, TrainConfig(), ScoreScale())
    batch = loader.build(loader.whole_games(np.array([game]))[0])
    with torch.no_grad(), watch(model, [probe.layer]) as states:
        model(batch.tokens, batch.control, batch.feature_bags, batch.packing)
    believed, _ = probe.decode_boards(states[probe.layer].numpy(), sides)
    right = (believed == boards).mean()
    assert right > 0.8
    assert (
        to_model_perspective(believed, sides, model.config) == boards
    ).mean() < right  # turned wrongly it does not fit


def test_the_same_seed_gives_the_same_probe(divided: TokenStore) -> None:
    model = Gpt(dataclasses.replace(PRESETS["nano"], features="none")).eval()
    first, second = (fit_probe(model, divided, layers=[1], plies=500, seed=3)[0] for _ in range(2))
    assert np.array_equal(first.weight, second.weight)


def test_a_layer_that_is_not_there_and_games_that_are_missing(divided: TokenStore, tmp_path: Path) -> None:
    model = Gpt(PRESETS["nano"]).eval()
    from xiangqi_gpt.model.checkpoint import save_model

    save_model(model, tmp_path)
    with pytest.raises(TrainingError, match=r"--layer 3: .* has layers 0 to 2"):
        probe_model(str(tmp_path), [], layers=[3])
    all_train = dataclasses.replace(divided, splits=np.full(divided.games, TRAIN, np.int8))
    with pytest.raises(TrainingError, match="no held-out game"):
        fit_probe(model, all_train, layers=[0], plies=500)
