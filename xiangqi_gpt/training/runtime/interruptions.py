"""Ctrl-C and a polite kill end a run between two steps."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def interruptions() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C or SIGTERM sets, so that no step is cut; a second signal ends at once."""
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return
    usual = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(number: int, _: object) -> None:
        event.set()
        signal.signal(number, usual[signal.Signals(number)])

    for number in usual:
        signal.signal(number, note)
    try:
        yield event
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
