"""What can be wrong with a run."""

from __future__ import annotations

from xiangqi_gpt.rules import XiangqiError


class TrainingError(XiangqiError):
    """A run that cannot start or cannot go on."""
