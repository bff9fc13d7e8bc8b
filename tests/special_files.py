"""Devices, pipes and sockets that tests write to."""

from __future__ import annotations

import os
import socket
import stat
import sys
import threading
from pathlib import Path

import pytest

NULL, FULL = 3, 7  # minor numbers of Linux's memory devices: takes all, takes nothing


def make_device(path: Path, minor: int = NULL) -> Path:
    """A node like ``/dev/null`` or ``/dev/full``; the test is skipped where that is not permitted."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, minor))
        os.close(os.open(path, os.O_WRONLY))
    except (AttributeError, OSError) as error:
        path.unlink(missing_ok=True)
        pytest.skip(f"device nodes cannot be made or opened here: {error}")
    return path


def is_device(path: Path, minor: int = NULL) -> bool:
    """Whether the node itself, not what a link leads to, is there and is the same device."""
    found = path.lstat()
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == os.makedev(1, minor)


class Pipe:
    """A named pipe and a thread that reads from it until its end."""

    def __init__(self, path: Path) -> None:
        if sys.platform == "win32":
            pytest.skip("named pipes are no files on Windows")
        os.mkfifo(path)
        self.path, self._content = path, b""
        self._reader = threading.Thread(target=self._read, daemon=True)

    def start(self) -> Pipe:
        self._reader.start()
        return self

    def _read(self) -> None:
        self._content = self.path.read_bytes()

    def read(self) -> bytes:
        """All that was written before the first writer closed the pipe, which is still one."""
        self._reader.join(60)
        assert not self._reader.is_alive(), "nobody wrote to the pipe"
        assert stat.S_ISFIFO(self.path.lstat().st_mode)
        return self._content

    def stop(self) -> None:
        """Let a reader go that nobody wrote to."""
        if self._reader.is_alive():
            try:
                os.close(os.open(self.path, os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                return  # it is just leaving
            self._reader.join(60)


class SocketServer:
    """A Unix socket and a thread that reads one connection until its end."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        if not hasattr(socket, "AF_UNIX"):
            pytest.skip("no Unix sockets here")
        monkeypatch.chdir(path.parent)  # the path of a socket may be 107 bytes long only
        self.path, self._content = Path(path.name), b""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(path.name)
        self._reader = threading.Thread(target=self._read, daemon=True)

    def start(self) -> SocketServer:
        self._socket.listen()
        self._reader.start()
        return self

    def _read(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            while part := connection.recv(1 << 16):
                self._content += part

    def read(self) -> bytes:
        """All that was written to the socket, which is still one."""
        self._reader.join(60)
        assert not self._reader.is_alive(), "nobody wrote to the socket"
        assert stat.S_ISSOCK(self.path.lstat().st_mode)
        return self._content

    def close(self) -> None:
        self._socket.close()
