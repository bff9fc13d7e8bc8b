"""What the fuzzers of all rooms share: one budget of time, and ways to damage what was whole."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

#: How long each fuzzer searches; ``FUZZ_SECONDS=600 pytest tests -k fuzz --timeout=0`` makes a night of it.
SECONDS = float(os.environ.get("FUZZ_SECONDS", "1"))
_EXAMPLES_A_ROUND = 25
_NUMBERS = (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\1\0\0\0")


def fuzz(check: Callable[..., None], *inputs: st.SearchStrategy[Any]) -> None:
    """Call ``check`` with ever new inputs until the time is over; one that fails is made small and shown.

    How many there were is printed (``pytest -s`` shows it).
    """
    inputs_tried = 0

    @wraps(check)
    def counted(*args: Any, **kwargs: Any) -> None:
        nonlocal inputs_tried
        inputs_tried += 1
        check(*args, **kwargs)

    rules = settings(
        max_examples=_EXAMPLES_A_ROUND, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck)
    )
    search = rules(given(*inputs)(counted))
    begin = time.monotonic()
    search()
    while time.monotonic() < begin + SECONDS:
        search()
    print(f"{inputs_tried:,} inputs in {(time.monotonic() - begin) / 60:.1f} minutes")


@st.composite
def damaged(draw: st.DrawFn, files: Sequence[bytes]) -> bytes:
    """A file with bytes changed, numbers made absurd, parts left out, repeated, moved or cut off."""
    data = bytearray(draw(st.sampled_from(files)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(("byte", "number", "cut", "insert", "copy", "end")))
        if kind == "byte":
            data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
        elif kind == "number":
            data[at : at + 4] = draw(st.sampled_from(_NUMBERS))
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 50))]
        elif kind == "insert":
            data[at:at] = draw(st.binary(min_size=1, max_size=20))
        elif kind == "copy":
            other = draw(st.integers(0, len(data)))
            data[at:at] = data[other : other + draw(st.integers(1, 80))]
        else:
            del data[at:]
    return bytes(data)


@st.composite
def damaged_text(draw: st.DrawFn, texts: Sequence[str]) -> str:
    """A text with a part cut out, doubled or replaced."""
    text = draw(st.sampled_from(texts))
    first, last = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
    return text[:first] + draw(st.sampled_from(["", text[first:last] * 2]) | st.text(max_size=5)) + text[last:]
