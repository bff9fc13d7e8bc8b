"""Players in a process of their own, so that thinking never stops the window.

The window's process sends positions and gets decisions back. Importing torch and loading a model happen over there
too, at low priority and on one thread. A process that dies is noticed and started again.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, Final

from xiangqi_gpt.rules import XiangqiError

from .session import PositionRequest

if TYPE_CHECKING:
    from xiangqi_gpt.players.player import Decision, Player

#: How often in a row the process may die before it is not started again.
CRASH_LIMIT: Final = 3
_NICENESS: Final = 10
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Load:
    """Ask for a player to be made ready; answered by ``Ready`` or ``Failed``."""

    spec: str


@dataclass(frozen=True)
class Think:
    """Ask a player for a decision; answered by ``Decided`` or ``Failed`` with the same number, unless cancelled."""

    number: int
    spec: str
    position: PositionRequest


@dataclass(frozen=True)
class Cancel:
    """A request whose answer nobody waits for any more."""

    number: int


@dataclass(frozen=True)
class Ready:
    """A player can be asked."""

    spec: str
    name: str


@dataclass(frozen=True)
class Decided:
    """A player's decision."""

    number: int
    decision: Decision


@dataclass(frozen=True)
class Failed:
    """A player could not be made (``number`` None) or could not decide; ``text`` is one line for people."""

    spec: str
    number: int | None
    text: str


@dataclass(frozen=True)
class Crashed:
    """The process died; ``restarted`` says whether a new one has taken over its open requests."""

    restarted: bool


Request = Load | Think | Cancel
Reply = Ready | Decided | Failed | Crashed


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
        self._open: dict[int, Think] = {}
        self._loads: list[str] = []
        self._crashes = 0
        self._closed = False
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def start(self) -> None:
        """Start the child."""
        with self._lock:
            self._start()

    @property
    def pid(self) -> int | None:
        """Process number of the child, None before it is started."""
        return None if self._process is None else self._process.pid

    def load(self, spec: str) -> None:
        """Have a player made ready before it is needed."""
        with self._lock:
            if spec not in self._loads:
                self._loads.append(spec)
                self._send(Load(spec))

    def think(self, request: Think) -> None:
        """Ask for a decision."""
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
        if self._process is not None:
            self._process.terminate()
            self._process.join(2)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        pipe, theirs = context.Pipe()
        arguments = (theirs, self._seed, self._loader)
        process = context.Process(target=_serve, args=arguments, name="xiangqi-gpt players", daemon=True)
        with _environment(_ONE_THREAD):
            process.start()
        self._pipe, self._process = pipe, process
        theirs.close()
        for spec in self._loads:
            self._send(Load(spec))
        for request in self._open.values():
            self._send(request)
        threading.Thread(target=self._listen, args=(pipe,), daemon=True).start()

    def _send(self, request: Request) -> None:
        if self._pipe is not None:
            with contextlib.suppress(OSError):  # a dead process: the listener notices and sends everything again
                self._pipe.send(request)

    def _listen(self, pipe: Connection) -> None:
        while True:
            try:
                reply: Reply = pipe.recv()
            except (EOFError, OSError):
                break
            with self._lock:
                if isinstance(reply, Decided):
                    self._crashes = 0
                if isinstance(reply, Decided | Failed) and reply.number is not None:
                    if reply.number not in self._open:
                        continue
                    del self._open[reply.number]
                if isinstance(reply, Failed) and reply.spec in self._loads:
                    self._loads.remove(reply.spec)
            self._on_reply(reply)
        with self._lock:
            if self._closed:
                return
            self._crashes += 1
            restart = self._crashes < CRASH_LIMIT
            if restart:
                self._start()
            else:
                self._open.clear()
        self._on_reply(Crashed(restart))


def load_player(spec: str, seed: int | None) -> Player:
    """A player from its spec, imported only where it is needed: in the child."""
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


# --- in the child


def _serve(pipe: Connection, seed: int | None, loader: Callable[[str, int | None], Player]) -> None:
    """Answer requests until the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the window's business
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    players: dict[str, Player] = {}
    waiting: list[Load | Think] = []
    with contextlib.suppress(EOFError, OSError):
        while True:
            while not waiting or pipe.poll():
                _queue(waiting, pipe.recv())
            request = waiting.pop(0)
            pipe.send(_answer(request, players, seed, loader))


def _queue(waiting: list[Load | Think], request: Request) -> None:
    if isinstance(request, Cancel):
        waiting[:] = [other for other in waiting if not (isinstance(other, Think) and other.number == request.number)]
    else:
        waiting.append(request)


def _answer(
    request: Load | Think,
    players: dict[str, Player],
    seed: int | None,
    loader: Callable[[str, int | None], Player],
) -> Reply:
    number = request.number if isinstance(request, Think) else None
    try:
        player = players.get(request.spec)
        if player is None:
            player = players[request.spec] = loader(request.spec, seed)
        if isinstance(request, Load):
            return Ready(request.spec, player.name)
        return Decided(request.number, player.choose(request.position.board()))
    except XiangqiError as error:
        return Failed(request.spec, number, str(error))
    except Exception as error:  # whatever a model file or an engine does, the game in the window stays
        return Failed(request.spec, number, f"{request.spec}: {type(error).__name__}: {error}")
