"""What every test folder may use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from importlib.util import find_spec
from pathlib import Path

# Threads that wait for each other cost ten times the arithmetic in models as small as these. Before PyTorch starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Tests read what is said in English, also where the system speaks Chinese.
os.environ.update({name: "C.UTF-8" for name in ("LC_ALL", "LC_MESSAGES", "LANG") if "zh" in os.environ.get(name, "")})

import pytest
from hypothesis import settings
from patience import PATIENCE

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.machine import let_threads_sleep, use_one_blas_thread

# Before a test imports PyTorch or numpy, as the commands do.
let_threads_sleep()
use_one_blas_thread()

# A busy machine, or a kernel's first call, is slow now and then: that is no failure.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def nano_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that chooses at random, in a way; a blank in its name must not matter."""
    from random_models import save_random_model

    folder = tmp_path_factory.mktemp("nano model")
    save_random_model(folder, seed=1)
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real games and cases beside the checkout; tests that ask for it are skipped where it is missing."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("no shared/ folder beside this checkout")
    return folder


# --- commands


def _status(words: Sequence[str]) -> int:
    """Run a command in this process; returns the exit status."""
    try:
        return main(words)
    except SystemExit as exit_:  # the parser's own way out
        return exit_.code  # type: ignore[return-value]


@pytest.fixture
def real_program(tmp_path: Path) -> Program:
    """Runs the real program in an empty folder, in a process of its own: a second or more, so once a command."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "xiangqi_gpt", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)

    return run


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """Runs the program in an empty folder, in this process; says what ``real_program`` would say."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        status = _status(words)
        return subprocess.CompletedProcess(words, status, *capsys.readouterr())

    return run


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Callable[[Sequence[str]], str]:
    """Runs a command that must refuse its input with status 2 and one line, nothing else; gives the line."""

    def run(words: Sequence[str]) -> str:
        status = _status(words)
        out, err = capsys.readouterr()
        assert (status, out) == (2, "")
        assert err.startswith("xiangqi-gpt") and err.count("\n") == 1 and err.endswith("\n"), err
        return err

    return run


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Skip a module that cannot be imported where PyTorch is not installed, as for those who only play."""
    report = yield
    if report.failed and "No module named 'torch'" in str(report.longrepr) and find_spec("torch") is None:
        report.outcome = "skipped"
        report.longrepr = (str(collector.path), 0, "Skipped: PyTorch is not installed")
    return report
