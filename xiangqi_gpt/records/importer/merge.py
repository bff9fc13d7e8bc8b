"""Parts of an import to one corpus: duplicates merged, beginnings of other games marked, all in bounded memory.

Which records belong together is told first (``relations``). What copies of a game know goes through DuckDB's tables on
disk, some games at a time; the other rows are copied part by part, in the order in which they were read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.progress_bar import ProgressBar

from ..corpus.corpus_reader import COLUMNS, FLAGS, IMPORT_COLUMNS, LABEL_COLUMNS
from ..corpus.duckdb_package import import_duckdb
from ..corpus.sql import connect, file_list, first_line, pattern, quoted
from ..results import UNKNOWN
from .relations import Relations, relate_records

if TYPE_CHECKING:
    import duckdb

#: Columns that a duplicate may fill in, and what counts as empty there.
_FILLED: Final = {
    **dict.fromkeys(("event", "date", "red", "black", "ecco", "source"), "''"),
    **dict.fromkeys(("year", "red_elo", "black_elo"), "NULL"),
    "kind": "'unknown'",
    "result": quoted(UNKNOWN),
}
_GROUPS_AT_ONCE: Final = 50_000  # games with several records that are merged at once
_ROWS_OF_A_GROUP: Final = 20_480  # of the Parquet file; each is held in memory until it is written
_RANK_BITS: Final = 40  # a record's rank is (a thousand less its worth, its number): the lower, the more it knows


@dataclass(frozen=True)
class Merged:
    """What merging did: games read, records that were duplicates, games that are the beginning of another."""

    read: int
    duplicates: int
    prefixes: int


def merge_parts(
    parts: Sequence[Path], out: Path, folder: Path, *, labelled: bool, memory: int, progress: bool = False
) -> Merged:
    """Write the games of the parts to ``out``; work files lie in ``folder``, DuckDB keeps below ``memory`` bytes.

    Of records with the same start and moves one is left, where the one that knows most stood first; what it does not
    know is filled in from the others, and ``result_conflict`` says that they disagree about the result.
    """
    duckdb = import_duckdb()

    columns = COLUMNS | IMPORT_COLUMNS | (LABEL_COLUMNS if labelled else {})
    database = folder / "merge.db"
    database.unlink(missing_ok=True)
    try:
        with (
            closing(connect(folder, memory, threads=1, file=str(database))) as connection,
            ProgressBar(total=2 * len(parts) + 3, desc="merging", disable=not progress, leave=False) as bar,
        ):
            relations = relate_records(connection, parts, folder)
            bar.update()
            kept = [*FLAGS, *_FILLED, *(name for name in LABEL_COLUMNS if name in columns)]
            fields = ", ".join(f"{name} {columns[name]}" for name in kept)
            connection.execute(f"CREATE TABLE known (leader BIGINT, rank BIGINT, {fields})")
            for number, part in enumerate(parts):
                _collect_copies(connection, number, part, kept, relations)
                bar.update()
            _merge_copies(connection, kept, relations)
            bar.update()
            copies = []
            for number, part in enumerate(parts):
                copies.append(folder / f"merged-{part.name}")
                _copy_part(connection, number, part, copies[-1], columns, relations)
                bar.update()
            _write_parquet(connection, f"SELECT * FROM read_parquet({file_list(copies)})", out)
            return Merged(len(relations.leaders), relations.duplicates, int(relations.beginnings.sum()))
    except duckdb.Error as error:
        raise OSError(None, f"merging failed: {first_line(error)}") from None


def _collect_copies(
    connection: duckdb.DuckDBPyConnection, number: int, part: Path, kept: Sequence[str], relations: Relations
) -> None:
    """Add to ``known`` the records of a part that are not alone of their game."""
    base, end = relations.bases[number : number + 2]
    rows = np.flatnonzero(relations.several[base:end])
    if not len(rows):
        return
    with _table(connection, "copies", row=rows, leader=relations.leaders[base + rows]):
        connection.execute(
            f"INSERT INTO known SELECT leader, ((1000 - worth)::BIGINT << {_RANK_BITS}) + {base} + file_row_number, "
            f"{', '.join(kept)} FROM read_parquet(?, file_row_number = true) JOIN copies ON row = file_row_number",
            [pattern(part)],
        )


def _merge_copies(connection: duckdb.DuckDBPyConnection, kept: Sequence[str], relations: Relations) -> None:
    """``merged`` holds, for every game with several records, what they know together."""
    fields = [
        f"arg_min({name}, rank) FILTER ({name} IS DISTINCT FROM {empty}) AS {name}" for name, empty in _FILLED.items()
    ]
    labels = [name for name in LABEL_COLUMNS if name in kept]
    of_one = f"arg_min({{{', '.join(f'{name}: {name}' for name in labels)}}}, rank) FILTER (k IS NOT NULL)"
    fields += [f"struct_extract({of_one}, '{name}') AS {name}" for name in labels]  # all those of one record
    query = f"""SELECT leader, bool_and(truncated) AS truncated, bool_or(prefix_of_other) AS prefix_of_other,
        bool_or(result_conflict) OR count(DISTINCT result) FILTER (result <> {quoted(UNKNOWN)}) > 1 AS result_conflict,
        {", ".join(fields)} FROM known"""
    connection.execute(f"CREATE TABLE merged AS {query} WHERE false GROUP BY leader")
    leaders = relations.groups
    for first in range(0, len(leaders), _GROUPS_AT_ONCE):
        some = leaders[first : first + _GROUPS_AT_ONCE]
        connection.execute(f"INSERT INTO merged {query} WHERE leader BETWEEN {some[0]} AND {some[-1]} GROUP BY leader")


def _copy_part(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    part: Path,
    out: Path,
    columns: dict[str, str],
    relations: Relations,
) -> None:
    """Write the records of a part that stay, in their order."""
    base, end = relations.bases[number : number + 2]
    fields = {name: f"w.{name}" for name in columns}
    fields |= {name: f"coalesce(m.{name}, w.{name})" for name in (*_FILLED, "truncated", "result_conflict")}
    several = "m.leader IS NOT NULL"
    fields |= {
        name: f"CASE WHEN {several} THEN m.{name} ELSE w.{name} END" for name in LABEL_COLUMNS if name in columns
    }
    fields["opening"] = f"coalesce(nullif({fields['ecco']}, ''), w.opening)"
    fields["prefix_of_other"] = (
        "coalesce(m.prefix_of_other, w.prefix_of_other) OR w.file_row_number IN (SELECT row FROM beginnings)"
    )
    dropped = np.flatnonzero(relations.leaders[base:end] != np.arange(base, end))
    beginnings = np.flatnonzero(relations.beginnings[base:end])
    with _table(connection, "dropped", row=dropped), _table(connection, "beginnings", row=beginnings):
        _write_parquet(
            connection,
            f"""SELECT {", ".join(f"{field} AS {name}" for name, field in fields.items())}
            FROM read_parquet({quoted(pattern(part))}, file_row_number = true) w
            LEFT JOIN (SELECT * FROM merged WHERE leader BETWEEN {base} AND {end - 1}) m
                ON m.leader = {base} + w.file_row_number
            WHERE w.file_row_number NOT IN (SELECT row FROM dropped)
            ORDER BY w.file_row_number""",
            out,
        )


def _write_parquet(connection: duckdb.DuckDBPyConnection, query: str, out: Path) -> None:
    connection.execute(
        f"COPY ({query}) TO {quoted(out)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROWS_OF_A_GROUP})"
    )


@contextmanager
def _table(connection: duckdb.DuckDBPyConnection, name: str, **columns: npt.NDArray[np.int64]) -> Iterator[None]:
    """Let statements read arrays as a table while the block runs."""
    connection.register(name, columns)
    try:
        yield
    finally:
        connection.unregister(name)
