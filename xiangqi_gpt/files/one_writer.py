"""One process at a time in a folder that is written over a long time: a second one is refused at once."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .targets import make_folder

#: Folders that this process holds: what it calls may ask for them again.
_held: Final[set[Path]] = set()


@contextmanager
def one_writer(path: str | Path) -> Iterator[Path]:
    """Make the folder ``path`` unless it is there, and keep other processes out of this block; yield where it is.

    A folder that was made here and is empty after an error goes again. Where a file system has no locks (and on
    Windows) nobody is kept out. Raises ``OSError`` that names ``path`` when it cannot be made, or another process is
    in such a block.
    """
    is_new = not Path(path).exists()
    folder = make_folder(path).resolve()
    if folder in _held:
        yield folder
        return
    lock = lock_folder(folder, refuse=str(path))
    _held.add(folder)
    try:
        yield folder
    except BaseException:
        if is_new:
            with contextlib.suppress(OSError):  # it holds something
                folder.rmdir()
        raise
    finally:
        _held.discard(folder)
        if lock is not None:
            os.close(lock)


def lock_folder(folder: Path, *, refuse: str = "") -> int | None:
    """Lock a folder and return the open descriptor; None where that is not to be had.

    With ``refuse``, a name for the message, raises ``OSError`` where another process has the lock.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if refuse and error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise OSError(
                errno.EBUSY, "another process is writing it: wait for it, or choose another", refuse
            ) from None
        return None
    return descriptor
