"""Players in a process of their own, so that thinking never stops the window.

The window's process sends positions and gets decisions back. Importing torch and loading a model happen over there
too, at low priority and on one thread. A process that dies is noticed and started again.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from .messages import Annotate, Answer, Cancel, Crashed, Failed, Load, Question, Reply, Request, Unload, Watch
from .serving import serve

if TYPE_CHECKING:
    from xiangqi_gpt.players.player import Player

#: How often in a row the process may die before it is not started again.
CRASH_LIMIT: Final = 3
#: Seconds that it has for ending its engines.
_ENDING: Final = 2.0
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class PlayerProcess:
    """Players in a child process, which ``start`` starts; what is asked before that waits for it.

    ``on_reply`` is called from a background thread with every ``Reply``; it must only pass it on. ``loader`` makes a
    player from a spec and a seed, in the child.
    """

    def __init__(
        self,
        on_reply: Callable[[Reply], None],
        seed: int | None = None,
        loader: Callable[[str, int | None], Player] | None = None,
    ) -> None:
        self._on_reply = on_reply
        self._seed = seed
        self._loader = loader or load_player
        self._lock = threading.Lock()
        self._open: dict[int, Question] = {}
        self._loads: list[str] = []
        self._crashes = 0
        self._closed = False
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._outbox: SimpleQueue[Request | None] | None = None

    def start(self) -> None:
        """Start the child."""
        with self._lock:
            self._start()

    @property
    def pid(self) -> int | None:
        """Process number of the child, None before it is started."""
        return None if self._process is None else self._process.pid

    def load(self, spec: str, *, again: bool = False) -> None:
        """Have a player made ready before it is needed; ``again``: say so too when it has been asked for before."""
        with self._lock:
            if spec not in self._loads:
                self._loads.append(spec)
            elif not again:
                return
            self._send(Load(spec))

    def unload(self, spec: str) -> bool:
        """Let go of a player and of what it was asked; whether the process was started anew for that.

        Where it is thinking, or may hang, its process ends, and another one makes the other players ready.
        """
        with self._lock:
            self._loads = [other for other in self._loads if other != spec]
            asked = [number for number, question in self._open.items() if spec in _asked_in(question)]
            for number in asked:
                del self._open[number]
            process = self._process
            if process is None or not asked:
                self._send(Unload(spec))
                return False
            self._start()
        threading.Thread(target=_end, args=(process,), daemon=True).start()
        return True

    def ask(self, request: Question) -> None:
        """Ask a question."""
        with self._lock:
            self._open[request.number] = request
            if self._crashes >= CRASH_LIMIT:
                self._crashes = 0
                self._start()
            else:
                self._send(request)

    def cancel(self, number: int) -> None:
        """Forget a request: no answer to it will be passed on."""
        with self._lock:
            if self._open.pop(number, None) is not None:
                self._send(Cancel(number))

    def close(self) -> None:
        """End the process; calling it twice is fine."""
        with self._lock:
            self._closed = True
            if self._outbox is not None:
                self._outbox.put(None)
        if self._process is not None:
            _end(self._process)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        pipe, theirs = context.Pipe()
        arguments = (theirs, self._seed, self._loader)
        process = context.Process(target=serve, args=arguments, name="xiangqi-gpt players", daemon=True)
        with _environment(_ONE_THREAD):
            process.start()
        if self._outbox is not None:
            self._outbox.put(None)
        self._pipe, self._process, self._outbox = pipe, process, SimpleQueue()
        threading.Thread(target=_deliver, args=(pipe, self._outbox), daemon=True).start()
        theirs.close()
        for spec in self._loads:
            self._send(Load(spec))
        for request in self._open.values():
            self._send(request)
        threading.Thread(target=self._listen, args=(pipe,), daemon=True).start()

    def _send(self, request: Request) -> None:
        if self._outbox is not None:
            self._outbox.put(request)

    def _listen(self, pipe: Connection) -> None:
        while True:
            try:
                reply: Reply = pipe.recv()
            except (EOFError, OSError):
                break
            with self._lock:
                if pipe is not self._pipe:
                    return  # another process has taken its place
                if isinstance(reply, Answer):
                    self._crashes = 0
                if isinstance(reply, Answer | Failed) and reply.number is not None:
                    if reply.number not in self._open:
                        continue
                    if getattr(reply, "done", True):
                        del self._open[reply.number]
                if isinstance(reply, Failed) and reply.spec in self._loads:
                    self._loads.remove(reply.spec)
            self._on_reply(reply)
        with self._lock:
            if self._closed or pipe is not self._pipe:
                return
            self._crashes += 1
            restart = self._crashes < CRASH_LIMIT
            if restart:
                self._start()
            else:
                self._open.clear()
        self._on_reply(Crashed(restart))


def _deliver(pipe: Connection, outbox: SimpleQueue[Request | None]) -> None:
    """Send what is asked, in order, until there is None: the window must not wait for a process that is busy.

    Nor may whoever holds the lock, which the listener needs: a process that sends a long answer reads nothing.
    """
    with contextlib.suppress(OSError):  # a dead process: the listener notices and asks another one everything again
        while (request := outbox.get()) is not None:
            pipe.send(request)


def _asked_in(question: Question) -> tuple[str, ...]:
    """The players that a question is put to."""
    return (question.spec, question.deep) if isinstance(question, Annotate | Watch) else (question.spec,)


def _end(process: SpawnProcess) -> None:
    """End a process, in order if it lets itself be ended so."""
    process.terminate()
    process.join(_ENDING)
    if process.is_alive():
        process.kill()
        process.join()


def load_player(spec: str, seed: int | None) -> Player:
    """Return a player from its spec, imported only where it is needed: in the child."""
    from xiangqi_gpt.players import load_player as load

    return load(spec, seed=seed)


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for a child that reads them while it starts."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
