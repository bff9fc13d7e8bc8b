"""Record files inside zip and tar archives, one at a time, whatever the archive claims.

Nothing is unpacked under a name from the archive: a member is copied, up to a limit, into a temporary file that the
caller names. What is refused, and why, is said with the member's name.
"""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from ..errors import CorpusError
from ..formats.encodings import decode

ZIP: Final = (".zip",)
TAR: Final = (".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
MOST_MEMBERS: Final = 1_000_000
LARGEST_MEMBER: Final = 1 << 30
#: An archive that grows more than this many times, past the first ``_HARMLESS`` bytes, is a bomb; text does 10 times.
MOST_GROWTH: Final = 200
_HARMLESS: Final = 64 << 20
_LARGEST_DIRECTORY: Final = 64 << 20
_ZIP_TAIL: Final = 1 << 17  # where the end of a zip's directory must lie
_TAR_HEADERS: Final = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_LARGEST_TAR_HEADER: Final = 1 << 20
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Member:
    """A file in an archive: its name as written there, and how to copy it out."""

    name: str
    copy_to: Callable[[Path], None]  #: raises ``CorpusError`` when it is refused or damaged, else ``OSError``


def is_archive(path: str | Path) -> bool:
    """Whether a file's name ends like an archive's."""
    return str(path).lower().endswith(ZIP + TAR)


def count_members(path: str | Path) -> int | None:
    """How many members a zip archive lists; None for an archive that can only be read from start to end."""
    if not str(path).lower().endswith(ZIP):
        return None
    with _damage_named(path):
        _check_directory(Path(path))
        with zipfile.ZipFile(path) as archive:
            return len(archive.infolist())


def members(path: str | Path, first: int = 0, last: int | None = None) -> Iterator[Member]:
    """The files of an archive, for a zip those numbered from ``first`` up to but without ``last``.

    Each member must be copied before the next is asked for. Raises ``CorpusError`` for an archive that is damaged or a
    bomb, after the members before the damage.
    """
    reader = _zip_members if str(path).lower().endswith(ZIP) else _tar_members
    with _damage_named(path):
        yield from reader(Path(path), first, last)


@contextmanager
def _damage_named(path: str | Path) -> Iterator[None]:
    try:
        yield
    except CorpusError:  # says itself what is refused
        raise
    except Exception as error:  # of a damaged archive the libraries raise whatever they stumble over, IndexError too
        raise CorpusError(f"{path} is damaged: {str(error) or type(error).__name__}") from None


def _zip_members(path: Path, first: int, last: int | None) -> Iterator[Member]:
    _check_directory(path)
    with zipfile.ZipFile(path) as archive:
        listed = archive.infolist()
        _check_growth(path, sum(info.file_size for info in listed))
        for info in listed[first:last]:
            if not info.is_dir():
                yield Member(_zip_name(info), _zip_copier(path, archive, info))


def _check_directory(path: Path) -> None:
    """Refuse a zip whose list of members, which the library reads whole, is too long."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _ZIP_TAIL, 0))
        tail = file.read()
    end, end64 = tail.rfind(b"PK\5\6"), tail.rfind(b"PK\6\6")
    size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    if size == 0xFFFFFFFF and end64 >= 0:
        size = int.from_bytes(tail[end64 + 40 : end64 + 48], "little")
    if size > _LARGEST_DIRECTORY:
        raise CorpusError(f"{path} lists its members in {size >> 20:,} MiB, more than {_LARGEST_DIRECTORY >> 20}")


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name of a member; older programs wrote it in GBK, which the library takes for the code page of the PC."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _zip_copier(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[Path], None]:
    def copy_to(target: Path) -> None:
        _check_name(_zip_name(info))
        if info.flag_bits & 1:
            raise CorpusError("is encrypted")
        with _damage_named("the member"):
            stream = archive.open(info)
        with stream:
            _copy(stream, target)

    return copy_to


class _TarMember(tarfile.TarInfo):
    """A header that is refused where the library would read more of it into memory than any real one has."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _TarMember:
        info = super().frombuf(buf, encoding, errors)
        if info.type in _TAR_HEADERS and info.size > _LARGEST_TAR_HEADER:
            raise tarfile.ReadError(f"a header of {info.size:,} bytes")
        return info


def _tar_members(path: Path, _first: int, _last: int | None) -> Iterator[Member]:
    number = expanded = 0
    with tarfile.open(path, "r|*", tarinfo=_TarMember) as archive:
        while (info := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # the library remembers every one of them
            number += 1
            if number > MOST_MEMBERS:
                raise CorpusError(f"{path} has more than {MOST_MEMBERS:,} members")
            expanded += max(info.size, 0)
            _check_growth(path, expanded)
            if not info.isdir():
                yield Member(_tar_name(info), _tar_copier(archive, info))


def _tar_name(info: tarfile.TarInfo) -> str:
    """The name of a member; a tar says nothing of its encoding, and Chinese ones are often in GBK."""
    return decode(info.name.encode(errors="surrogateescape"))[0]


def _tar_copier(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[Path], None]:
    def copy_to(target: Path) -> None:
        _check_name(info.name)
        if not info.isreg():
            raise CorpusError("is a link or a device, not a file")
        with _damage_named("the member"):
            stream = archive.extractfile(info)
        assert stream is not None
        _copy(stream, target)

    return copy_to


def _check_growth(path: Path, expanded: int) -> None:
    size = path.stat().st_size
    if expanded > _HARMLESS and expanded > MOST_GROWTH * size:
        raise CorpusError(f"{path} would grow from {size:,} to more than {expanded:,} bytes: refused")


def _check_name(name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
        raise CorpusError("its name leads out of the archive: refused")


def _copy(stream: IO[bytes], target: Path) -> None:
    size = 0
    with target.open("wb") as file:  # a full disk is no damage of the archive: that error goes on as it is
        while chunk := _read(stream):
            size += len(chunk)
            if size > LARGEST_MEMBER:
                raise CorpusError(f"is larger than {LARGEST_MEMBER >> 20} MiB")
            file.write(chunk)


def _read(stream: IO[bytes]) -> bytes:
    with _damage_named("the member"):
        return stream.read(_CHUNK)
