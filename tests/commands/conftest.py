"""What the tests of all commands share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from patience import PATIENCE

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Runs the real program in an empty folder, in a process of its own."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "xiangqi_gpt", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)

    return run


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Callable[[Sequence[str]], str]:
    """Runs a command that must refuse its input with status 2 and one line, nothing else; gives the line."""
    from xiangqi_gpt.commands.main import main

    def run(words: Sequence[str]) -> str:
        try:
            status = main(words)
        except SystemExit as exit_:  # the parser's own way out
            status = exit_.code  # type: ignore[assignment]
        out, err = capsys.readouterr()
        assert (status, out) == (2, "")
        assert err.startswith("xiangqi-gpt") and err.count("\n") == 1 and err.endswith("\n"), err
        return err

    return run
