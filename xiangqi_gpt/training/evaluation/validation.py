"""How well a model predicts games it has not seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import torch

from xiangqi_gpt.model.gpt import Gpt

from ..data.batches import Batch
from ..data.game_phases import PHASES
from ..optim.objective import forward

#: Openings are memory; from this ply on a model has to understand.
MIDGAME_PLY = 10


@dataclass(frozen=True)
class Scores:
    """Means over the plies with a target: nats a move, shares of right first choices, nats of the result where known.

    A share of no plies at all is 0.
    """

    nats_per_move: float
    top1: float
    top1_ply10: float
    top1_opening: float
    top1_middle: float
    top1_endgame: float
    value_log_loss: float | None  #: None where no result is known
    plies: int

    def as_dict(self) -> dict[str, float | None]:
        """Return the scores by name."""
        return asdict(self)

    def __str__(self) -> str:
        result = "no result known" if self.value_log_loss is None else f"result {self.value_log_loss:.3f} nats"
        return (
            f"held-out {self.nats_per_move:.3f} nats a move, top-1 {self.top1:.1%}, "
            f"from ply 10 {self.top1_ply10:.1%}, {result}"
        )


@torch.no_grad()
def evaluate(model: Gpt, batches: Iterable[Batch], precision: str = "fp32") -> Scores:
    """Read batches of held-out games; the model is left in the mode it was in."""
    device = next(model.parameters()).device
    nats = value_nats = 0.0
    values = 0
    # Of all plies, of those from MIDGAME_PLY on, and of each phase: how many, and how many right.
    counts, right = (torch.zeros(2 + len(PHASES), dtype=torch.int64) for _ in range(2))
    for batch in batches:
        batch = batch.to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            output = forward(model, batch)
        has_target = batch.weights > 0
        valued = batch.value_weights > 0
        parts = [has_target, has_target & (batch.plies >= MIDGAME_PLY)]
        parts += [has_target & (batch.phases == phase) for phase in PHASES.values()]
        counts += torch.stack([part.sum() for part in parts]).cpu()
        right += torch.stack([output.top1[part].sum() for part in parts]).cpu()
        nats += float(output.move_nats[has_target].sum())
        value_nats += float(output.value_nats[valued].sum())
        values += int(valued.sum())
    plies = int(counts[0])
    value = value_nats / values if values else None
    top1, late, opening, middle, endgame = (right / counts.clamp(min=1)).tolist()
    return Scores(nats / max(plies, 1), top1, late, opening, middle, endgame, value, plies)
