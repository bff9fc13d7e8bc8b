"""Every output on a disk that is full, fills up or may not be written: one line, nothing half-written, nothing lost.

The disks are small file systems in memory, which only root may mount; elsewhere these tests are skipped.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_outputs import CALLS, FOLDERS, NAMES, Writes, inputs, place_for, run, words_of
from torch_commands import needs

__all__ = ["inputs"]  # a fixture

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="needs the mounts of a Unix system")]

_SIZE = 4 << 20


class Disk:
    """A file system of four megabytes in memory."""

    def __init__(self, place: Path) -> None:
        place.mkdir()
        self.place = place
        self._mount("-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(place))

    def _mount(self, *words: str) -> None:
        done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"file systems cannot be mounted here: {done.stderr.strip()}")

    def leave(self, free: int) -> None:
        """Fill it up to so many bytes."""
        with (self.place / "filler").open("wb", buffering=0) as file:
            left = os.statvfs(self.place)
            file.write(b"\1" * max(0, left.f_bavail * left.f_frsize - free))

    def forbid(self) -> None:
        """Make it one that may only be read."""
        self._mount("-o", "remount,ro", str(self.place))

    def close(self) -> None:
        """Take it away."""
        subprocess.run(["umount", "-l", str(self.place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "disk")
    yield disk
    disk.close()


@pytest.fixture
def work(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, with the inputs; it lies on an ordinary disk."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "in").symlink_to(inputs / "in")
    monkeypatch.chdir(folder)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """All files under a folder, and what is in them."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
        if path.name != "filler"
    }


def refused(words: list[str], capsys: pytest.CaptureFixture[str], disk: Disk) -> None:
    """The command ends with status 2 and a last line that names what lies on the disk."""
    capsys.readouterr()
    status = run(words)
    out, err = capsys.readouterr()
    assert status == 2, (status, out, err)
    last = err.splitlines()[-1]
    assert last.startswith("xiangqi-gpt") and str(disk.place) in last, err
    assert "Traceback" not in err and "internal" not in err, err


WAYS = ("full", "nearly full", "read-only")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "call"), [pytest.param(*pair, marks=needs(pair[0])) for pair in CALLS], ids=NAMES)
def test_a_file_on_a_bad_disk(
    name: str, call: Writes, way: str, disk: Disk, work: Path, nano_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_for(call, disk.place, nano_model)
    if call.force:
        place.write_text("what was there before")
    if way == "read-only":
        disk.forbid()
    else:
        disk.leave(0 if way == "full" else 8192)
    before = tree(disk.place)
    words = [*words_of(call.call, place), *(["--force"] if call.force else [])]
    if way == "nearly full" or (way == "full" and name == "match --pgn"):  # which makes room first, by --force
        capsys.readouterr()
        status = run(words)
        err = capsys.readouterr().err
        assert status in (0, 2) and "Traceback" not in err and "internal" not in err, err
        if status == 0:
            return
    else:
        refused(words, capsys, disk)
    after = tree(disk.place)
    for other in set(after) - set(before):  # what the same command goes on from, once there is room again
        if other.endswith(".unfinished") or other.startswith(f".{place.name}.import"):
            assert after.pop(other) or other.count("/") == 0, f"{other} is empty"
    assert after == before, "nothing is left of what was begun, and what was there is there"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in FOLDERS])
def test_a_folder_on_a_bad_disk(
    name: str, way: str, disk: Disk, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if way == "read-only":
        disk.forbid()
    else:
        disk.leave(0 if way == "full" else 8192)
    before = tree(disk.place)
    if way == "nearly full" and name == "records export --out":
        assert run(words_of(FOLDERS[name], disk.place / "made")) == 0, "a small game has room there"
        return
    refused(words_of(FOLDERS[name], disk.place / "made"), capsys, disk)
    after = tree(disk.place)
    if any(name.endswith(("update.json", "speedrun.json", "improve.json")) for name in after):
        return  # what it goes on from, once there is room
    assert after == before
