"""One writer a file: a second one is refused at once instead of mixing its lines with the first one's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, Final

from xiangqi_gpt.rules import XiangqiError

#: Windows keeps others from reading what is locked: there a byte is locked that no file reaches.
_FAR_AWAY: Final = 1 << 40


class LockedError(XiangqiError):
    """A file that another process is writing; the text names it."""


def lock_file(file: IO[bytes], path: str | Path) -> None:
    """Keep others from locking an open file until it is closed, or its holder dies, however it dies.

    ``path`` is for the message. Raises ``LockedError`` when another process has the lock.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            here = file.tell()
            file.seek(_FAR_AWAY)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            finally:
                file.seek(here)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise LockedError(f"{path} is being written by another process: wait for it, or choose another name") from None
