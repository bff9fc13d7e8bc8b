"""Names written in traditional and in simplified characters become one name."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from ..corpus.duckdb_package import import_opencc


@lru_cache(1 << 16)
def simplified(name: str) -> str:
    """A name in simplified characters, without spaces around it.

    >>> simplified("廣東呂欽")
    '广东吕钦'
    """
    return str(_converter().convert(name.strip()))


@cache
def _converter() -> Any:
    return import_opencc().OpenCC("t2s")  # takes a moment to read its tables
