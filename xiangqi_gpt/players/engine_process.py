"""A line-based engine as a child process: every wait has a timeout, and the engine ends with this process."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from .player import PlayerError

#: Debian installs engines here, outside many people's PATH.
_GAME_FOLDERS: Final = os.pathsep.join(["/usr/games", "/usr/local/games"])

#: Which Debian package brings an engine.
_PACKAGES: Final = {"fairy-stockfish": "fairy-stockfish", "hoixiangqi": "hoichess", "sjaakii": "sjaakii"}

#: Longest line taken as one; an engine that floods us without a line end is cut here.
_LINE_LIMIT: Final = 1 << 16
_LINES_WAITING: Final = 4096
_QUIT_SECONDS: Final = 0.3


class EngineError(PlayerError):
    """An engine that cannot be started, dies, stays silent or answers what its protocol does not know."""

    code = "engine"


def find_program(program: str) -> str:
    """Full path of a program given by path or by name, looked up on PATH and in the games folders.

    Raises ``EngineError`` when there is none.
    """
    found = shutil.which(program) or shutil.which(program, path=_GAME_FOLDERS)
    if found:
        return found
    if Path(program).is_file():
        raise EngineError(f"{program} is not executable", code="engine_not_executable", name=program)
    package = _PACKAGES.get(program)
    hint = f" (Debian package {package})" if package else ""
    raise EngineError(f"no program {program!r} on PATH or in /usr/games{hint}", code="engine_missing", name=program)


class EngineProcess:
    """A running engine. It ends with this object at the latest and, on POSIX, with this process, however that ends."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start a program with its arguments. Raises ``EngineError`` when it cannot be started."""
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # our Ctrl-C is not the engine's, and its own children die with it
            )
        except OSError as error:
            why = f"cannot start {command[0]}: {error.strerror or error}"
            raise EngineError(why, code="engine_start", name=command[0]) from None
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input = self._process.stdin
        self._lines: queue.Queue[str | None] = queue.Queue(_LINES_WAITING)
        closing = self._closing = threading.Event()
        reader = threading.Thread(target=_read, args=(self._process.stdout, self._lines, closing), daemon=True)
        reader.start()
        watchdog = _start_watchdog(self._process.pid)
        self._finalizer = weakref.finalize(self, _end, self._process, reader, closing, watchdog)

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended yet."""
        return self._process.poll() is None

    def send(self, *lines: str) -> None:
        """Write lines to the engine. Raises ``EngineError`` when it is gone."""
        try:
            self._input.write("".join(line + "\n" for line in lines).encode())
            self._input.flush()
        except (OSError, ValueError):
            raise EngineError(self._death(), code="engine_died") from None

    def receive(self, deadline: float) -> str:
        """The next line that is not empty; ``deadline`` as ``time.monotonic`` counts.

        Raises ``EngineError`` when the engine dies or the deadline passes.
        """
        line = self.wait(deadline)
        if line is None:
            raise EngineError("no answer in time", code="engine_silent")
        return line

    def wait(self, until: float) -> str | None:
        """The same for a time that may pass: then None."""
        while (left := until - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                self._lines.put(None)
                raise EngineError(self._death(), code="engine_died")
            if line.strip():
                return line.strip()
        return None

    def _death(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_QUIT_SECONDS)
        status = self._process.poll()
        if status is None:
            return "it closed its output"
        return f"it died (signal {-status})" if status < 0 else f"it died (exit status {status})"

    def close(self) -> None:
        """Ask the engine to quit, and kill it when it does not at once."""
        if self._finalizer.alive:
            with contextlib.suppress(EngineError):
                self.send("quit")
            self._finalizer()


def _read(stream: IO[bytes], lines: queue.Queue[str | None], closing: threading.Event) -> None:
    """Put the stream's lines into the queue, None after the last. A full queue holds the engine back."""
    while not closing.is_set() and (raw := stream.readline(_LINE_LIMIT)):
        while not closing.is_set():
            with contextlib.suppress(queue.Full):
                lines.put(raw.decode("utf-8", "replace"), timeout=0.1)
                break
    while True:  # the end must be told, if need be at the cost of lines that nobody has asked for
        with contextlib.suppress(queue.Full):
            return lines.put_nowait(None)
        with contextlib.suppress(queue.Empty):
            lines.get_nowait()


def _start_watchdog(engine: int) -> subprocess.Popen[bytes] | None:
    """Start a shell that kills the engine's process group when this process has ended; None where there is no shell.

    It waits for the end of its input, which this process alone holds open: that comes after a SIGKILL too, when nothing
    here can clean up, and no matter whether the engine heeds the end of its own input.
    """
    if not hasattr(os, "killpg"):
        return None
    command = ["/bin/sh", "-c", 'read -r _; kill -s KILL -- "-$1"', "sh", str(engine)]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None


def _end(
    process: subprocess.Popen[bytes],
    reader: threading.Thread,
    closing: threading.Event,
    watchdog: subprocess.Popen[bytes] | None,
) -> None:
    """Close, wait a moment, kill the whole process group, and collect the exit status: no zombie stays behind."""
    assert process.stdin is not None and process.stdout is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(_QUIT_SECONDS)
    except subprocess.TimeoutExpired:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
    if watchdog is not None:
        watchdog.kill()
        watchdog.wait()
        assert watchdog.stdin is not None
        watchdog.stdin.close()
    closing.set()
    reader.join(1)
    if not reader.is_alive():  # a stray child of the engine may hold the pipe open, and closing would wait for it
        process.stdout.close()
