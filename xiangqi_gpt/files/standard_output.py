"""``-`` in place of a name: what is written goes to standard output."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

#: How a user names standard output.
DASH: Final = "-"
#: The name under which it is written; on systems that have no such file it stands for it all the same.
STANDARD_OUTPUT: Final = "/dev/stdout"


def output_path(name: str, *, content: str = "text") -> str:
    """Return the path to write for the name of an output: ``STANDARD_OUTPUT`` for ``-``, else the name as it is.

    Raises ``ValueError`` for ``-`` where the ``content`` is no text (``a corpus``, ``a folder``).

    >>> output_path("games.pgn"), output_path("-")
    ('games.pgn', '/dev/stdout')
    """
    if name != DASH:
        return name
    if content != "text":
        raise ValueError(f"- is standard output, which takes no {content.removeprefix('a ')}: give a name")
    return STANDARD_OUTPUT


def is_standard_output(path: str | Path) -> bool:
    """Whether a path is the name of standard output."""
    return Path(path) == Path(STANDARD_OUTPUT)


def refuse_dash(folder: str | Path) -> None:
    """Raise ``OSError`` for a folder that is named ``-``: whoever asks for that means standard output."""
    if str(folder) == DASH:
        raise NotADirectoryError(errno.ENOTDIR, "standard output takes no folder: give a name", DASH)
