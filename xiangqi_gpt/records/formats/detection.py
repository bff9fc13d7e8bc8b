"""Which format a record file is in: by what it contains, and by the ending of its name where that says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from ..errors import CorpusError
from ..game import Game
from .cbf import read_cbf
from .cbl import LIBRARY, read_cbl
from .cbl_old import OLD_LIBRARY, read_old_cbl
from .cbr import RECORD, read_cbr
from .dhtmlxq import read_dhtmlxq
from .encodings import decode
from .movelist import is_move_list, read_move_list
from .pgn import TAG_START, has_game_text, is_pgn, read_pgn
from .reader_common import check_exists
from .wxf import is_wxf, read_wxf
from .xqf import is_xqf, read_xqf

Reader = Callable[..., Iterator[Game]]

CORPUS_ENDING: Final = ".parquet"
_CORPUS: Final = b"PAR1"

_ENDINGS: Final[dict[str, Reader]] = {
    ".pgn": read_pgn,
    ".txt": read_pgn,
    ".wxf": read_wxf,
    ".ubb": read_dhtmlxq,
    ".xqf": read_xqf,
    ".cbl": read_cbl,
    ".cbr": read_cbr,
    ".cbf": read_cbf,
}
#: How a file starts -> its reader, longer ones first.
_SIGNATURES: Final[tuple[tuple[bytes, Reader], ...]] = (
    (LIBRARY, read_cbl),
    (RECORD, read_cbr),
    (OLD_LIBRARY, read_old_cbl),
)
_LOOKED_AT: Final = 1 << 16  # bytes at the start of a file

#: Endings of the files that hold records.
FORMATS: Final = (CORPUS_ENDING, *_ENDINGS)


def is_corpus(path: str | Path) -> bool:
    """Whether a file is a Parquet corpus by its content, or by its name where it has none."""
    return begins_corpus(read_head(path), path)


def begins_corpus(head: bytes, path: str | Path) -> bool:
    """Whether a file that starts with ``head`` is a Parquet corpus, as ``is_corpus``."""
    return head.startswith(_CORPUS) if head else Path(path).suffix.lower() == CORPUS_ENDING


def find_reader(path: str | Path, head: bytes | None = None) -> Reader:
    """The reader of a file's format, also by its ``head`` if that is read already.

    Raises ``CorpusError`` where neither content nor ending is known.
    """
    head = read_head(path) if head is None else head
    if not head:
        check_exists(path)
    if TAG_START.match(head):  # most files, told without decoding them
        return read_pgn
    ending = Path(path).suffix.lower()
    reader = _by_content(head) or _ENDINGS.get(ending)
    if reader is None and ending == CORPUS_ENDING:
        why = f"{path} is not a Parquet file: it starts with {head[:4]!r}, expected {_CORPUS!r}"
        raise CorpusError(why, code="record_none")
    if reader is None:
        why = f"{path}: unknown format; known are files ending in {', '.join(FORMATS)}"
        raise CorpusError(why, code="record_format")
    return reader


def read_head(path: str | Path) -> bytes:
    """Return the first bytes of a file, none where there is no such file."""
    path = path if isinstance(path, Path) else Path(path)
    if not path.is_file():
        return b""
    with path.open("rb", buffering=0) as file:
        return file.read(_LOOKED_AT)


def _by_content(head: bytes) -> Reader | None:
    for signature, reader in _SIGNATURES:
        if head.startswith(signature):
            return reader
    if is_xqf(head):
        return read_xqf
    text, _ = decode(head)
    if is_pgn(text):
        return read_pgn
    if is_wxf(text):
        return read_wxf
    if "[DhtmlXQ" in text:
        return read_dhtmlxq
    if "<ChineseChessRecord" in text:
        return read_cbf
    if is_move_list(text):
        return read_move_list
    return read_pgn if has_game_text(text) else None
