"""Games as rows of a corpus, and rows to Parquet by way of DuckDB."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import MOVES, START_FEN

from ..game import Game
from .corpus_reader import FLAGS, TAGS
from .duckdb_package import import_duckdb
from .policy_targets import policy_text
from .sql import first_line, pattern, quoted

_AT_ONCE: Final = 1024
_MOVE_TEXTS: Final = np.array([f"{move} " for move in MOVES], "S5")


def moves_text(indices: Sequence[int] | npt.NDArray[np.integer[Any]]) -> str:
    """Moves by their index as the text of a corpus: coordinates, separated by spaces."""
    return str(_MOVE_TEXTS[np.asarray(indices, np.intp)].tobytes(), "ascii")[:-1]


def corpus_row(game: Game) -> dict[str, Any]:
    """The columns of a game; those of labels only where it has some."""
    indices = [move.index for move in game.moves]
    row: dict[str, Any] = {
        "moves": moves_text(indices),
        "plies": len(indices),
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
        row["noise"] = list(game.labels.random_plies)
        if game.labels.policy:
            row["policy"] = policy_text(game.labels.policy)
    return row


def spool_games(
    games: Iterable[Game], spool: Path, to_rows: Callable[[list[Game]], Iterable[dict[str, Any]]]
) -> tuple[int, bool]:
    """Write the rows of games as JSON, one a line; returns how many games there were, and whether any has labels.

    DuckDB reads that far faster than rows handed over one by one. ``to_rows`` gets some of the games at a time.
    """
    count, labelled, waiting = 0, False, iter(games)
    try:
        with spool.open("w", encoding="utf-8") as file:
            while chunk := list(islice(waiting, _AT_ONCE)):
                file.write("".join(f"{json.dumps(row)}\n" for row in to_rows(chunk)))
                count += len(chunk)
                labelled |= any(game.labels is not None for game in chunk)
    except OSError as error:
        if error.filename is None:  # of writing, such as a full disk
            raise OSError(error.errno, error.strerror or str(error), str(spool)) from None
        raise
    return count, labelled


def json_to_parquet(spool: Path, target: Path, columns: dict[str, str]) -> None:
    """Turn JSON lines into a Parquet file with these columns (name -> SQL type)."""
    duckdb = import_duckdb()

    schema = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
    with closing(duckdb.connect(config={"threads": 1})) as connection:
        try:
            connection.execute(
                f"COPY (SELECT {', '.join(columns)} FROM read_json({quoted(pattern(spool))}, "
                "format = 'newline_delimited', "
                f"columns = {{{schema}}})) TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
            )
        except duckdb.Error as error:
            raise OSError(None, first_line(error)) from None


def _small_int(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None
