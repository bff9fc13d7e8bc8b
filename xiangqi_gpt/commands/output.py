"""What standard output can show."""

from __future__ import annotations

from typing import TextIO


def can_write_chinese(stream: TextIO) -> bool:
    """Whether a stream's encoding has the names of the pieces."""
    try:
        "帥炮・".encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
