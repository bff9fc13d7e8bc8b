"""What is computed in one function gives the values and the gradients of its plain formulation."""

import pytest
import torch
from torch import Tensor, nn

from xiangqi_gpt.model import attention, fused
from xiangqi_gpt.model.attention import Packing, packed_attention
from xiangqi_gpt.model.fused import legal_scores, squared_relu_layer

LENGTHS = torch.tensor([5, 1, 9, 3])


def _random(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(sum(shape)), requires_grad=True)


def _places() -> Tensor:
    return torch.randint(0, 30, (18, 7, 3), generator=torch.Generator().manual_seed(1))


def _rope(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    angles = Packing(LENGTHS).positions[:, None] * torch.tensor([1.0, 0.3], dtype=dtype)
    return angles.cos(), angles.sin()


def _attend(qkv: Tensor, *, turned: bool) -> Tensor:
    return packed_attention(qkv, 2, _rope(qkv.dtype) if turned else None, Packing(LENGTHS))


CASES = {
    "squared ReLU": (squared_relu_layer, [(18, 4), (16, 4), (4, 16)]),
    "legal scores": (lambda hidden, table: legal_scores(hidden, table, _places()), [(18, 4), (30, 4)]),
    "attention": (lambda qkv: _attend(qkv, turned=False), [(18, 24)]),
    "turned attention": (lambda qkv: _attend(qkv, turned=True), [(18, 24)]),
}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several chunks, the last of them not full."""
    monkeypatch.setattr(fused, "_ROWS", 8)
    monkeypatch.setattr(fused, "_SCORE_ROWS", 8)


def _plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (fused, attention):
        monkeypatch.setattr(module, "is_fused", lambda x: False)


@pytest.mark.parametrize("name", [name for name in CASES if name != "turned attention"])  # its kernels are in float32
def test_gradients_are_those_of_small_differences(name: str) -> None:
    function, shapes = CASES[name]
    assert torch.autograd.gradcheck(function, [_random(*shape) for shape in shapes])


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_are_those_of_the_plain_way(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function, shapes = CASES[name]
    dtype, tolerance = (torch.float32, 2e-5) if name == "turned attention" else (torch.float64, 1e-8)
    given = [_random(*shape, dtype=dtype) for shape in shapes]
    found = function(*given)
    weights = torch.randn_like(found)
    gradients = torch.autograd.grad((found * weights).sum(), given)
    with torch.no_grad():
        assert torch.allclose(function(*given), found.detach(), atol=tolerance)
    _plainly(monkeypatch)
    plain = function(*given)
    assert torch.allclose(found, plain, atol=tolerance)
    for a, b in zip(gradients, torch.autograd.grad((plain * weights).sum(), given), strict=True):
        assert torch.allclose(a, b, atol=tolerance)


@pytest.mark.parametrize("name", ["squared ReLU", "legal scores", "attention"])
def test_autocast_computes_in_bfloat16(name: str) -> None:
    function, shapes = CASES[name]
    given = [_random(*shape, dtype=torch.float32) for shape in shapes]
    exact = function(*given)
    gradients = torch.autograd.grad(exact.square().sum(), given)
    with torch.autocast("cpu", torch.bfloat16):
        # attention reads what a layer under autocast gives
        rounded = [x.to(torch.bfloat16) for x in given] if name == "attention" else given
        found = function(*rounded)
    assert 0 < (found.float() - exact).abs().max() < 0.05 * exact.abs().max()
    for a, b in zip(gradients, torch.autograd.grad(found.float().square().sum(), given), strict=True):
        assert b.dtype == torch.float32
        assert (a - b).norm() < 0.05 * a.norm()


def test_padding_is_taken_off_again() -> None:
    packing, x = Packing(LENGTHS), torch.arange(36.0).view(18, 2)
    padded = packing.pad(x)
    assert padded.shape == (4, 9, 2)
    assert padded[1].flatten().tolist() == [10, 11] + [0] * 16
    assert torch.equal(packing.unpad(padded), x)
    assert packing.positions.tolist() == [*range(5), 0, *range(9), *range(3)]


def test_a_game_sees_nothing_of_its_neighbours() -> None:
    qkv = _random(18, 24).detach()
    changed = qkv.clone()
    changed[6:15] += 1  # the third game
    before, after = (_attend(x, turned=True) for x in (qkv, changed))
    assert torch.equal(before[:6], after[:6])
    assert torch.equal(before[15:], after[15:])
    assert not torch.allclose(before[6:15], after[6:15])


def test_a_module_keeps_its_parameters() -> None:
    up, down = nn.Linear(4, 16, bias=False), nn.Linear(16, 4, bias=False)
    squared_relu_layer(torch.randn(2, 3, 4), up.weight, down.weight).sum().backward()  # type: ignore[no-untyped-call]
    assert up.weight.grad is not None and down.weight.grad is not None
