"""What the fuzzers of all packages share: one budget of time, a corpus of inputs, and ways to damage what was whole.

An input that fails is made small and kept in ``fuzz_corpus/NAME/``, a folder for each fuzzer; every later run tries
what lies there first. Commit it with what mends it. ``FUZZ_CORPUS`` names another folder, as for a night's search.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

#: How long each fuzzer searches; ``FUZZ_SECONDS=600 pytest tests -k fuzz --timeout=0`` makes a night of it.
SECONDS = float(os.environ.get("FUZZ_SECONDS", "1"))
#: Inputs that once failed.
CORPUS = Path(os.environ.get("FUZZ_CORPUS", Path(__file__).parent / "fuzz_corpus"))
_EXAMPLES_A_ROUND = 25
_NUMBERS = (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\1\0\0\0")


def fuzz(check: Callable[..., None], *inputs: st.SearchStrategy[Any]) -> None:
    """Call ``check`` with the inputs that once failed, then with ever new ones until the time is over.

    One that fails is made small, shown, and kept. How many there were is printed (``pytest -s`` shows it).
    """
    name = re.sub(r"\W+", "-", os.environ["PYTEST_CURRENT_TEST"].split("::")[-1].split(" ")[0]).strip("-")
    for path in sorted((CORPUS / name).glob("*.json")):
        check(*_plain(json.loads(path.read_text(encoding="utf-8")), decode=True))
    inputs_tried, failed = 0, None

    @wraps(check)
    def noted(*args: Any, **named: Any) -> None:
        nonlocal inputs_tried, failed
        inputs_tried += 1
        try:
            check(*args, **named)
        except Exception:
            failed = [*args, *named.values()]  # the smallest comes last
            raise

    rules = settings(
        max_examples=_EXAMPLES_A_ROUND, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck)
    )
    search = rules(given(*inputs)(noted))
    begin = time.monotonic()
    try:
        search()
        while time.monotonic() < begin + SECONDS:
            search()
    finally:
        if failed is not None:
            keep(name, failed)
    print(f"{inputs_tried:,} inputs in {(time.monotonic() - begin) / 60:.1f} minutes")


def keep(name: str, values: Sequence[Any]) -> None:
    """Put the input of a fuzzer into its corpus, unless it holds what is no text, number or list."""
    try:
        text = json.dumps(_plain(values), indent=1)
    except TypeError:
        return
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.json").write_text(text, encoding="utf-8")


def _plain(value: Any, *, decode: bool = False) -> Any:
    """A value as JSON has it, with bytes as an object of hexadecimal digits; or back again."""
    if isinstance(value, (list, tuple)):
        return [_plain(part, decode=decode) for part in value]
    if decode:
        return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
    return {"hex": value.hex()} if isinstance(value, bytes) else value


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
