"""Parts of an import to one corpus: duplicates merged, beginnings of other games marked, all in bounded memory.

What has to be known of all games at once is narrow (a key, a rank, a line of letters) and is DuckDB's to sort, on disk
where memory does not reach. The wide rows are then copied part by part, in the order in which they were read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xiangqi_gpt.progress_bar import ProgressBar

from ..corpus.corpus_reader import COLUMNS, IMPORT_COLUMNS, LABEL_COLUMNS
from ..corpus.duckdb_package import import_duckdb
from ..corpus.sql import connect, file_list, first_line, pattern, quoted
from ..results import UNKNOWN

if TYPE_CHECKING:
    import duckdb

#: Columns that a duplicate may fill in, and what counts as empty there.
_FILLED: Final = {
    **dict.fromkeys(("event", "date", "red", "black", "ecco", "source"), "''"),
    **dict.fromkeys(("year", "red_elo", "black_elo"), "NULL"),
    "kind": "'unknown'",
    "result": quoted(UNKNOWN),
}
_GROUPS_AT_ONCE: Final = 300_000  # groups of duplicates merged at once
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
            closing(connect(folder, memory, file=str(database))) as connection,
            ProgressBar(total=len(parts) + 3, desc="merging", disable=not progress, leave=False) as bar,
        ):
            for step in (_number_records, _find_duplicates, _find_beginnings):
                step(connection, parts)
                bar.update()
            _merge_duplicates(connection, columns)
            copies = []
            for number, part in enumerate(parts):
                copies.append(folder / f"merged-{part.name}")
                _copy_part(connection, number, part, copies[-1], columns)
                bar.update()
            connection.execute(
                f"COPY (SELECT * FROM read_parquet({file_list(copies)})) TO {quoted(out)} "
                "(FORMAT parquet, COMPRESSION zstd)"
            )
            return Merged(*connection.execute(_COUNTS).fetchall()[0])
    except duckdb.Error as error:
        raise OSError(None, f"merging failed: {first_line(error)}") from None


_COUNTS: Final = """SELECT (SELECT count(*) FROM records), (SELECT count(*) FROM copies WHERE id <> leader),
    (SELECT count(*) FROM beginnings)"""


def _number_records(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path]) -> None:
    """``parts`` numbers the files, ``records`` every row of them, with a key equal for records of the same game."""
    connection.execute("CREATE TABLE parts (filename VARCHAR, part INTEGER, base BIGINT)")
    connection.execute("CREATE TABLE records (id BIGINT, key UHUGEINT, rank BIGINT)")
    base = 0
    for number, part in enumerate(parts):
        connection.execute("INSERT INTO parts VALUES (?, ?, ?)", [str(part), number, base])
        rows = connection.execute(
            f"INSERT INTO records SELECT {base} + file_row_number, md5_number(start || '|' || line), "
            f"((1000 - worth)::BIGINT << {_RANK_BITS}) + {base} + file_row_number "
            "FROM read_parquet(?, file_row_number = true)",
            [pattern(part)],
        ).fetchall()
        base += int(rows[0][0])
    files = file_list(parts)
    connection.execute(
        f"CREATE VIEW wide AS SELECT base + file_row_number AS id, w.* EXCLUDE (filename, file_row_number) "
        f"FROM read_parquet({files}, filename = true, file_row_number = true) w JOIN parts USING (filename)"
    )


def _find_duplicates(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path]) -> None:
    """``copies`` holds the records that are not alone of their game, each with the one that knows most."""
    connection.execute(
        f"""CREATE TABLE copies AS
        WITH several AS (
            SELECT key, min(rank) & {(1 << _RANK_BITS) - 1} AS leader FROM records GROUP BY key HAVING count(*) > 1
        )
        SELECT id, leader, rank FROM records JOIN several USING (key) ORDER BY id"""
    )


def _find_beginnings(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path]) -> None:
    """``beginnings`` holds the records that another one goes on from: in order of their lines, the next one does."""
    connection.execute(
        """CREATE TABLE beginnings AS
        WITH different AS (
            SELECT id, start || '|' || line AS line FROM wide
            WHERE id NOT IN (SELECT id FROM copies WHERE id <> leader)
        ), ordered AS (SELECT id, line, lead(line) OVER (ORDER BY line) AS next FROM different)
        SELECT id FROM ordered WHERE starts_with(next, line) ORDER BY id"""
    )


def _merge_duplicates(connection: duckdb.DuckDBPyConnection, columns: dict[str, str]) -> None:
    """``merged`` holds, for every game with several records, what they know together."""
    labels = [name for name in LABEL_COLUMNS if name in columns]
    kept = ["truncated", "prefix_of_other", "result_conflict", *_FILLED, *labels]
    connection.execute(f"CREATE TABLE known AS SELECT leader, rank, {', '.join(kept)} FROM copies JOIN wide USING (id)")
    fields = [
        f"arg_min({name}, rank) FILTER ({name} IS DISTINCT FROM {empty}) AS {name}" for name, empty in _FILLED.items()
    ]
    fields += [f"arg_min({name}, rank) FILTER (k IS NOT NULL) AS {name}" for name in labels]
    query = f"""SELECT leader, bool_and(truncated) AS truncated, bool_or(prefix_of_other) AS prefix_of_other,
        bool_or(result_conflict) OR count(DISTINCT result) FILTER (result <> {quoted(UNKNOWN)}) > 1 AS result_conflict,
        {", ".join(fields)} FROM known"""
    connection.execute(f"CREATE TABLE merged AS {query} WHERE false GROUP BY leader")
    groups = connection.execute("SELECT count(*) FROM copies WHERE id = leader").fetchall()[0][0]
    rounds = 1 + groups // _GROUPS_AT_ONCE
    for turn in range(rounds):
        connection.execute(f"INSERT INTO merged {query} WHERE leader % {rounds} = {turn} GROUP BY leader")


def _copy_part(
    connection: duckdb.DuckDBPyConnection, number: int, part: Path, out: Path, columns: dict[str, str]
) -> None:
    """The records of a part that stay, in their order."""
    base, end = connection.execute(
        "SELECT base, coalesce((SELECT min(base) FROM parts WHERE part > $1), 9223372036854775807) "
        "FROM parts WHERE part = $1",
        [number],
    ).fetchall()[0]
    here = f"BETWEEN {base} AND {end - 1}"
    fields = {name: f"w.{name}" for name in columns}
    fields |= {name: f"coalesce(m.{name}, w.{name})" for name in (*_FILLED, "truncated", "result_conflict")}
    fields |= {name: f"coalesce(m.{name}, w.{name})" for name in LABEL_COLUMNS if name in columns}
    fields["opening"] = f"coalesce(nullif({fields['ecco']}, ''), w.opening)"
    fields["prefix_of_other"] = (
        "coalesce(m.prefix_of_other, w.prefix_of_other) "
        f"OR {base} + w.file_row_number IN (SELECT id FROM beginnings WHERE id {here})"
    )
    connection.execute(
        f"""COPY (
            SELECT {", ".join(f"{field} AS {name}" for name, field in fields.items())}
            FROM read_parquet({quoted(pattern(part))}, file_row_number = true) w
            LEFT JOIN (SELECT * FROM merged WHERE leader {here}) m ON m.leader = {base} + w.file_row_number
            WHERE {base} + w.file_row_number NOT IN (SELECT id FROM copies WHERE id <> leader AND id {here})
            ORDER BY w.file_row_number
        ) TO {quoted(out)} (FORMAT parquet, COMPRESSION zstd)"""
    )
