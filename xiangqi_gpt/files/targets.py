"""Where the path of an output leads to."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .standard_output import refuse_dash

_MOST_LINKS: Final = 40  #: as in the Linux kernel


def follow_links(path: str | Path) -> Iterator[Path]:
    """Yield ``path`` and every name that its symbolic links lead to. Raises ``OSError`` for a loop."""
    target = Path(path)
    for _ in range(_MOST_LINKS):
        yield target
        if not target.is_symlink():
            return
        target = target.parent / target.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def final_target(path: str | Path) -> Path:
    """Follow symbolic links to the last name, whether or not something is there. Raises ``OSError`` for a loop."""
    *_, target = follow_links(path)
    return target


def make_folder(path: str | Path) -> Path:
    """Make a folder with its parents unless it is there, and return it; a link is followed, a dangling one too.

    Raises ``OSError`` that names ``path`` where something else is in its place.
    """
    refuse_dash(path)
    target = final_target(path)
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    target.mkdir(parents=True, exist_ok=True)
    return target
