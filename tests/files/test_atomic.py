"""What is written appears whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from xiangqi_gpt.files import atomic_mkdir, atomic_write, scratch_folder


def test_a_file_is_replaced_only_when_all_went_well(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_write(path) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert [other.read_text() for other in tmp_path.iterdir()] == ["old"]
    with atomic_write(path) as unfinished:
        unfinished.write_text("new")
        assert path.read_text() == "old"
    assert [other.read_text() for other in tmp_path.iterdir()] == ["new"]


def test_a_file_that_cannot_be_written_is_named_before_any_work(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere" / "a.txt"):
        with pytest.raises(OSError) as caught, atomic_write(path):
            pytest.fail("the work was begun")
        assert caught.value.filename == str(path)


def test_of_what_fails_while_writing_the_file_itself_is_named_never_its_stand_in(tmp_path: Path) -> None:
    path, other = tmp_path / "a.txt", tmp_path / "other.txt"
    with pytest.raises(OSError, match="No space left") as caught, atomic_write(path) as unfinished:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(unfinished))
    assert caught.value.filename == str(path)
    with pytest.raises(FileNotFoundError) as missing, atomic_write(path):
        other.read_text()  # a file that is read on the way is named as it is
    assert missing.value.filename == str(other)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_appears_only_when_all_went_well(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "folder"
    with pytest.raises(KeyboardInterrupt), atomic_mkdir(path) as unfinished:
        (unfinished / "a.txt").write_text("half")
        raise KeyboardInterrupt
    assert list(path.parent.iterdir()) == []
    with atomic_mkdir(path) as unfinished:
        (unfinished / "a.txt").write_text("new")
        assert not path.exists()
    assert [other.name for other in path.parent.iterdir()] == ["folder"]
    assert (path / "a.txt").read_text() == "new"


def test_a_scratch_folder_is_gone_afterwards() -> None:
    with pytest.raises(RuntimeError), scratch_folder() as folder:
        (folder / "a.txt").write_text("anything")
        raise RuntimeError
    assert not folder.exists()
