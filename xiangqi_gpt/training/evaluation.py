"""How well a model predicts games it has not seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import torch

from xiangqi_gpt.model.gpt import Gpt

from .batches import Batch
from .objective import read

#: Openings are memory; from this ply on a model has to understand.
MIDGAME_PLY = 10


@dataclass(frozen=True)
class Scores:
    """Means over the taught plies: nats a move, shares of right first choices, nats of the result where known."""

    nats_per_move: float
    top1: float
    top1_ply10: float
    value_log_loss: float
    plies: int

    def as_dict(self) -> dict[str, float]:
        """The scores by name."""
        return asdict(self)


@torch.no_grad()
def evaluate(model: Gpt, batches: Iterable[Batch], precision: str = "fp32") -> Scores:
    """Read batches of held-out games; the model is left in the mode it was in."""
    device = next(model.parameters()).device
    nats = top1 = late_top1 = value_nats = 0.0
    plies = late = values = 0
    for batch in batches:
        batch = batch.to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            readings = read(model, batch)
        taught = batch.weights > 0
        deep = taught & (batch.plies >= MIDGAME_PLY)
        valued = batch.value_weights > 0
        nats += float(readings.move_nats[taught].sum())
        top1 += float(readings.top1[taught].sum())
        late_top1 += float(readings.top1[deep].sum())
        value_nats += float(readings.value_nats[valued].sum())
        plies, late, values = plies + int(taught.sum()), late + int(deep.sum()), values + int(valued.sum())
    return Scores(
        nats / max(plies, 1), top1 / max(plies, 1), late_top1 / max(late, 1), value_nats / max(values, 1), plies
    )
