"""What a module's compiled kernels are named after: its source and that of all it imports."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import xiangqi_gpt
from xiangqi_gpt.rules import kernel_cache

RULES = Path(xiangqi_gpt.__file__).parent / "rules"

# Adds up, calls it, and has nothing to do with it.
ADDING = "from .jit import INT, jit\nSTEP = 1\n\n@jit(INT)\ndef add(n):\n    return n + STEP\n"
CALLER = "from .adding import add\nfrom .jit import INT, jit\n\n@jit(INT)\ndef twice(n):\n    return add(add(n))\n"
STRANGER = "from .jit import INT, jit\n\n@jit(INT)\ndef double(n):\n    return 2 * n\n"
RUN = """
import json
from numba.core import event
from xiangqi_gpt.small.caller import twice
from xiangqi_gpt.small.stranger import double
with event.install_recorder("numba:compile") as recorder:
    results = [twice(5), double(5)]
print(json.dumps([results, sorted({e.data["dispatcher"].py_func.__name__ for _, e in recorder.buffer})]))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of our name with three tiny kernels; returns the folder they are in."""
    root = tmp_path / "xiangqi_gpt"
    small = root / "small"
    small.mkdir(parents=True)
    for folder in (root, small):
        (folder / "__init__.py").write_text("")
    for name in ("jit.py", "kernel_cache.py"):
        shutil.copy(RULES / name, small)
    for name, text in (("adding", ADDING), ("caller", CALLER), ("stranger", STRANGER)):
        (small / f"{name}.py").write_text(text)
    return small


def run(package: Path, **environment: str) -> tuple[list[int], list[str]]:
    """What the two kernels give in a new process, and the names of those that it had to compile."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")} | environment
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=package.parent.parent,
        env=variables,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results, compiled = json.loads(done.stdout)
    return results, compiled


@pytest.mark.slow
def test_a_changed_constant_compiles_its_users_anew_and_nothing_else(package: Path) -> None:
    assert run(package) == ([7, 10], ["add", "double", "twice"])
    assert run(package) == ([7, 10], [])
    adding = package / "adding.py"
    adding.write_text(ADDING.replace("STEP = 1", "STEP = 100"))
    assert run(package) == ([205, 10], ["add", "twice"])
    assert run(package) == ([205, 10], [])
    adding.write_text(ADDING)  # another branch of the repository, for example: its kernels are still there
    assert run(package) == ([7, 10], [])


@pytest.mark.slow
def test_a_package_that_is_moved_keeps_its_kernels(package: Path, tmp_path: Path) -> None:
    assert run(package)[1] == ["add", "double", "twice"]
    (tmp_path / "elsewhere").mkdir()
    package.parent.rename(tmp_path / "elsewhere" / "xiangqi_gpt")
    assert run(tmp_path / "elsewhere" / "xiangqi_gpt" / "small") == ([7, 10], [])


@pytest.mark.slow
def test_another_processor_has_kernels_of_its_own_beside_the_first(package: Path) -> None:
    other = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    assert run(package)[1] == ["add", "double", "twice"]
    assert run(package, **other) == ([7, 10], ["add", "double", "twice"])
    assert run(package)[1] == [] == run(package, **other)[1]


@pytest.mark.slow
def test_only_the_latest_sources_of_a_module_stay(package: Path) -> None:
    def folders(module: str) -> int:
        return len(list((package / "__pycache__").glob(f"kernels-*/small.{module}-*")))

    for step in range(5):
        (package / "stranger.py").write_text(STRANGER + f"# {step}\n")
        run(package)
    assert (folders("stranger"), folders("caller"), folders("adding")) == (3, 1, 1)


def test_what_nobody_used_for_a_month_goes_and_what_others_use_stays(tmp_path: Path) -> None:
    mine, other, forgotten = (tmp_path / f"kernels-{name}" for name in ("mine", "other", "forgotten"))
    new = mine / "rules.kernels-new"
    elsewhere = [mine / f"rules.kernels-{n}" for n in range(6)]  # of other installations that share the folder
    for folder in (new, *elsewhere, other, forgotten):
        folder.mkdir(parents=True)
    long_ago = time.time() - 31 * 24 * 3600
    os.utime(forgotten, (long_ago, long_ago))
    os.utime(elsewhere[0], (long_ago, long_ago))
    kernel_cache._clean(tmp_path, new, "rules.kernels", is_shared=True)
    assert {path.name for path in tmp_path.iterdir()} == {"kernels-mine", "kernels-other"}
    assert set(mine.iterdir()) == {new, *elsewhere[1:]}


def imported(folder: Path, monkeypatch: pytest.MonkeyPatch, module: str) -> set[str]:
    """Names of the modules that a module of the package in ``folder`` is named after."""
    monkeypatch.setattr(kernel_cache, "_ROOT", folder)
    for cached in (kernel_cache._file, kernel_cache._imported, kernel_cache._bound_names):
        cached.cache_clear()
    file = kernel_cache._file(module)
    assert file is not None
    try:
        return {name for name, _ in kernel_cache._imported(module, file)}
    finally:
        for cached in (kernel_cache._file, kernel_cache._imported, kernel_cache._bound_names):
            cached.cache_clear()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("from . import kernels", {"rules.kernels"}),
        ("from .kernels import MOVES", {"rules.kernels"}),
        ("from .. import rules", {"rules"}),
        ("from ..records.text import X", {"records.text"}),
        ("import xiangqi_gpt.rules.kernels as k", {"rules.kernels"}),
        ("from xiangqi_gpt.rules import kernels", {"rules.kernels"}),
        ("from xiangqi_gpt.rules import kernels, Board", {"rules.kernels", "rules"}),
        ("from xiangqi_gpt.rules import perft", {"rules"}),  # the function of this name, not the module
        ("from xiangqi_gpt.rules.kernels import MOVES as M", {"rules.kernels"}),
        (
            "try:\n    from .kernels import A\nexcept ImportError:\n    from .perft import A",
            {"rules.kernels", "rules.perft"},
        ),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .kernels import A", set()),
        ("def later():\n    from .kernels import A", set()),
        ("import numpy, xiangqi_gpt_other", set()),
    ],
)
def test_every_kind_of_import_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, names: set[str]
) -> None:
    for name in ("__init__", "rules/kernels", "rules/perft", "rules/asking", "records/__init__", "records/text"):
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    (tmp_path / "rules" / "__init__.py").write_text("from .perft import perft\nclass Board: ...\n")
    (tmp_path / "rules" / "asking.py").write_text(line + "\n")
    assert imported(tmp_path, monkeypatch, "xiangqi_gpt.rules.asking") == {f"xiangqi_gpt.{name}" for name in names}
