"""Games to a Parquet corpus: the file appears whole or not at all."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, TextIO

from xiangqi_gpt.rules import START_FEN

from .corpus import COLUMNS, FLAGS, LABEL_COLUMNS, TAGS
from .errors import CorpusError
from .files import replacing
from .game import Game


def write_corpus(games: Iterable[Game], path: str | Path) -> int:
    """Write main lines, results, the tags of ``corpus.TAGS`` and labels; returns the number of games.

    Memory does not grow with the corpus. The label columns are there when a game has labels. Raises ``CorpusError``
    when there is no game.
    """
    path = Path(path)
    with replacing(path) as unfinished, tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
        # DuckDB reads JSON lines far faster than rows handed over one by one.
        spool = Path(folder, "games.jsonl")
        with spool.open("w", encoding="utf-8") as rows:
            count, labelled = _spool(games, rows)
        if not count:
            raise CorpusError(f"no games to write to {path}")
        _convert(spool, unfinished, COLUMNS | LABEL_COLUMNS if labelled else COLUMNS)
    return count


def _spool(games: Iterable[Game], rows: TextIO) -> tuple[int, bool]:
    """Write one JSON line a game; returns how many games, and whether any has labels."""
    count, labelled = 0, False
    for game in games:
        rows.write(json.dumps(_row(game)) + "\n")
        count += 1
        labelled |= game.labels is not None
    return count, labelled


def _row(game: Game) -> dict[str, Any]:
    row: dict[str, Any] = {
        "moves": " ".join(map(str, game.moves)),
        "plies": len(game.moves),
        "result": game.result,
        "init_fen": "" if game.root == START_FEN else game.root,
    }
    row |= {column: game.tags.get(tag, "") for column, tag in TAGS.items()}
    row |= {column: _small_int(row[column]) for column in ("red_elo", "black_elo")}
    row["kind"] = row["kind"] or "unknown"
    row["year"] = game.year
    row |= {flag: flag in game.flags for flag in FLAGS}
    if game.labels is not None:
        row["k"] = game.labels.first
        row["best"] = " ".join("-" if move is None else str(move) for move in game.labels.best)
        row["cp"] = list(game.labels.cp)
        row["noise"] = list(game.labels.noise)
    return row


def _small_int(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _convert(spool: Path, target: Path, columns: dict[str, str]) -> None:
    import duckdb

    schema = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
    with closing(duckdb.connect()) as connection:
        try:
            connection.execute(
                f"COPY (SELECT {', '.join(columns)} FROM read_json({_quoted(spool)}, format = 'newline_delimited', "
                f"columns = {{{schema}}})) TO {_quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
            )
        except duckdb.Error as error:
            raise OSError(None, str(error).partition("\n")[0]) from None


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
