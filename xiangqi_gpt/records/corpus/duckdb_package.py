"""DuckDB, which reads and writes corpora: part of the extra ``corpus``, which those who only play do without."""

from __future__ import annotations

from typing import Any, Final

from xiangqi_gpt.extras import how_to_add

from ..errors import CorpusError

_MISSING: Final = "a corpus (Parquet) is read and written with {}, which is not installed: {}"


def import_duckdb() -> Any:
    """Return the module ``duckdb``, which takes a third of a second to load. Raises ``CorpusError`` without it."""
    try:
        import duckdb
    except ModuleNotFoundError:
        text = _MISSING.format("DuckDB", how_to_add("corpus"))
        raise CorpusError(text, code="corpus_package", package="DuckDB") from None
    return duckdb


def import_opencc() -> Any:
    """Return the module ``opencc``. Raises ``CorpusError`` where it is not installed."""
    try:
        import opencc
    except ModuleNotFoundError:
        text = _MISSING.format("DuckDB and OpenCC", how_to_add("corpus"))
        raise CorpusError(text, code="corpus_package", package="OpenCC") from None
    return opencc
