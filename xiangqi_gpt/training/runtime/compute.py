"""With what a command computes: precision and threads, chosen here where the user left them at ``auto``.

The precision follows the instruction set: bf16 where the processor or the GPU multiplies it in hardware, else fp32.
Where the hardware is there, one timed product has to confirm it, for a library or a virtual machine may not use it.
``torch.compile`` is for the steps of training alone: held-out games are too few to compile for.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F

from xiangqi_gpt.machine import BF16_UNITS, Machine, this_machine

from ..config import AUTO
from ..errors import TrainingError

#: So many times as fast as fp32 must a bf16 product be; the units in question give 2 to 16.
_CLEARLY_FASTER: Final = 1.5
#: Up to so many cores all are used unasked; of more, only as many as make the products faster.
_FEW_CORES: Final = 4
_ROWS, _INNER, _OUTER = 4096, 256, 1024  # a feed-forward layer of ``small`` over a batch
_REPEATS: Final = 5


@dataclass(frozen=True)
class Compute:
    """Precision (``bf16`` or ``fp32``) and threads of this process, and in one line why."""

    precision: str
    threads: int
    reason: str

    def announce(self) -> None:
        """Print the line on the standard error stream."""
        print(self.reason, file=sys.stderr, flush=True)


def choose_compute(precision: str, threads: int, device: torch.device) -> Compute:
    """Choose what to compute with, and set PyTorch's threads to it.

    ``precision`` is ``auto``, ``bf16`` or ``fp32``; ``threads`` is 0 for as many as are good here.
    """
    machine = this_machine()
    count, why_count = (threads, "as given") if threads else _threads(machine)
    torch.set_num_threads(count)
    if precision != AUTO:
        why = "as given"
    elif device.type == "cuda":
        has_units = torch.cuda.is_bf16_supported(including_emulation=False)
        precision = "bf16" if has_units else "fp32"
        why = "the GPU has bf16 units" if has_units else "the GPU has no bf16 units"
    else:
        precision, why = _precision(machine)
    threads_text = f"{count} thread{'s' if count != 1 else ''} ({why_count})"
    return Compute(precision, count, f"computing in {precision} ({why}) with {threads_text}")


def _precision(machine: Machine) -> tuple[str, str]:
    if not machine.has_bf16_units:
        return "fp32", "the processor has no bf16 units"
    units = " and ".join(name for name in machine.instruction_sets if name in BF16_UNITS)
    ratio = product_seconds(torch.float32) / product_seconds(torch.bfloat16)
    if ratio < _CLEARLY_FASTER:
        return "fp32", f"the processor has {units}, but a bf16 product is only {ratio:.1f} × as fast"
    return "bf16", f"the processor has {units}; a product is {ratio:.1f} × as fast as in fp32"


def _threads(machine: Machine) -> tuple[int, str]:
    """How many threads, and why: the cores, shared by the processes of this machine."""
    processes = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    cores = max(1, machine.cores // processes)
    shared = f", {processes} processes" if processes > 1 else ""
    why = f"{machine.cores} core{'s' if machine.cores != 1 else ''}{shared}"
    if cores <= _FEW_CORES:
        return cores, why
    counts = [cores]
    while counts[-1] > _FEW_CORES:
        counts.append(counts[-1] // 2)
    seconds = {}
    for count in counts:
        torch.set_num_threads(count)
        seconds[count] = product_seconds(torch.float32)
    best = counts[0]
    for count in counts[1:]:  # fewer only where that is clearly faster
        if seconds[count] * 1.2 < seconds[best]:
            best = count
    return best, why if best == cores else f"{why}; more made products slower"


def product_seconds(dtype: torch.dtype) -> float:
    """Return seconds of a feed-forward layer's product in ``dtype`` on the processor: the fastest of some."""
    x, weight = torch.ones(_ROWS, _INNER, dtype=dtype), torch.ones(_OUTER, _INNER, dtype=dtype)
    best = float("inf")
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        F.linear(x, weight)
        best = min(best, time.perf_counter() - begun)
    return best


@contextmanager
def summarised_warnings() -> Iterator[None]:
    """Turn what the compiler reports within the block, hundreds of lines, into a ``TrainingError`` of one."""
    from torch._dynamo.exc import TorchDynamoException

    try:
        yield
    except TorchDynamoException as error:
        first = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise TrainingError(f"the model could not be compiled ({first}); train without --compile") from error


@contextmanager
def uncompiled() -> Iterator[None]:
    """Run a compiled model as written within the block."""
    with torch.compiler.set_stance("force_eager"):
        yield
