"""Muon: PyTorch's own in bf16, and the same in fp32 and for many matrices at once."""

import pytest
import torch

from xiangqi_gpt.training.optim.muon import Muon, orthogonalize

SHAPES = ((12, 4), (4, 4), (16, 4), (4, 16), (12, 4))


def _parameters() -> list[torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(1)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in SHAPES]


def _steps(
    optimizer: torch.optim.Optimizer, parameters: list[torch.nn.Parameter], steps: int = 3
) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    for _ in range(steps):
        for parameter in parameters:
            parameter.grad = torch.randn(parameter.shape, generator=generator)
        optimizer.step()
    return [parameter.detach() for parameter in parameters]


@pytest.mark.parametrize(("precision", "tolerance"), [(torch.bfloat16, 0.0), (torch.float32, 2e-3)])
def test_it_steps_as_pytorch_does(precision: torch.dtype, tolerance: float) -> None:
    parameters = _parameters()
    ours = _steps(Muon(parameters, 0.02, weight_decay=0.1, precision=precision), parameters)
    parameters = _parameters()
    theirs = _steps(torch.optim.Muon(parameters, lr=0.02, weight_decay=0.1), parameters)
    for own, their in zip(ours, theirs, strict=True):
        assert torch.allclose(own, their, rtol=0, atol=tolerance or 1e-7)


def test_singular_values_become_nearly_one() -> None:
    made = orthogonalize(torch.randn(3, 40, 24, generator=torch.Generator().manual_seed(3)))
    values = torch.linalg.svdvals(made)
    assert made.shape == (3, 40, 24)
    assert float(values.min()) > 0.6
    assert float(values.max()) < 1.3


def test_a_parameter_without_gradient_stays() -> None:
    parameters = _parameters()
    before = parameters[0].detach().clone()
    optimizer = Muon(parameters, 0.02, weight_decay=0.1)
    parameters[1].grad = torch.ones_like(parameters[1])
    optimizer.step()
    assert torch.equal(parameters[0], before)


def test_only_matrices_are_taken() -> None:
    with pytest.raises(ValueError, match=r"not for a parameter of shape \(3,\)"):
        Muon([torch.nn.Parameter(torch.zeros(3))], 0.02)
