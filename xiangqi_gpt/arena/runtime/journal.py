"""A work in progress on disk: one line a finished piece, so that whatever ends the program, they are kept."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.files import final_target, is_special, parse_json, scratch_folder
from xiangqi_gpt.rules import XiangqiError

from .lock import lock_file

#: More pieces than any work has; the place of each takes 8 bytes of memory.
_MOST_PIECES: Final = 1 << 26


class JournalError(XiangqiError):
    """A journal that was begun for other work, is damaged, or cannot be written; the text names it."""


class Journal:
    """Finished pieces of a work, each a JSON object with a number from 0 on under ``number``.

    The file lies beside the output (``OUT.unfinished``) and is deleted when the output is there. Its first line says
    what work it belongs to. Half a line at the end, left by a program that was killed, is cut off. Only the places of
    the pieces are held in memory. Beside a special file (device, pipe, socket) nothing is put: its journal is a
    temporary file, and no later call goes on with it.
    """

    def __init__(self, out: str | Path, work: dict[str, Any]) -> None:
        """Begin, or go on with, the journal of the output ``out``; ``work`` tells its settings from others'.

        Raises ``JournalError``, and ``LockedError`` when another process is at the same work.
        """
        self._places = array("q")
        self._count = 0
        self.last = -1  #: the largest number of a finished piece, -1 for none
        with ExitStack() as stack:
            if is_special(out):
                folder, name = stack.enter_context(scratch_folder()), Path(out).name
            else:
                folder, name = (target := final_target(out)).parent, target.name
            self.path = folder / f"{name}.unfinished"
            try:
                handle = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
            except OSError as error:
                raise self._unwritable(error) from None
            self._file = stack.enter_context(os.fdopen(handle, "r+b", buffering=0))
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise JournalError(f"{self.path} is in the way: it is not a regular file")
            lock_file(self._file, self.path)
            self._read(json.loads(json.dumps(work)))
            self._close = stack.pop_all().close

    def _read(self, work: dict[str, Any]) -> None:
        end = 0
        with self.path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                try:
                    entry = parse_json(line)
                except ValueError:
                    raise JournalError(f"{self.path}: byte {end} is not JSON; delete the file to start anew") from None
                if end == 0 and entry != work:
                    raise JournalError(
                        f"{self.path} is unfinished other work: {_difference(entry, work)}; delete it first"
                    )
                if end:
                    self._remember(self._number(entry, end), end)
                end += len(line)
        self._file.truncate(end)
        self._file.seek(end)
        self._end = end
        if not end:
            try:
                self._write(work)
            except JournalError:
                self.discard()  # it says nothing yet
                raise

    def _number(self, entry: Any, place: int) -> int:
        number = entry.get("number") if isinstance(entry, dict) else None
        if not isinstance(number, int) or not 0 <= number < _MOST_PIECES:
            raise JournalError(f"{self.path}: byte {place} is no finished piece; delete the file to start anew")
        return number

    def _remember(self, number: int, place: int) -> None:
        if number >= len(self._places):
            self._places.extend([-1] * (2 * number + 1 - len(self._places)))
        self._count += self._places[number] < 0
        self._places[number] = place
        self.last = max(self.last, number)

    def __len__(self) -> int:
        """How many pieces are finished."""
        return self._count

    def __contains__(self, number: int) -> bool:
        return 0 <= number < len(self._places) and self._places[number] >= 0

    def add(self, number: int, piece: dict[str, Any]) -> None:
        """Write down a finished piece. Raises ``JournalError``, for example on a full disk."""
        place = self._end
        self._write({"number": number, **piece})
        self._remember(number, place)

    def _write(self, entry: dict[str, Any]) -> None:
        rest = memoryview(f"{json.dumps(entry)}\n".encode())
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(self._end)
            raise self._unwritable(error) from None
        self._end = self._file.tell()

    def pieces(self, numbers: Iterator[int] | range) -> Iterator[dict[str, Any]]:
        """The finished pieces among ``numbers``, in that order."""
        with self.path.open("rb") as file:
            for number in numbers:
                if number in self:
                    file.seek(self._places[number])
                    yield parse_json(file.readline())

    def discard(self) -> None:
        """Delete the file: the output is there."""
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._close()

    def _unwritable(self, error: OSError) -> JournalError:
        return JournalError(f"{self.path} cannot be written: {error.strerror or error}")


def _difference(found: Any, wanted: dict[str, Any]) -> str:
    """What tells the work of a journal from the work at hand."""
    if not isinstance(found, dict):
        return "of another kind"
    for name, value in wanted.items():
        if found.get(name) != value:
            return f"{name} was {found.get(name)!r} and is now {value!r}"
    return "of another kind"
