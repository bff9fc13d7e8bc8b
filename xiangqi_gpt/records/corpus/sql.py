"""What every use of DuckDB here needs: a connection that stays within its memory, and names inside a statement."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import CorpusError
from .duckdb_package import import_duckdb

if TYPE_CHECKING:
    import duckdb

_UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_UNKNOWN_COLUMN: Final = re.compile(r'column "([^"]+)" not found')
#: What the program itself takes beside DuckDB.
_OWN_MEMORY: Final = 512 << 20
_LEAST_MEMORY: Final = 256 << 20


def memory_size(text: str) -> int:
    """Bytes of a size like ``2GiB`` or ``800MB`` (both in powers of 1024). Raises ``CorpusError``."""
    match = _SIZE.fullmatch(text.strip())
    size = int(float(match[1]) * _UNITS[match[2].lower()]) if match else 0
    if size < _OWN_MEMORY + _LEAST_MEMORY:
        raise CorpusError(f"{text!r} is not a memory limit: expected 768MiB or more, as in 2GiB")
    return size


def connect(folder: Path, memory: int, *, threads: int = 2, file: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """A connection for a process of at most ``memory`` bytes; what does not fit goes to disk in ``folder``."""
    package = import_duckdb()

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{max(memory - _OWN_MEMORY, _LEAST_MEMORY)}B",
        "temp_directory": str(folder / "spill"),
        "threads": threads,
    }
    connection: duckdb.DuckDBPyConnection = package.connect(file, config=config)
    return connection


def quoted(text: str | Path) -> str:
    """A string of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def pattern(path: str | Path) -> str:
    """The pattern that only this path matches: DuckDB takes a file's name for one."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def file_list(paths: Iterable[Path]) -> str:
    """Files as a list of SQL."""
    return f"[{', '.join(quoted(pattern(path)) for path in paths)}]"


def first_line(error: Exception, columns: Iterable[str] = ()) -> str:
    """What DuckDB says, without the statement it says it about; of an unknown column, which ``columns`` there are."""
    first, *more = str(error).splitlines() or [""]
    names = sorted(columns)
    unknown = _UNKNOWN_COLUMN.search(first)
    if unknown and names:
        close = get_close_matches(unknown[1].lower(), names, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        return f"no column {unknown[1]}: {hint}the columns are {', '.join(names)}"
    hints = [line.strip() for line in more if line.startswith("Did you mean")]
    return "; ".join([first, *hints[:1]])
