"""When a run looks at held-out games."""

from __future__ import annotations

from typing import Final

from ..config import TrainConfig
from ..data.batches import GameSlice
from .checkpoints import RunProgress

_SHARE: Final = 0.05  # of a run's time, at most, goes to looking at held-out games on the way
_COST: Final = 0.5  # of learning a ply, reading one is held to cost
_MOST: Final = 20


class EvaluationSchedule:
    """At fixed steps, the same in a run that was interrupted; or every so many minutes where that is asked for.

    ``seconds`` is what the last evaluation took, None before the first.
    """

    def __init__(self, config: TrainConfig, held_out: list[list[GameSlice]]) -> None:
        self.config, self.seconds = config, None if held_out else 0.0
        self.plies = sum(sequence.length for group in held_out for sequence in group)

    def is_due(self, progress: RunProgress, since_last: float) -> bool:
        """Return whether to evaluate now, after a step, ``since_last`` seconds after the last time."""
        if not self.plies or progress.step >= progress.steps:
            return False  # the one at the end is always made
        if self.config.evaluate_every:
            return since_last > self._interval(progress)
        interval = self.steps_between(progress.steps)
        return interval > 0 and progress.step % interval == 0

    def steps_between(self, steps: int) -> int:
        """Return the steps between two evaluations of a run: about 20 in all, or fewer; 0 for none before the end."""
        affordable = int(_SHARE * steps * self.config.batch_plies / (_COST * max(self.plies, 1)))
        looks = min(_MOST, affordable, steps - 1)
        return -(-steps // (looks + 1)) if looks > 0 else 0

    def _interval(self, progress: RunProgress) -> float:
        """Seconds between two looks: as asked, but never so few that they take more than a twentieth of the time."""
        cost = self.seconds
        if cost is None:  # until one was made
            cost = _COST * self.plies * progress.seconds / max(progress.plies, 1)
        return max(self.config.evaluate_every * 60, cost / _SHARE)
