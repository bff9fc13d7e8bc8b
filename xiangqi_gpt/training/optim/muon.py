"""Muon: momentum whose update is made orthogonal, for the matrices of a model's body.

Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks". PyTorch's own always orthogonalises in
bf16, which is slow on a processor without bf16 units, and one matrix after the other; here the working precision is a
setting and matrices of one shape are one batch of products.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

import torch
from torch import Tensor

#: The quintic iteration of Jordan et al.: it takes singular values to 0.7 … 1.2 in five steps.
COEFFICIENTS: Final = (3.4445, -4.7750, 2.0315)
STEPS: Final = 5
_EPSILON: Final = 1e-7


@torch.no_grad()
def orthogonalize(matrices: Tensor, *, steps: int = STEPS) -> Tensor:
    """Return matrices (..., M, N) after Newton-Schulz iterations: near to U V^T of their singular value decompositions.

    Computed in the type of ``matrices``.
    """
    a, b, c = COEFFICIENTS
    is_tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if is_tall else matrices
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=_EPSILON)
    flat = x.reshape(-1, *x.shape[-2:])
    for _ in range(steps):
        gram = flat @ flat.mT
        flat = torch.baddbmm(flat, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), flat, beta=a)
    x = flat.view(x.shape)
    return cast(Tensor, x.mT if is_tall else x)


class Muon(torch.optim.Optimizer):
    """Muon with Nesterov momentum and decoupled weight decay, for parameters with two axes.

    ``precision`` is the type of the products. The rate of a matrix (M, N) is ``lr`` times sqrt(max(1, M / N)). The
    state of a parameter is ``momentum_buffer``, as in ``torch.optim.Muon``.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float,
        *,
        weight_decay: float = 0.0,
        momentum: float = 0.95,
        precision: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})
        self.precision = precision
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.ndim != 2:
                    raise ValueError(f"Muon is for matrices, not for a parameter of shape {tuple(parameter.shape)}")

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Apply the gradients; a parameter without one stays as it is."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            self._step(group)
        return loss

    def _step(self, group: dict[str, Any]) -> None:
        lr, momentum, decay = group["lr"], group["momentum"], group["weight_decay"]
        alike: dict[tuple[int, int], list[tuple[Tensor, Tensor]]] = defaultdict(list)
        for parameter in group["params"]:
            if parameter.grad is None:
                continue
            state = self.state[parameter]
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = torch.zeros_like(parameter.grad)
            buffer = state["momentum_buffer"].lerp_(parameter.grad, 1 - momentum)
            update = parameter.grad.lerp(buffer, momentum)  # Nesterov: a look ahead along the momentum
            rows, columns = parameter.shape
            alike[(max(rows, columns), min(rows, columns))].append((parameter, update))
        for pairs in alike.values():
            wide = torch.stack([u if u.shape[0] <= u.shape[1] else u.mT for _, u in pairs]).to(self.precision)
            for (parameter, _), made in zip(pairs, orthogonalize(wide), strict=True):
                rows, columns = parameter.shape
                update = (made if rows <= columns else made.mT).to(parameter.dtype)
                parameter.mul_(1 - lr * decay)
                parameter.add_(update, alpha=-lr * max(1.0, rows / columns) ** 0.5)
