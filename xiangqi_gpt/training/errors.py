"""What can be wrong with a run."""

from __future__ import annotations

from xiangqi_gpt.rules import XiangqiError


class TrainingError(XiangqiError):
    """Raised for a run that cannot start or cannot go on."""
