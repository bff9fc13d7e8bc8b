"""Which commands need PyTorch, for the marks of tests that run every command."""

from __future__ import annotations

import pytest

NEED_TORCH = frozenset(
    {
        "train",
        "overfit",
        "describe",
        "finetune",
        "compress",
        "evaluate",
        "history",
        "probe",
        "update",
        "speedrun",
        "improve",
    }
)


def needs(call: str) -> tuple[pytest.MarkDecorator, ...]:
    """Return the marks of a test that runs a command line."""
    return (pytest.mark.torch,) if call.split()[0] in NEED_TORCH else ()
