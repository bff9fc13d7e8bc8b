"""What can go wrong with an analysis."""

from __future__ import annotations

from xiangqi_gpt.rules import XiangqiError


class AnalysisError(XiangqiError):
    """A game that is not there, or that a model cannot read; or a report that would replace a file."""

    code = "analysis"
