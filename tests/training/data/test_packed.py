"""A batch of packed games is read as each of its games is read alone."""

import numpy as np
import pytest
import torch
from random_models import random_model

from xiangqi_gpt.inference.tokenizers import ICCS_TOKENS
from xiangqi_gpt.model import attention, fused
from xiangqi_gpt.model.gpt import FeatureBags
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.data.batches import BatchLoader
from xiangqi_gpt.training.data.score_scale import ScoreScale
from xiangqi_gpt.training.optim import moves_only
from xiangqi_gpt.training.optim.objective import Totals, forward, loss_of

SHAPES = {
    "moves": {},
    "board": {"features": "board"},
    "none": {"features": "none", "legal_head": True},
    "gpt2": {"features": "none", "body": "gpt2"},
    "iccs": {"features": "none", "body": "gpt2", "vocabulary": ICCS_TOKENS.version},
    "iccs, modern": {"features": "none", "vocabulary": ICCS_TOKENS.version},
}


@pytest.mark.parametrize("name", SHAPES)
def test_hidden_states_are_those_of_each_game_alone(store: TokenStore, name: str) -> None:
    model = random_model(**SHAPES[name])  # type: ignore[arg-type]
    loader = BatchLoader(store, model.config, TrainConfig(), ScoreScale())
    batch = loader.build(loader.whole_games(np.array([0, 7, 19, 33]))[0])
    assert len(set(batch.packing.lengths)) > 1
    packed = model(batch.tokens, batch.control, batch.feature_bags, batch.packing)
    for game, (first, end) in enumerate(batch.packing.games):
        features = None
        if batch.feature_bags is not None:
            ends = torch.cat((batch.feature_bags.offsets, torch.tensor([len(batch.feature_bags.features)])))
            features = FeatureBags(batch.feature_bags.features[ends[first] : ends[end]], ends[first:end] - ends[first])
        alone = model(batch.tokens[None, first:end], batch.control[game : game + 1], features)[0]
        assert torch.allclose(packed[first:end], alone, atol=1e-4)
    with torch.no_grad():
        assert torch.allclose(model(batch.tokens, batch.control, batch.feature_bags, batch.packing), packed, atol=1e-4)


@pytest.mark.parametrize("name", SHAPES)
def test_loss_and_gradients_are_those_of_padded_games(
    store: TokenStore, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = random_model(**SHAPES[name])  # type: ignore[arg-type]
    loader = BatchLoader(store, model.config, TrainConfig(), ScoreScale())
    batch = loader.build(loader.whole_games(np.arange(0, 64, 5))[0])

    def gradients() -> tuple[float, list[torch.Tensor]]:
        loss = loss_of(forward(model, batch), batch, Totals.of([batch]), TrainConfig())
        found = torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)
        return float(loss.detach()), [gradient for gradient in found if gradient is not None]

    loss, packed = gradients()
    for module in (fused, attention, moves_only):
        monkeypatch.setattr(module, "is_fused", lambda x: False)  # as on other devices
    plain_loss, plain = gradients()
    assert loss == pytest.approx(plain_loss, abs=1e-4)
    assert len(packed) == len(plain)
    for a, b in zip(packed, plain, strict=True):
        assert (a - b).norm() <= 1e-3 * b.norm() + 1e-6
