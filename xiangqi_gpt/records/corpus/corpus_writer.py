"""Games to a Parquet corpus: the file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from xiangqi_gpt.files import atomic_write

from ..errors import CorpusError
from ..game import Game
from .corpus_reader import COLUMNS, LABEL_COLUMNS
from .duckdb_package import import_duckdb
from .parquet_rows import corpus_row, json_to_parquet, spool_games


def write_corpus(games: Iterable[Game], path: str | Path) -> int:
    """Write main lines, results, the tags of ``corpus.TAGS`` and labels; returns the number of games.

    Memory does not grow with the corpus. The label columns are there when a game has labels. Raises ``CorpusError``
    when there is no game, and where DuckDB is not installed.
    """
    path = Path(path)
    import_duckdb()  # before the games are made
    with atomic_write(path) as unfinished:
        spool = unfinished.with_name("games.jsonl")
        count, labelled = spool_games(games, spool, partial(map, corpus_row))
        if not count:
            raise CorpusError(f"no games to write to {path}")
        json_to_parquet(spool, unfinished, COLUMNS | LABEL_COLUMNS if labelled else COLUMNS)
    return count
