"""The games of a source, whatever is wrong with it: of a file, of a part of one, and of archives, also in archives."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import CorpusError, OnIllegal, RecordError
from ..formats.detection import CORPUS_ENDING, FORMATS
from ..formats.pgn_parts import copy_part
from ..game import Game
from ..load_games import read_games
from .archives import MOST_GROWTH, TAR, ZIP, is_archive, members
from .sources import Plan, Source, record_files, whole_file, without_path

_OUTCOMES: Final = {"part": "damaged", "note": "noted"}
_HARMLESS_OUTCOMES: Final = tuple(_OUTCOMES.values())
_DEEPEST: Final = 3  # archives in archives
_HARMLESS: Final = 1 << 30  # bytes that an archive and those in it may always unpack to


@dataclass(frozen=True)
class Problem:
    """What was wrong in a file: ``outcome`` is ``cut`` or ``dropped`` (a game) or ``skipped`` (the file).

    ``damaged`` is a side line, a comment or a tag of a game that is whole otherwise, ``noted`` how a game was read.
    """

    path: str
    reason: str
    outcome: str
    game: int | None = None
    line: int | None = None
    ply: int | None = None
    after: str = ""

    @property
    def costs_a_game(self) -> bool:
        """Whether a game, or a file of them, was lost or cut."""
        return self.outcome not in _HARMLESS_OUTCOMES

    def as_error(self) -> RecordError:
        """The same as an error."""
        return RecordError(self.reason, path=self.path, game=self.game, line=self.line, ply=self.ply, after=self.after)

    def __str__(self) -> str:
        return str(self.as_error())


def games_under(path: str | Path, on_illegal: OnIllegal, problems: list[Problem]) -> Iterator[Game]:
    """The games of a file, or of all record files in a folder or an archive, one after another, as in ``read_source``.

    Raises ``CorpusError`` for a path that does not exist.
    """
    plan = Plan()
    with tempfile.TemporaryDirectory() as scratch:
        for found, origin in record_files([path], plan):
            yield from read_source(whole_file(found, origin), Path(scratch), on_illegal, problems)
    problems.extend(Problem(str(error.path), error.reason, "skipped") for error in plan.unusable)


def read_source(source: Source, scratch: Path, on_illegal: OnIllegal, problems: list[Problem]) -> Iterator[Game]:
    """The games of a source that have moves; a game without a tag ``Source`` gets the source's origin.

    Whatever is wrong is added to ``problems``, except that ``on_illegal="fail"`` raises its ``RecordError``. What has
    to be unpacked is, one file at a time, in the folder ``scratch``.
    """
    for game in _games(source, scratch, on_illegal, problems):
        game.tags.setdefault("Source", source.origin)
        yield game


def _games(source: Source, scratch: Path, on_illegal: OnIllegal, problems: list[Problem]) -> Iterator[Game]:
    path = Path(source.path)
    if is_archive(path):
        archive = _Archive(scratch, on_illegal, problems, max(_HARMLESS, MOST_GROWTH * path.stat().st_size))
        yield from archive.games(path, source.path, source.first, source.last)
    elif source.last is None:
        yield from _read(path, source.path, on_illegal, problems)
    elif path.suffix.lower() == CORPUS_ENDING:
        where = f"file_row_number >= {source.first} AND file_row_number < {source.last}"
        yield from _read(path, source.path, on_illegal, problems, where=where)
    else:
        part = scratch / f"part{path.suffix}"
        copy_part(path, source.first, source.last, part)
        yield from _read(part, source.path, on_illegal, problems, part_from=source)
        part.unlink()


class _Archive:
    """Reads what is in an archive, archives in it too, as long as it does not grow too much."""

    def __init__(self, scratch: Path, on_illegal: OnIllegal, problems: list[Problem], budget: int) -> None:
        self.scratch, self.on_illegal, self.problems, self.budget = scratch, on_illegal, problems, budget

    def games(self, path: Path, name: str, first: int = 0, last: int | None = None, depth: int = 1) -> Iterator[Game]:
        """The games of the archive at ``path``, which the user knows as ``name``."""
        found = False
        try:
            for member in members(path, first, last):
                shown = f"{name}/{member.name}"
                ending = _ending(member.name)
                if ending is None:
                    continue
                found = True
                copy = self.scratch / f"member{depth}{ending}"
                try:
                    member.copy_to(copy)
                except CorpusError as error:
                    self.problems.append(Problem(shown, str(error), "skipped"))
                    continue
                self.budget -= copy.stat().st_size
                if self.budget < 0:
                    raise CorpusError(f"{path} grows too much when it is unpacked: refused from {member.name} on")
                if not is_archive(copy):
                    yield from _read(copy, shown, self.on_illegal, self.problems)
                elif depth < _DEEPEST:
                    yield from self.games(copy, shown, depth=depth + 1)
                else:
                    self.problems.append(Problem(shown, f"archives lie more than {_DEEPEST} deep", "skipped"))
                copy.unlink()
        except CorpusError as error:
            self.problems.append(Problem(name, without_path(path, str(error)), "skipped"))
        else:
            if not found and last is None:  # in a part of an archive there may be none
                self.problems.append(Problem(name, "holds no record files", "skipped"))


def _ending(name: str) -> str | None:
    """The ending of a record file or an archive, None for other files and for those that programs hide."""
    path = Path(name.replace("\\", "/"))
    if any(part.startswith((".", "__MACOSX")) and part != ".." for part in path.parts if part != "."):
        return None
    lower = path.name.lower()
    return next((ending for ending in (*TAR, *ZIP, *FORMATS) if lower.endswith(ending)), None)


def _read(
    path: Path,
    name: str,
    on_illegal: OnIllegal,
    problems: list[Problem],
    *,
    where: str | None = None,
    part_from: Source | None = None,
) -> Iterator[Game]:
    """The games of a file that the user knows as ``name``; nothing that is wrong with it goes further."""
    found: list[RecordError] = []

    def placed(error: RecordError) -> Problem:
        cut = on_illegal == "cut" and (error.ply or 0) > 1
        game, line = error.game, error.line
        if part_from and part_from.first:  # nobody has counted the games before it
            game, line = None, line and line + part_from.line
        outcome = _OUTCOMES.get(error.scope) or ("cut" if cut else "dropped")
        return Problem(name, error.reason, outcome, game, line, error.ply, error.after)

    try:
        for game in read_games(path, where=where, on_illegal=on_illegal, problems=found):
            problems.extend(map(placed, found))
            found.clear()
            if game.moves:
                yield game
            else:
                problems.append(Problem(name, "a game in it has no moves", "dropped"))
    except RecordError as error:
        if on_illegal == "fail":
            raise RecordError(error.reason, path=name, game=error.game, line=error.line, ply=error.ply) from None
        problems.append(placed(error))
    except CorpusError as error:
        problems.append(Problem(name, without_path(path, str(error)), "skipped"))
    except OSError as error:
        problems.append(Problem(name, error.strerror or str(error), "skipped"))
    except Exception as error:  # one bad file must not end an import of hours
        problems.append(Problem(name, f"cannot be read: {type(error).__name__}: {error}", "skipped"))
    problems.extend(map(placed, found))
