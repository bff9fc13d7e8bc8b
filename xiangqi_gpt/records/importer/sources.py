"""Where an import finds its records: files, folders and archives, cut into tasks of about equal size."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from ..errors import CorpusError, RecordError
from ..formats.detection import CORPUS_ENDING, FORMATS
from ..formats.pgn_parts import pgn_parts
from .archives import count_members, is_archive

_TASK_BYTES: Final = 8 << 20
_TASK_FILES: Final = 500
_TASK_ROWS: Final = 20_000
_LARGE_PGN: Final = 16 << 20
_SPLIT_ENDINGS: Final = (".pgn", ".txt")


@dataclass(frozen=True)
class Source:
    """Records to read: a whole file, or part of one.

    ``first`` up to but without ``last`` counts bytes of a PGN file, rows of a corpus, members of a zip; ``line`` is how
    many lines of a PGN file come before. ``origin`` names the path it was found under.
    """

    path: str
    origin: str
    size: int
    changed: int  #: time of the last change in nanoseconds: a file that changed is read again
    first: int = 0
    last: int | None = None
    line: int = 0


@dataclass(frozen=True)
class Task:
    """What one worker reads without a break."""

    sources: tuple[Source, ...]

    @property
    def size(self) -> int:
        """About how many bytes there are to read."""
        return sum(source.size for source in self.sources)


@dataclass
class Plan:
    """All tasks of an import, and what was found besides: files that are no records (by ending), and unusable paths."""

    tasks: list[Task] = field(default_factory=list)
    files: int = 0
    other_files: Counter[str] = field(default_factory=Counter)
    unusable: list[RecordError] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The tasks as plain values: equal for an import of the same files."""
        return {"tasks": [[asdict(source) for source in task.sources] for task in self.tasks]}


def plan_import(paths: Iterable[str | Path], out: Path) -> Plan:
    """Find the records under ``paths``, in the order of their names; ``out``, the corpus to write, is none of them.

    Raises ``CorpusError`` for a path that does not exist.
    """
    plan = Plan()
    few: list[Source] = []  # small files, to be read by one task
    for path, origin in record_files(paths, plan):
        if path.resolve() == out.resolve():
            continue
        plan.files += 1
        try:
            found = list(_cut(path, origin))
        except (CorpusError, OSError) as error:
            reason = (error.strerror or str(error)) if isinstance(error, OSError) else without_path(path, str(error))
            plan.unusable.append(RecordError(reason, path=path))
            continue
        few += found[:1] if len(found) == 1 else []
        if len(found) > 1 or len(few) == _TASK_FILES or sum(source.size for source in few) > _TASK_BYTES:
            plan.tasks += [Task(tuple(few))] if few else []
            few = []
        plan.tasks += [Task((source,)) for source in found] if len(found) > 1 else []
    plan.tasks += [Task(tuple(few))] if few else []
    return plan


def record_files(paths: Iterable[str | Path], plan: Plan) -> Iterator[tuple[Path, str]]:
    """Each record file and archive under the paths once, and the name of the path it is under.

    A path that is a file is one whatever its ending. What else there is goes into ``plan``. Raises ``CorpusError`` for
    a path that does not exist.
    """
    seen: set[Path] = set()
    for path, origin, named in _files(paths, plan):
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        if named or is_archive(path) or path.suffix.lower() in FORMATS:
            yield path, origin
        else:
            plan.other_files[path.suffix.lower() or "(none)"] += 1


def without_path(path: str | Path, message: str) -> str:
    """A message without the path at its start or end."""
    return message.removeprefix(str(path)).removesuffix(str(path)).strip(" :,")


def _files(paths: Iterable[str | Path], plan: Plan) -> Iterator[tuple[Path, str, bool]]:
    """Every file under the paths, the name of the path it is under, and whether it was named itself."""

    def unreadable(error: OSError) -> None:
        plan.unusable.append(RecordError(error.strerror or str(error), path=str(error.filename)))

    for name in paths:
        path = Path(name)
        if path.is_file():
            yield path, _printable(path.name), True
        elif path.is_dir():
            for folder, folders, files in os.walk(path, onerror=unreadable):
                folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
                for file in sorted(files):
                    if not file.startswith(".") and (found := Path(folder, file)).is_file():
                        yield found, _printable(path.resolve().name), False
        else:
            is_special = path.exists()
            raise CorpusError(f"{path} is a pipe or a device" if is_special else f"no such file or folder: {path}")


def _printable(name: str) -> str:
    """The name of a file without what no text holds: names on disk are bytes."""
    return name.encode(errors="replace").decode()


def whole_file(path: Path, origin: str) -> Source:
    """A file as one source."""
    status = path.stat()
    return Source(str(path), origin, status.st_size, status.st_mtime_ns)


def _cut(path: Path, origin: str) -> Iterator[Source]:
    """A file as one source, or as several that can be read at the same time."""
    whole, ending = whole_file(path, origin), path.suffix.lower()
    size = whole.size
    steps: list[tuple[int, int, int]] = []
    if ending == CORPUS_ENDING:
        rows = _count_rows(path)
        steps = [(first, min(first + _TASK_ROWS, rows), 0) for first in range(0, rows, _TASK_ROWS)]
    elif is_archive(path):
        count = count_members(path)
        if count:
            parts = min(count, 1 + size // _TASK_BYTES + count // _TASK_FILES)
            bounds = [count * n // parts for n in range(parts + 1)]
            steps = [(first, last, 0) for first, last in pairwise(bounds)]
    elif ending in _SPLIT_ENDINGS and size > _LARGE_PGN:
        steps = pgn_parts(path)
    if len(steps) < 2:
        yield whole
        return
    for first, last, line in steps:
        yield replace(whole, size=size // len(steps), first=first, last=last, line=line)


def _count_rows(path: Path) -> int:
    from ..corpus.corpus_reader import count_rows  # needs DuckDB, which is slow to load

    return count_rows(path)
