"""One process at a time in a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xiangqi_gpt.files import one_writer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs locks on folders")

OTHER = "import sys; from xiangqi_gpt.files import one_writer\nwith one_writer(sys.argv[1]): print('in')"


def other(folder: Path) -> str:
    """What another process says that wants to write there, or how it is refused."""
    done = subprocess.run([sys.executable, "-c", OTHER, str(folder)], capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_another_process_is_refused_while_one_writes_and_the_same_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with one_writer(tmp_path / "run"), one_writer(tmp_path / "link") as again:
        assert again == tmp_path / "run"
        for name in ("run", "link"):
            said = other(tmp_path / name)
            assert "another process is writing it" in said and str(tmp_path / name) in said
    assert other(tmp_path / "run") == "in"


def test_a_folder_made_for_nothing_goes_again(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), one_writer(tmp_path / "new"):
        raise RuntimeError
    with pytest.raises(RuntimeError), one_writer(tmp_path / "kept"):
        (tmp_path / "kept" / "a.txt").touch()
        raise RuntimeError
    (tmp_path / "old").mkdir()
    with pytest.raises(RuntimeError), one_writer(tmp_path / "old"):
        raise RuntimeError
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "old"]
