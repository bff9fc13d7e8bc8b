"""Muon or AdamW for the matrices of the body, AdamW for all the rest, and the schedule both follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from xiangqi_gpt.model.gpt import Gpt

from ..config import TrainConfig
from .muon import Muon


@dataclass
class Optimizers:
    """The optimizer of the matrices and that of the rest, with their peak learning rates."""

    matrices: torch.optim.Optimizer
    others: torch.optim.Optimizer
    config: TrainConfig
    names: dict[int, str]  #: by ``id`` of a parameter

    def set_rate(self, factor: float) -> None:
        """Set both learning rates to a share of their peak."""
        for group in self.matrices.param_groups:
            group["lr"] = self.config.matrix_rate * factor
        for group in self.others.param_groups:
            group["lr"] = self.config.table_rate * factor

    def clear(self) -> None:
        """Forget all state and gradients, as before the first step."""
        for optimizer in (self.matrices, self.others):
            optimizer.zero_grad(set_to_none=True)
            optimizer.state.clear()

    def step(self) -> None:
        """Apply the gradients and clear them."""
        for optimizer in (self.matrices, self.others):
            optimizer.step()
            # The fused AdamW writes past autograd's count of changes, by which a model knows when its tables are stale.
            torch.autograd.graph.increment_version(p for group in optimizer.param_groups for p in group["params"])
            optimizer.zero_grad(set_to_none=True)


def make_optimizers(model: Gpt, config: TrainConfig) -> Optimizers:
    """Return optimizers for every parameter of a model; ``config`` has its defaults resolved (``starting_model``).

    Muon computes in the precision of the run. Only the weights of linear maps decay: no gain, bias or table does.
    """
    matrices = [p for p in model.blocks.parameters() if p.ndim == 2]
    in_body = {id(p) for p in matrices}
    others: list[nn.Parameter] = [p for p in model.parameters() if id(p) not in in_body]
    names = {id(p): name for name, p in model.named_parameters()}
    linear = {id(part.weight) for part in model.modules() if isinstance(part, nn.Linear)}

    def adamw(parameters: list[nn.Parameter], rate: float) -> torch.optim.Optimizer:
        groups: list[dict[str, Any]] = [{"params": parameters, "weight_decay": config.weight_decay}]
        if config.procedure > 1:
            decays = [p for p in parameters if id(p) in linear]
            stays = [p for p in parameters if id(p) not in linear]
            groups = [{"params": decays, "weight_decay": config.weight_decay}, {"params": stays, "weight_decay": 0.0}]
        groups = [group for group in groups if group["params"]]
        return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=True)

    if config.optimizer == "muon":
        working = torch.bfloat16 if config.precision == "bf16" else torch.float32
        body: torch.optim.Optimizer = Muon(
            matrices, config.matrix_rate, weight_decay=config.weight_decay, precision=working
        )
    else:
        body = adamw(matrices, config.matrix_rate)
    return Optimizers(body, adamw(others, config.table_rate), config, names)


def clip_gradients(parameters: Sequence[nn.Parameter], limit: float) -> float:
    """Scale the gradients down to a norm of ``limit`` in all (0: never); return the norm they had."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients)
    if limit:
        torch.nn.utils.clip_grads_with_norm_([p for p in parameters if p.grad is not None], limit, norm)
    return float(norm)


def rate_at(step: int, steps: int, config: TrainConfig) -> float:
    """Return the share of the peak rate at a step: linear warm-up, constant, linear decay to zero."""
    warmup, decay = max(1, round(steps * config.warmup)), max(1, round(steps * config.decay))
    return min(1.0, (step + 1) / warmup, (steps - step) / decay)


def state_tensors(optimizers: Optimizers) -> dict[str, Tensor]:
    """Return the optimizers' state as named tensors."""
    return {
        f"{optimizers.names[id(parameter)]}/{key}": torch.as_tensor(value).cpu().contiguous()
        for optimizer in (optimizers.matrices, optimizers.others)
        for parameter, state in optimizer.state.items()
        for key, value in state.items()
    }


def restore_state(optimizers: Optimizers, tensors: dict[str, Tensor]) -> None:
    """Put back what ``state_tensors`` gave."""
    owner = {
        optimizers.names[id(p)]: (optimizer, p)
        for optimizer in (optimizers.matrices, optimizers.others)
        for group in optimizer.param_groups
        for p in group["params"]
    }
    for name, tensor in tensors.items():
        path, key = name.rsplit("/", 1)
        optimizer, parameter = owner[path]
        optimizer.state[parameter][key] = tensor if tensor.ndim == 0 else tensor.to(parameter.device)
