"""Steps that are tried and undone: what they cost is known then, and nothing was learned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

import torch
from torch import nn

from ..optim.optimizer import Optimizers, restore_state, state_tensors

if TYPE_CHECKING:
    from .trainer import Trainer

_UNTIMED_STEPS, _TIMED_STEPS = 2, 8
_SHARE: Final = 0.05  # of the minutes, about, is given to trials at most


@contextmanager
def kept_as_they_were(parameters: Sequence[nn.Parameter], optimizers: Optimizers) -> Iterator[None]:
    """Restore parameters and the optimizers' state after the block, bit for bit."""
    weights = [p.detach().clone() for p in parameters]
    state = {name: tensor.clone() for name, tensor in state_tensors(optimizers).items()}
    try:
        yield
    finally:
        optimizers.clear()
        with torch.no_grad():
            for parameter, before in zip(parameters, weights, strict=True):
                parameter.copy_(before)
        restore_state(optimizers, state)


def steps_in(trainer: Trainer, minutes: float) -> int:
    """Return how many steps fit into a time, by timing some, which are undone.

    So a run by minutes is the same as one by so many steps, from the first step on.
    """
    begun = timed_from = now = trainer.clock()
    done = 0
    with kept_as_they_were(trainer.parameters(), trainer.optimizers), closing(trainer.steps_to_do()) as works:
        for done, work in enumerate(works, start=1):
            trainer.train_on(work, is_trial=True)
            now = trainer.clock()
            if done == _UNTIMED_STEPS:
                timed_from = now  # the first steps also warm up
            # A slow machine must not spend a short run on timing it.
            enough = now - begun > _SHARE * 60 * minutes or done == _UNTIMED_STEPS + _TIMED_STEPS
            is_first = trainer.processes.is_first
            if done > _UNTIMED_STEPS and trainer.processes.sum([float(enough and is_first)])[0]:
                break
    left = 60 * minutes - (now - begun)
    seconds_a_step = max((now - timed_from) / max(done - _UNTIMED_STEPS, 1), 1e-9)
    steps = max(1, round(0.97 * left / seconds_a_step))
    if trainer.most_steps is not None:
        steps = min(steps, max(1, trainer.most_steps - trainer.progress.step))
    return round(trainer.processes.sum([float(steps if trainer.processes.is_first else 0)])[0])
