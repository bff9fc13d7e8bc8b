"""Questions to a corpus in SQL, answered by DuckDB as rows of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from ..errors import CorpusError
from ..results import RESULTS
from .corpus_reader import COLUMNS, IMPORT_COLUMNS, LABEL_COLUMNS, select_games
from .duckdb_package import import_duckdb
from .sql import first_line, quoted

_ALL: Final = COLUMNS | IMPORT_COLUMNS | LABEL_COLUMNS
_WIDEST: Final = 40  # letters of a column in a table
SHOWN: Final = ("row", "year", "red", "black", "result", "plies", "opening", "event")


def query_games(
    path: str | Path,
    *,
    where: str | None = None,
    columns: Sequence[str] = SHOWN,
    order: str | None = None,
    limit: int | None = None,
) -> Iterator[tuple[Any, ...]]:
    """The names of the columns, then a row for each game of the corpus.

    ``where`` is an SQL condition, ``columns`` and ``order`` are expressions over the columns. Raises ``CorpusError``
    for a file that is no corpus and for unusable SQL.
    """
    fields = f"SELECT {', '.join(columns)} FROM games"
    fields += f" ORDER BY {order}" if order else ""
    yield from query_sql(path, fields + (f" LIMIT {limit}" if limit is not None else ""), where=where)


def query_sql(path: str | Path, sql: str, *, where: str | None = None) -> Iterator[tuple[Any, ...]]:
    """The names of the columns of an SQL statement over the table ``games``, then its rows. Raises ``CorpusError``."""
    duckdb = import_duckdb()

    with closing(duckdb.connect()) as connection:
        games = select_games(connection, path, where, _ALL)
        try:
            connection.execute(f"CREATE TEMP VIEW games AS {games}")
            if [statement.type for statement in connection.extract_statements(sql)] != [duckdb.StatementType.SELECT]:
                raise CorpusError(f"{sql!r} is not one SELECT statement")
            connection.execute(sql)
            yield tuple(name for name, *_ in connection.description or ())
            while rows := connection.fetchmany(1000):
                yield from rows
        except duckdb.Error as error:
            raise CorpusError(f"{path}: {first_line(error, _ALL)}") from None


def unknown_results(path: str | Path) -> dict[str, int]:
    """How many games have a result in words that are not read as one, by the words. Raises ``CorpusError``."""
    known = ", ".join(map(quoted, RESULTS))
    sql = f"SELECT result, count(*) FROM games WHERE trim(result) NOT IN ({known}, '') GROUP BY 1 ORDER BY 2 DESC, 1"
    _, *rows = query_sql(path, sql)
    return {str(word): int(count) for word, count in rows}


def format_table(rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    """Rows in columns for a terminal, the names of the columns first; Chinese letters count as two."""
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    widths = [min(max(map(_width, column)), _WIDEST) for column in zip(*cells, strict=True)]
    for number, row in enumerate(cells):
        yield "  ".join(map(_fit, row, widths)).rstrip()
        if not number:
            yield "  ".join("-" * width for width in widths)


def _width(text: str) -> int:
    return sum(2 if letter >= "\u1100" else 1 for letter in text)


def _fit(text: str, width: int) -> str:
    if _width(text) > width:
        while _width(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - _width(text))
