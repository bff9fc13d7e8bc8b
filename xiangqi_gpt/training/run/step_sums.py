"""The numbers of a step, over the pieces it was read in and all processes."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from ..data.batches import Batch
from ..optim.objective import ForwardOutput, Totals, loss_parts
from ..runtime.processes import Processes

_PARTS: Final = ("move", "value", "legal", "illegal")


class StepSums:
    """Sums of losses and counts: of the loss and its parts, plain nats, right and legal first choices."""

    def __init__(self) -> None:
        self._sums = [0.0] * (5 + len(_PARTS))
        self._plies = 0
        self._parts: set[str] = set()
        self._tells_legal = False

    @torch.no_grad()
    def add(self, output: ForwardOutput, batch: Batch, totals: Totals, loss: Tensor) -> None:
        """Add a piece of the step's batch, whose part of the loss is ``loss``."""
        has_target = batch.weights > 0
        zero = loss.new_zeros(())
        legal = output.legal.sum() if output.legal is not None else zero
        parts = loss_parts(output, batch, totals)
        self._parts |= parts.keys()
        self._tells_legal |= batch.legal is not None
        nats = output.move_nats[has_target].sum()
        counts = [loss.detach(), nats, (output.top1 & has_target).sum(), has_target.sum(), legal]
        found = torch.stack([count.double() for count in counts])
        shares = torch.stack([parts.get(name, zero).double() for name in _PARTS])
        self._sums = [a + b for a, b in zip(self._sums, torch.cat((found, shares)).tolist(), strict=True)]
        self._plies += len(batch.targets)

    def values(self, processes: Processes) -> dict[str, float]:
        """Return the numbers to show and keep: ``nats`` is the plain mean over the moves learned, as held out."""
        loss, nats, right, has_target, legal, *parts, plies = processes.sum([*self._sums, float(self._plies)])
        found = {
            "loss": round(loss, 4),
            "nats": round(nats / max(has_target, 1), 4),
            "top1": round(right / max(has_target, 1), 4),
            "plies": plies,
        }
        found |= {
            f"{name}_loss": round(part, 4) for name, part in zip(_PARTS, parts, strict=True) if name in self._parts
        }
        if self._tells_legal:
            found["legal_top1"] = round(legal / max(plies, 1), 4)
        return found
