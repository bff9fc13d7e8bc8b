"""CBL, a library of CCBridge: a header, an index with a title for each record, and the records, each a CBR.

Records are found by how they start, so that nothing depends on the numbers in the header. One that was deleted in the
program stays in the file until that is tidied, and is read like the others. A record without pieces is a heading
between games; it is counted but is no game.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import Game
from .cbl_old import OLD_LIBRARY, read_old_cbl
from .cbr import RECORD, read_record
from .reader_common import check_exists, handle_broken_game, sections

LIBRARY: Final = b"CCBridgeLibrary\0"
_NAME: Final = slice(64, 576)
_SLOTS: Final = slice(60, 64)
_INDEX_AT: Final = 66624
_ENTRY_SIZE: Final = 276


def read_cbl(
    path: str | Path, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """The games of a library, one at a time; arguments and errors as in ``read_pgn``.

    A game without an event gets the library's name for one.
    """
    check_on_illegal(on_illegal)
    check_exists(path)
    with Path(path).open("rb") as file:
        head = file.read(_NAME.stop)
        if head.startswith(OLD_LIBRARY) and not head.startswith(LIBRARY):
            yield from read_old_cbl(path, on_illegal=on_illegal, problems=problems)
            return
        if not head.startswith(LIBRARY):
            raise CorpusError(f"{path} is not CBL: it does not start with 'CCBridgeLibrary'", code="record_none")
        name = head[_NAME].decode("utf-16-le", errors="replace").partition("\0")[0].strip()
        file.seek(0)
        number = -1  # what stands before the first record is none
        for number, raw in enumerate(sections(file, RECORD)):
            if not number:
                continue
            game, errors = read_record(RECORD + raw)
            if game is None:
                continue
            if name:
                game.tags.setdefault("Event", name)
            if handle_broken_game(game, errors, on_illegal, problems, path=str(path), number=number):
                yield game
        if number < 1:
            raise CorpusError(f"{path} holds no record", code="record_none")
        listed = _listed(file, int.from_bytes(head[_SLOTS], "little"))
    if listed > number:
        missing = RecordError(f"the index lists {listed} records, the file holds {number}", path=str(path))
        if on_illegal == "fail":
            raise missing
        if problems is not None:
            problems.append(missing)


def _listed(file: IO[bytes], slots: int) -> int:
    """How many of the index's entries are in use, as far as the file goes before its first record."""
    file.seek(_INDEX_AT)
    used = 0
    for _ in range(slots):
        entry = file.read(_ENTRY_SIZE)
        if len(entry) < _ENTRY_SIZE or entry.startswith(RECORD):
            break
        used += any(entry[:4])
    return used
