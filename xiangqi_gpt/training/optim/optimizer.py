"""Muon or AdamW for the matrices of the body, AdamW for all the rest, and the schedule both follow."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from xiangqi_gpt.model.gpt import Gpt

from ..config import TrainConfig
from .auxiliary_heads import AuxiliaryHeads
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

    def step(self) -> None:
        """Apply the gradients and clear them."""
        for optimizer in (self.matrices, self.others):
            optimizer.step()
            # The fused AdamW writes past autograd's count of changes, by which a model knows when its tables are stale.
            torch.autograd.graph.increment_version(p for group in optimizer.param_groups for p in group["params"])
            optimizer.zero_grad(set_to_none=True)


def make_optimizers(model: Gpt, config: TrainConfig, auxiliary: AuxiliaryHeads | None = None) -> Optimizers:
    """Optimizers for every parameter of a model and of ``auxiliary``; ``config`` has its defaults resolved
    (``training.run.starting_model``).

    Muon computes in the precision of the run.
    """
    matrices = [p for p in model.blocks.parameters() if p.ndim == 2]
    in_body = {id(p) for p in matrices}
    others: list[nn.Parameter] = [p for p in model.parameters() if id(p) not in in_body]
    names = {id(p): name for name, p in model.named_parameters()}
    if auxiliary is not None:
        others += auxiliary.parameters()
        names |= {id(p): f"auxiliary.{name}" for name, p in auxiliary.named_parameters()}

    def adamw(parameters: list[nn.Parameter], rate: float) -> torch.optim.Optimizer:
        return torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.95), weight_decay=config.weight_decay, fused=True)

    if config.optimizer == "muon":
        working = torch.bfloat16 if config.precision == "bf16" else torch.float32
        body: torch.optim.Optimizer = Muon(
            matrices, config.matrix_rate, weight_decay=config.weight_decay, precision=working
        )
    else:
        body = adamw(matrices, config.matrix_rate)
    return Optimizers(body, adamw(others, config.table_rate), config, names)


def rate_at(step: int, steps: int, config: TrainConfig) -> float:
    """Share of the peak rate at a step: linear warm-up, constant, linear decay to zero."""
    warmup, decay = max(1, round(steps * config.warmup)), max(1, round(steps * config.decay))
    return min(1.0, (step + 1) / warmup, (steps - step) / decay)


def state_tensors(optimizers: Optimizers) -> dict[str, Tensor]:
    """The optimizers' state as named tensors."""
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
