"""Record files from one format to another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from xiangqi_gpt.files import atomic_mkdir, one_writer, would_replace

from ..corpus.corpus_writer import write_corpus
from ..errors import CorpusError
from ..game import Game
from .dhtmlxq_writer import write_dhtmlxq
from .movelist import write_move_list
from .pgn_writer import Notation, write_pgn
from .xqf_writer import write_xqf

#: Ending -> writer, of the formats that leave no choice.
_WRITERS: Final = {
    ".parquet": write_corpus,
    ".xqf": write_xqf,
    ".ubb": write_dhtmlxq,
    ".txt": write_move_list,
}
#: Endings of the formats that can be written.
WRITABLE: Final = (".pgn", *_WRITERS)


def write_games(
    games: Iterable[Game],
    path: str | Path,
    *,
    ending: str = "",
    notation: Notation = "iccs",
    replace: bool = False,
) -> int:
    """Write games in the format of the path's ending, or of ``ending``, whole or not at all; returns how many.

    ``notation`` is for PGN, which keeps all but labels. XQF (one game a file) and DhtmlXQ keep comments, variations and
    the tags they have fields for; a corpus keeps main lines, labels and the tags it has columns for; a plain list
    (``.txt``) keeps moves and results. Raises ``CorpusError`` when the format cannot be written, when ``path`` exists
    and is not to be replaced, and when there is no game, or more than the format holds.
    """
    path = Path(path)
    ending = ending or path.suffix.lower()
    if ending not in WRITABLE:
        raise CorpusError(f"{path}: cannot write this format; known endings are {', '.join(WRITABLE)}")
    if would_replace(path) and not replace:
        raise _exists_already(path)
    writer = _WRITERS.get(ending)
    return writer(games, path) if writer else write_pgn(games, path, notation=notation)


def write_each(
    games: Iterable[Game], folder: str | Path, ending: str, *, notation: Notation = "iccs", replace: bool = False
) -> int:
    """Write every game into a file of its own, ``00001.xqf`` and so on; returns how many.

    A new folder appears when all are written, or not at all; into one that is there they are written one by one.
    Errors as in ``write_games``.
    """
    folder = Path(folder)
    count = 0
    with one_writer(folder) if folder.exists() else atomic_mkdir(folder) as place:
        for count, game in enumerate(games, 1):
            name = f"{count:05}.{ending}"
            if would_replace(folder / name) and not replace:
                raise _exists_already(folder / name)
            write_games([game], place / name, notation=notation, replace=True)
        if not count:
            raise CorpusError(f"no games to write to {folder}")
    return count


def _exists_already(path: Path) -> CorpusError:
    return CorpusError(f"{path} exists already: choose another name, or replace it with --force")
