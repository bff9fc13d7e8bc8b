"""The loss of a moves-only model, computed in one function, is that of its plain formulation."""

import pytest
import torch
from random_models import random_model
from torch import Tensor

from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.training.optim import moves_only
from xiangqi_gpt.training.optim.moves_only import moves_only_nats, plain_nats

PLIES = 19
WEIGHTS = torch.rand(4, PLIES, generator=torch.Generator().manual_seed(0))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves_only, "_ROWS", 8)


def _given(model: Gpt) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states, legal moves (a different number at each ply) and targets."""
    random = torch.Generator().manual_seed(1)
    hidden = torch.randn(PLIES, model.config.width, generator=random, requires_grad=True)
    legal = torch.stack([torch.randperm(2086, generator=random)[:12] for _ in range(PLIES)])
    legal[torch.arange(12) > torch.arange(PLIES)[:, None]] = -1
    return hidden, legal, legal[:, 0].clone()


def _loss(found: moves_only.Nats, *, with_logits: bool) -> Tensor:
    parts = [nats * weights for nats, weights in zip(found[1:], WEIGHTS, strict=False) if nats is not None]
    loss = torch.stack(parts).sum()
    return loss + found[0][:, ::100].square().sum() if with_logits else loss


@pytest.mark.parametrize("legal_head", [True, False])
@pytest.mark.parametrize("with_logits", [False, True])
def test_values_and_gradients_are_those_of_the_plain_way(legal_head: bool, with_logits: bool) -> None:
    model = random_model(features="none", legal_head=legal_head)
    hidden, legal, targets = _given(model)
    wanted = [hidden, *(p for p in model.parameters() if p.requires_grad)]
    found, plain = (function(model, hidden, legal, targets) for function in (moves_only_nats, plain_nats))
    assert (found[3] is None) == (plain[3] is None) == (not legal_head)
    for a, b in zip(found, plain, strict=True):
        if a is not None and b is not None:
            assert torch.allclose(a, b, atol=1e-4, rtol=1e-5)
    gradients = (
        torch.autograd.grad(_loss(nats, with_logits=with_logits), wanted, allow_unused=True) for nats in (found, plain)
    )
    for a, b in zip(*gradients, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert torch.allclose(a, b, atol=1e-4, rtol=1e-4)


def test_certainty_about_the_rules_stays_a_number() -> None:
    model = random_model(features="none", legal_head=True)
    hidden, legal, targets = _given(model)
    with torch.no_grad():
        model.legality_head.bias.fill_(-300.0)  # type: ignore[union-attr]
    found = moves_only_nats(model, hidden, legal, targets)
    loss = _loss(found, with_logits=False)
    (gradient,) = torch.autograd.grad(loss, [hidden])
    assert bool(torch.isfinite(loss))
    assert bool(torch.isfinite(gradient).all())


def test_autocast_computes_in_bfloat16() -> None:
    model = random_model(features="none", legal_head=True)
    hidden, legal, targets = _given(model)
    exact = moves_only_nats(model, hidden, legal, targets)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = moves_only_nats(model, hidden, legal, targets)
    assert rounded[1].dtype == torch.float32
    assert 0 < (exact[1] - rounded[1]).abs().max() < 0.1
    a, b = (torch.autograd.grad(_loss(nats, with_logits=False), [hidden])[0] for nats in (exact, rounded))
    assert (a - b).norm() < 0.05 * a.norm()
