"""Any record file to games."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from .corpus.batch import GameBatch, batch_from_games
from .corpus.corpus_reader import read_corpus, read_corpus_games
from .errors import CorpusError, OnIllegal, RecordError
from .formats.detection import begins_corpus, find_reader, read_head
from .game import Game


def read_games(
    path: str | Path,
    *,
    where: str | None = None,
    on_illegal: OnIllegal = "fail",
    problems: list[RecordError] | None = None,
) -> Iterator[Game]:
    """The games of a record file, or of a Parquet corpus, each move checked.

    ``where`` is an SQL condition, for a corpus only; ``on_illegal`` and ``problems`` as in ``read_pgn``. Raises
    ``CorpusError`` for a file that is missing, of an unknown format or without games, and ``RecordError``.
    """
    head = read_head(path)
    if _is_corpus(path, head, where):
        return read_corpus_games(path, where=where, on_illegal=on_illegal, problems=problems)
    return find_reader(path, head)(path, on_illegal=on_illegal, problems=problems)


def read_batches(
    path: str | Path,
    *,
    where: str | None = None,
    on_illegal: OnIllegal = "drop",
    batch_games: int = 4096,
    problems: list[RecordError] | None = None,
) -> Iterator[GameBatch]:
    """``read_games`` as arrays, ``batch_games`` games at a time; games without a tag ``Source`` get the file's name."""
    head = read_head(path)
    if _is_corpus(path, head, where):
        yield from read_corpus(path, where=where, on_illegal=on_illegal, batch_games=batch_games, problems=problems)
        return
    games = find_reader(path, head)(path, on_illegal=on_illegal, problems=problems)
    while chunk := list(islice(games, batch_games)):
        for game in chunk:
            game.tags.setdefault("Source", Path(path).name)
        yield batch_from_games(chunk)


def _is_corpus(path: str | Path, head: bytes, where: str | None) -> bool:
    if begins_corpus(head, path):
        return True
    if where is not None:
        raise CorpusError(f"{path}: a condition needs a Parquet corpus")
    return False
