"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .special import is_special, open_special, write_all
from .standard_output import is_standard_output, refuse_dash
from .targets import final_target, make_folder
from .terminal_text import terminal_text
from .work_folder import scratch_folder, work_folder

_AT_ONCE: Final = 1 << 20  #: bytes copied at a time


@contextmanager
def atomic_write(path: str | Path, *, private: bool = False) -> Iterator[Path]:
    """Yield the path of an empty regular file to write; when the block ends without an error it becomes ``path``.

    The file lies alone in a folder beside the target and is renamed over it, with the permissions of the file it
    replaces, or, when it is ``private``, for its owner alone; a symbolic link is followed, so that it stays a link. A
    special file (device, pipe, socket) is opened first, and gets what was written, in a folder for temporary files,
    after the block; after an error it gets nothing.

    Raises ``OSError`` that names ``path`` when the file cannot be made or the device opened, before the block, and
    when the disk is full.
    """
    path = Path(path)
    with _through(path) if is_special(path) else _beside(path, private) as unfinished:
        yield unfinished


@contextmanager
def atomic_mkdir(path: str | Path) -> Iterator[Path]:
    """Yield an empty folder to fill; when the block ends without an error it becomes ``path``.

    A dangling link is followed. Raises ``OSError`` that names ``path`` when it is there already, unless it is an empty
    folder, or cannot be made.
    """
    refuse_dash(path)
    path = Path(path)
    target = final_target(path)
    if target.exists() and not target.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    make_folder(target.parent)
    with work_folder(target, path) as work, _named(path, work):
        unfinished = work / "output"
        unfinished.mkdir()
        yield unfinished
        unfinished.rename(target)


@contextmanager
def _beside(path: Path, private: bool) -> Iterator[Path]:
    """A file beside the target of ``path``, which it replaces after the block."""
    target = final_target(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with work_folder(target, path) as work, _named(path, work):
        unfinished = work / f"output{path.suffix}"  # some writers choose the format by the ending
        older = target.stat() if target.exists() else None
        unfinished.touch(0o600 if older or private else 0o666)  # as private as the older one
        yield unfinished
        if older and not private:
            _set_permissions(unfinished, older)
        unfinished.replace(target)


@contextmanager
def _through(path: Path) -> Iterator[Path]:
    """A file in a temporary folder, copied into the special file ``path`` after the block."""
    device = open_special(path)
    try:
        with scratch_folder() as folder:
            spool = folder / f"output{path.suffix}"
            with _named(path, spool):
                spool.touch()
                yield spool
                if is_standard_output(path) and os.isatty(device):
                    write_all(device, terminal_text(spool.read_text(encoding="utf-8", errors="replace")).encode())
                    return
                with spool.open("rb") as content:
                    while chunk := content.read(_AT_ONCE):
                        write_all(device, chunk)
    finally:
        os.close(device)


@contextmanager
def _named(path: Path, unfinished: Path) -> Iterator[None]:
    """Make errors of the stand-in name ``path``; those of other files, which were being read, stay as they are."""
    try:
        yield
    except OSError as error:
        name = error.filename
        if isinstance(name, (str, bytes)) and not Path(os.fsdecode(name)).is_relative_to(unfinished):
            raise
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None


def _set_permissions(unfinished: Path, older: os.stat_result) -> None:
    """Give a file the permissions of an older one, and its owner where that is allowed."""
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(unfinished, older.st_uid, older.st_gid)
    unfinished.chmod(stat.S_IMODE(older.st_mode) & 0o777)
