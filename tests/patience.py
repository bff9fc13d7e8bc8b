"""How long tests wait: so long that a slow, busy machine is no failure. Waiting is polling, so a fast one goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds for what usually takes one or a few, such as a program's start, its answer or its end: more than ten times
#: what the slowest of it takes on two busy cores. The limit of a whole test, in pyproject.toml, is longer.
PATIENCE = 600.0
#: Seconds for one answer of an engine that the tests bring along, its start included: two on two busy cores. Where a
#: cluster's tasks fail, one engine after the other is waited for, so that ``PATIENCE`` would be hours.
ENGINE_PATIENCE = 60.0
_POLL_SECONDS = 0.02


def becomes(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Poll until ``condition`` holds; whether it did before the time was up."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def wait_until(condition: Callable[[], object]) -> None:
    """Poll until ``condition`` holds. Raises AssertionError if it never does."""
    assert becomes(condition), f"nothing came of it in {PATIENCE:.0f} s"
