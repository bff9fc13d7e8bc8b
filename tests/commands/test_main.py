"""The program without a command, and its version."""

from __future__ import annotations

import subprocess
from pathlib import Path
from unittest.mock import patch

import pytest

from xiangqi_gpt import __version__
from xiangqi_gpt.commands import play, version
from xiangqi_gpt.commands.main import main


@pytest.mark.parametrize("words", [[], ["game.pgn"], ["game.pgn", "--language", "zh"], ["--terminal"]])
def test_without_a_command_the_board_opens(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "game.pgn").write_text("1. h2e2 *\n")
    with patch.object(play, "main", return_value=5) as opened:
        assert main(words) == 5
    opened.assert_called_once_with(words)


def test_a_name_that_is_neither_command_nor_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("x" * 5000, "mach"):
        assert main([name]) == 2
        assert "unknown command" in capsys.readouterr().err


def test_a_command_wins_over_a_file_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "perft").write_text("not a command")
    assert main(["perft", "1"]) == 0


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_version_of_a_checkout_names_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "xiangqi_gpt" / "commands" / "version.py"
    file.parent.mkdir(parents=True)
    file.write_text("")
    monkeypatch.setattr(version, "__file__", str(file))
    monkeypatch.setattr(version, "_installed_from", str)
    assert version.version_line() == f"xiangqi-gpt {__version__}"  # not a checkout
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "first")
    commit = _git(tmp_path, "rev-parse", "--short=9", "HEAD")
    assert version.version_line() == f"xiangqi-gpt {__version__} ({commit})"
    file.write_text("changed")
    assert version.version_line() == f"xiangqi-gpt {__version__} ({commit}+)"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert version.version_line() == f"xiangqi-gpt {__version__}"  # no git


def test_the_version_of_a_release_names_the_commit_it_was_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "commit.txt").write_text("abc123\n")
    monkeypatch.setattr(version.resources, "files", lambda package: tmp_path)
    assert version.version_line() == f"xiangqi-gpt {__version__} (abc123)"
