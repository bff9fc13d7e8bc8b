"""Folders in which outputs are made: private, locked while their program lives, and removed after it by the next one.

A program that is killed leaves its folder. The lock dies with the program, so the next one that writes beside it sees
that nobody is at work there. Where a file system has no locks (and on Windows) such a folder stays.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .one_writer import lock_folder

#: Ends the name of every work folder, so that a person who finds one knows whose it is.
ENDING: Final = ".xiangqi-gpt-partial"

_NAME_LENGTH: Final = 40  #: characters of an output's name that its work folder repeats: names have at most 255 bytes
_OURS: Final = re.compile(rf".*-[0-9a-f]{{16}}{re.escape(ENDING)}", re.DOTALL)

#: Folders in which this process has looked for what others left.
_searched: Final[set[Path]] = set()


@contextmanager
def work_folder(target: Path, named: Path | None = None) -> Iterator[Path]:
    """Yield an empty folder beside ``target``, for its owner alone; it is gone after the block.

    Raises ``OSError`` that names ``named`` (``target``, if None) when it cannot be made.
    """
    with _locked_folder(target.parent, f".{target.name[:_NAME_LENGTH]}", named or target) as folder:
        yield folder


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield an empty folder for temporary files; it is gone after the block, but for what Windows still has mapped."""
    place = Path(tempfile.gettempdir())
    with _locked_folder(place, "xiangqi-gpt", place) as folder:
        yield folder


@contextmanager
def _locked_folder(parent: Path, name: str, named: Path) -> Iterator[Path]:
    if parent not in _searched:
        _searched.add(parent)
        _remove_abandoned(parent)
    try:
        folder, lock = _make(parent, name)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(named)) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _make(parent: Path, name: str) -> tuple[Path, int | None]:
    """A new folder and its lock. Before it is locked, another process may take it for abandoned: then another one."""
    while True:
        folder = parent / f"{name}-{secrets.token_hex(8)}{ENDING}"
        folder.mkdir(0o700)
        lock = lock_folder(folder)
        if lock is None or _is_still_there(folder, lock):
            return folder, lock
        os.close(lock)


def is_work_folder(name: str) -> bool:
    """Return whether a name in a folder is one of a work folder."""
    return bool(_OURS.fullmatch(name))


def _is_still_there(folder: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(folder.lstat(), os.fstat(descriptor))
    except OSError:
        return False


def _remove_abandoned(parent: Path) -> None:
    """Remove the work folders of this user in ``parent`` that nobody has locked."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for name in [entry.name for entry in entries if is_work_folder(entry.name)]:
            folder = parent / name
            with contextlib.suppress(OSError):
                state = folder.lstat()
                if (
                    stat.S_ISDIR(state.st_mode)
                    and state.st_uid == os.geteuid()
                    and (lock := lock_folder(folder)) is not None
                ):
                    shutil.rmtree(folder, ignore_errors=True)
                    os.close(lock)
