"""Several processes training one model: ``torchrun --nproc-per-node 2 train.py ...``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn

from ..errors import TrainingError

#: One process may read a large corpus, or look at held-out games, while the others wait.
_PATIENCE = timedelta(hours=4)
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Processes:
    """This process among those that train together; a single one needs no connection."""

    rank: int = 0
    count: int = 1
    device: torch.device = _CPU

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes files and speaks."""
        return self.rank == 0

    def sum(self, values: list[float]) -> list[float]:
        """Return each value summed over the processes."""
        if self.count == 1:
            return values
        tensor = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.all_reduce(tensor)
        return [float(value) for value in tensor]

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Sum the gradients over the processes, in one message; one that has none counts as zero."""
        if self.count == 1:
            return
        trained = [p for p in parameters if p.requires_grad]
        for parameter in trained:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        gradients = [p.grad for p in trained if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        sizes = [gradient.numel() for gradient in gradients]
        for gradient, part in zip(gradients, torch.split(flat, sizes), strict=True):
            gradient.copy_(part.view_as(gradient))

    def wait(self) -> None:
        """Go on when all processes have come here."""
        if self.count > 1:
            dist.barrier()


def find_device(name: str) -> torch.device:
    """Return the device of a name, ``auto`` for a GPU where there is one. Raises ``TrainingError`` without one."""
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError("--device cuda: PyTorch sees no GPU here")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda":
        place = int(os.environ.get("LOCAL_RANK", "0"))
        if place >= torch.cuda.device_count():
            raise TrainingError(f"process {place} of this machine finds {torch.cuda.device_count()} GPUs: start fewer")
        return torch.device("cuda", place)
    return torch.device(name)


def is_first_process() -> bool:
    """Return whether this process is the one that speaks, before or after the processes are connected."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def joined(device_name: str) -> Iterator[Processes]:
    """Yield the processes that ``torchrun`` started, connected; this one alone without it."""
    device = find_device(device_name)
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes(device=device)
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=_PATIENCE)
    try:
        yield Processes(dist.get_rank(), count, device)
    finally:
        dist.destroy_process_group()
