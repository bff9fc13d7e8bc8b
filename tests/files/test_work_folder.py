"""What a killed program was making is removed by the next one, and what a living one is making never."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from patience import wait_until

from xiangqi_gpt.files import atomic_mkdir, atomic_write, scratch_folder, work_folder
from xiangqi_gpt.files.work_folder import ENDING

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs locks on folders")

WRITER = """
import sys, time
from xiangqi_gpt.files import atomic_write
with atomic_write(sys.argv[1]) as unfinished:
    unfinished.write_text("half")
    time.sleep(1000)
"""
NEXT = """
import sys
from xiangqi_gpt.files import atomic_write
with atomic_write(sys.argv[1]) as unfinished:
    unfinished.write_text("whole")
"""


def left(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.endswith(ENDING)]


def run_next(path: Path) -> None:
    subprocess.run([sys.executable, "-c", NEXT, str(path)], check=True)


@pytest.mark.parametrize("target", ["out.txt", "another.txt"])
def test_the_next_writer_removes_what_a_killed_one_left(tmp_path: Path, target: str) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "out.txt")])
    try:
        wait_until(lambda: [folder for folder in left(tmp_path) if list(folder.iterdir())])
        run_next(tmp_path / target)
        assert len(left(tmp_path)) == 1, "its program is alive"
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert len(left(tmp_path)) == 1
    run_next(tmp_path / target)
    assert [path.name for path in tmp_path.iterdir()] == [target]


def test_only_folders_of_that_name_are_removed(tmp_path: Path) -> None:
    name = f"-0123456789abcdef{ENDING}"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("kept")
    (tmp_path / f".link{name}").symlink_to(elsewhere)
    (tmp_path / f".file{name}").write_text("a file")
    (tmp_path / f"short-01{ENDING}").mkdir()
    abandoned = tmp_path / f".out{name}"
    (abandoned / "output").mkdir(parents=True)
    (abandoned / "link").symlink_to(elsewhere)
    before = {path.name for path in tmp_path.iterdir()}
    run_next(tmp_path / "out.txt")
    assert {path.name for path in tmp_path.iterdir()} == before - {abandoned.name} | {"out.txt"}
    assert (elsewhere / "kept.txt").read_text() == "kept"


@pytest.mark.parametrize("make", [atomic_write, atomic_mkdir, work_folder, lambda path: scratch_folder()])
def test_nobody_else_can_look_into_a_work_folder_or_guess_its_name(tmp_path: Path, make) -> None:
    found = []
    for _ in range(2):
        with make(tmp_path / "out") as inside:
            folder = inside if inside.name.endswith(ENDING) else inside.parent
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and folder.stat().st_uid == os.geteuid()
            found.append(folder.name)
        assert not folder.exists()
        if (tmp_path / "out").is_dir():
            (tmp_path / "out").rmdir()
    assert found[0] != found[1]
