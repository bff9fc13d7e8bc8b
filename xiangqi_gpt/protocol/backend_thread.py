"""One thread that loads the model and thinks, so that the lines of the other program are always heard."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from xiangqi_gpt.rules import Board, Move

from .go import Go


@dataclass
class Search:
    """One ``go``: the position, what is asked, and the signals that end it."""

    board: Board
    go: Go
    moves: list[Move]
    is_new_game: bool = False
    stopped: threading.Event = field(default_factory=threading.Event)
    pondering: bool = False
    #: When the time for this move ends, as ``time.monotonic`` counts; None: never.
    deadline: float | None = None
    _answerable: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.pondering = self.go.ponder
        if not self.pondering:
            self._start_clock()

    def _start_clock(self) -> None:
        seconds = self.go.seconds
        self.deadline = None if seconds is None else time.monotonic() + seconds
        if not self.go.infinite:
            self._answerable.set()

    def start(self) -> None:
        """Start the clock anew: the search has waited for those before it."""
        if not self.pondering:
            self._start_clock()

    def stop_if_endless(self) -> None:
        """End a search that nothing else ends."""
        if self.pondering or self.go.infinite:
            self.stop()

    def ponder_hit(self) -> None:
        """The expected move was played: the clock runs from now on."""
        if self.pondering:
            self.pondering = False
            self._start_clock()

    def stop(self) -> None:
        """End it: answer now."""
        self.stopped.set()
        self._answerable.set()

    def is_over(self) -> bool:
        """Whether thinking must end."""
        return self.stopped.is_set() or (self.deadline is not None and time.monotonic() >= self.deadline)

    def wait(self) -> None:
        """Wait until the move may be told: at once, unless the search is infinite or ponders."""
        self._answerable.wait()


class BackendThread:
    """Runs what it is given one after another in a thread of its own."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def add(self, job: Callable[[], None]) -> None:
        """Run this after what is waiting."""
        self._jobs.put(job)

    def close(self, seconds: float) -> bool:
        """Finish what is waiting and end; whether that was done in time."""
        self._jobs.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()
