"""Record files from one format to another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .corpus_writer import write_corpus
from .errors import CorpusError
from .game import Game
from .pgn_writer import Notation, write_pgn

#: Endings of the formats that can be written.
WRITABLE: Final = (".pgn", ".parquet")


def write_games(games: Iterable[Game], path: str | Path, *, notation: Notation = "iccs", replace: bool = False) -> int:
    """Write games in the format of the path's ending, whole or not at all; returns how many there were.

    ``notation`` is for PGN. A corpus keeps main lines, labels and the tags it has columns for; PGN keeps all but
    labels. Raises ``CorpusError`` when the format cannot be written, when ``path`` exists and is not to be replaced,
    and when there is no game.
    """
    path = Path(path)
    if path.suffix.lower() not in WRITABLE:
        raise CorpusError(f"{path}: cannot write this format; known endings are {', '.join(WRITABLE)}")
    if path.exists() and not replace:
        raise CorpusError(f"{path} exists already")
    if path.suffix.lower() == ".parquet":
        return write_corpus(games, path)
    return write_pgn(games, path, notation=notation)
