"""Which commands need PyTorch, for the marks of tests that run every command."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

import pytest

NEED_TORCH = frozenset(
    {
        "train",
        "overfit",
        "describe",
        "finetune",
        "compress",
        "average",
        "evaluate",
        "history",
        "probe",
        "update",
        "speedrun",
        "improve",
    }
)

_NEEDS_PILLOW: Final = pytest.mark.skipif(find_spec("PIL") is None, reason="needs Pillow")


def needs(call: str) -> tuple[pytest.MarkDecorator, ...]:
    """Return the marks of a test that runs a command line."""
    marks: tuple[pytest.MarkDecorator, ...] = (pytest.mark.torch,) if call.split()[0] in NEED_TORCH else ()
    return (*marks, _NEEDS_PILLOW) if "--gif" in call.split() else marks
