"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """The path of a file to write in place of ``path``, which it replaces when the block ends without an error.

    Raises ``OSError`` naming ``path`` when the file cannot be made, before the block, and when the disk is full.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    unfinished = path.with_name(f".{path.name}-{secrets.token_hex(4)}{path.suffix}")
    try:
        unfinished.touch()
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        if error.filename not in (None, str(unfinished)):
            raise  # of another file: one that was being read
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def making_folder(path: Path) -> Iterator[Path]:
    """An empty folder to fill; it becomes ``path``, which is not there yet, when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        yield unfinished
        unfinished.rename(path)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that is gone after the block; what is then still mapped into memory, Windows keeps."""
    with tempfile.TemporaryDirectory(prefix="xiangqi-gpt-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
