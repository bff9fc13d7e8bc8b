"""Any record file to games: the format is chosen by the ending of the file's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from .batch import GameBatch, batch_from_games
from .corpus import read_corpus, read_corpus_games
from .dhtmlxq import read_dhtmlxq
from .errors import CorpusError, OnIllegal, RecordError
from .game import Game
from .pgn import read_pgn

#: Ending -> reader of the formats that hold one game after another.
_READERS: Final[dict[str, Callable[..., Iterator[Game]]]] = {
    ".pgn": read_pgn,
    ".txt": read_pgn,
    ".ubb": read_dhtmlxq,
}
_CORPUS: Final = ".parquet"
FORMATS: Final = (_CORPUS, *_READERS)


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
    if _is_corpus(path, where):
        return read_corpus_games(path, where=where, on_illegal=on_illegal, problems=problems)
    return _reader(path)(path, on_illegal=on_illegal, problems=problems)


def read_batches(
    path: str | Path,
    *,
    where: str | None = None,
    on_illegal: OnIllegal = "drop",
    batch_games: int = 4096,
    problems: list[RecordError] | None = None,
) -> Iterator[GameBatch]:
    """``read_games`` as arrays, ``batch_games`` games at a time; games without a tag ``Source`` get the file's name."""
    if _is_corpus(path, where):
        yield from read_corpus(path, where=where, on_illegal=on_illegal, batch_games=batch_games, problems=problems)
        return
    games = _reader(path)(path, on_illegal=on_illegal, problems=problems)
    while chunk := list(islice(games, batch_games)):
        for game in chunk:
            game.tags.setdefault("Source", Path(path).name)
        yield batch_from_games(chunk)


def _is_corpus(path: str | Path, where: str | None) -> bool:
    if Path(path).suffix.lower() == _CORPUS:
        return True
    if where is not None:
        raise CorpusError(f"{path}: a condition needs a Parquet corpus")
    return False


def _reader(path: str | Path) -> Callable[..., Iterator[Game]]:
    reader = _READERS.get(Path(path).suffix.lower())
    if reader is None:
        raise CorpusError(f"{path}: unknown format; known are files ending in {', '.join(FORMATS)}")
    return reader
