"""Outputs that are no regular files: devices, pipes, sockets and open descriptors such as ``/dev/stdout``."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .standard_output import is_standard_output
from .targets import follow_links
from .terminal_text import terminal_text

_STDOUT: Final = 1


def is_special(path: str | Path) -> bool:
    """Whether writing to ``path`` goes through to something that is neither a regular file nor a folder.

    Symbolic links are followed. An open descriptor (``/dev/stdout``, ``/dev/fd/3``) counts, whatever it leads to:
    a file that the shell has opened must not be replaced.
    """
    mode = _mode(path)
    if mode is None or stat.S_ISDIR(mode):
        return False
    return not stat.S_ISREG(mode) or _descriptor(path) is not None


def would_replace(path: str | Path) -> bool:
    """Whether writing to ``path`` would take the place of something: what ``--force`` is for.

    True for a file, a folder and a block device; False where nothing is, and for what keeps nothing that is written to
    it: character devices, pipes, sockets and open descriptors.
    """
    mode = _mode(path)
    return mode is not None and (stat.S_ISBLK(mode) or not is_special(path))


def open_special(path: str | Path) -> int:
    """Open a special file for writing and return the descriptor, which the caller closes.

    A named pipe that nobody reads yet is waited for, as Unix programs do, after a line on standard error. A socket is
    connected to as a stream. Raises ``OSError`` that names ``path``.
    """
    try:
        if (number := _descriptor(path)) is not None:
            if number == _STDOUT:
                sys.stdout.flush()  # what was printed before comes before
            return os.dup(number)
        mode = Path(path).stat().st_mode
        if stat.S_ISSOCK(mode):
            return _connect(path)
        if stat.S_ISFIFO(mode):
            try:
                return _open_pipe(path)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
            print(terminal_text(f"waiting for a program that reads {path}"), file=sys.stderr)
        return os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None


@contextmanager
def refusing_to_wait(path: str | Path) -> Iterator[None]:
    """Raise ``OSError`` where writing to ``path`` in this block would wait for the reader of a named pipe."""
    mode = _mode(path)
    if mode is None or not stat.S_ISFIFO(mode) or _descriptor(path) is not None:
        yield
        return
    try:
        held = _open_pipe(path)  # kept open: a reader takes the first writer's close for the end
    except OSError as error:
        text = "no program reads this pipe" if error.errno == errno.ENXIO else error.strerror
        raise OSError(error.errno, text, str(path)) from None
    try:
        yield
    finally:
        os.close(held)


def write_all(descriptor: int, content: bytes) -> None:
    """Write all bytes to an open descriptor. Raises ``OSError`` without a file name."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _mode(path: str | Path) -> int | None:
    """The type and permissions of what is at the end of a path, None where nothing is or can be seen."""
    try:
        if is_standard_output(path):
            return os.fstat(_STDOUT).st_mode
        return Path(path).stat().st_mode
    except (OSError, ValueError):  # ValueError: a name with a zero byte
        return None


def _descriptor(path: str | Path) -> int | None:
    """The number of the open descriptor of this process that ``path`` is a name of, else None."""
    if is_standard_output(path):
        return _STDOUT
    folders = (f"/proc/{os.getpid()}/fd", "/dev/fd")
    for name in follow_links(path):
        if name.name.isdecimal() and os.path.realpath(name.parent) in folders:
            return int(name.name)
    return None


def _open_pipe(path: str | Path) -> int:
    """Open a named pipe that has a reader. Raises ``OSError`` (``ENXIO``) where it has none."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    return descriptor


def _connect(path: str | Path) -> int:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(path))
        return connection.detach()
