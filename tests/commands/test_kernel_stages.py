"""What is compiled before and behind a game, and that ``warm`` leaves nothing to compile."""

import os
import subprocess
import sys
from pathlib import Path
from types import FunctionType, ModuleType

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher
from random_games import random_game

from xiangqi_gpt.commands import kernel_stages
from xiangqi_gpt.commands.kernel_stages import STAGES, stage
from xiangqi_gpt.records import Game, write_pgn
from xiangqi_gpt.rules import position_features
from xiangqi_gpt.rules.jit import KERNELS, Kernel

ENTRY = "import sys; from xiangqi_gpt.commands.main import main; sys.exit(main(sys.argv[1:]))"
RECORDED = """
import sys
from numba.core import event
from xiangqi_gpt.commands.main import main
with event.install_recorder("numba:compile") as recorder:
    status = main(sys.argv[1:])
print("compiled:", sorted({e.data["dispatcher"].py_func.__qualname__ for _, e in recorder.buffer}))
from xiangqi_gpt.rules.jit import KERNELS
print("more than one signature:", [kernel.full_name for kernel in KERNELS if len(kernel.overloads) > 1])
sys.exit(status)
"""


def run(code: str, *arguments: str | Path, folder: Path, text: str = "", **environment: str) -> str:
    """Output and errors of a program in a new process, which must succeed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=folder,
        env=os.environ | environment,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


IMPORT_ALL = """
import importlib, pkgutil, xiangqi_gpt
from xiangqi_gpt.rules.jit import KERNELS
for module in pkgutil.walk_packages(xiangqi_gpt.__path__, "xiangqi_gpt."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


@pytest.mark.slow
def test_no_import_compiles_a_kernel_or_loads_one(tmp_path: Path) -> None:
    code = IMPORT_ALL + "print(len(KERNELS) > 40, [kernel.full_name for kernel in KERNELS if kernel.overloads])"
    assert run(code, folder=tmp_path).splitlines()[-1] == "True []"


@pytest.mark.torch
def test_every_kernel_is_in_one_stage() -> None:
    exec(IMPORT_ALL, {})
    staged = [kernel.full_name for name in STAGES for kernel in stage(name)]
    own = [kernel.full_name for kernel in KERNELS if kernel.py_func.__module__.startswith("xiangqi_gpt.")]
    assert len(staged) == len(set(staged))
    assert set(staged) == set(own)


def _called(function: FunctionType) -> set[str]:
    """Names of the kernels that a function calls, itself or in its parts."""
    modules = [value for value in function.__globals__.values() if isinstance(value, ModuleType)]
    found = set()
    for name in function.__code__.co_names:
        for value in (function.__globals__.get(name), *(getattr(module, name, None) for module in modules)):
            if isinstance(value, Kernel):
                found.add(value.full_name)
            elif isinstance(value, Dispatcher):
                found |= _called(value.py_func)
    return found


def test_a_stage_calls_no_kernel_of_a_later_one() -> None:
    names = list(STAGES)
    ready: set[str] = set()
    for name in names:
        ready |= {kernel.full_name for kernel in stage(name)}
        assert set().union(*(_called(kernel.py_func) for kernel in stage(name))) <= ready, name
    called = _called(position_features.extract_features_batch.py_func)  # through its parts
    assert "rules.position_features.least_attacker" in called


@pytest.fixture(scope="module")
def warmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to work in, after ``xiangqi-gpt warm``; holds ``games.pgn``."""
    folder = tmp_path_factory.mktemp("warmed")
    random = np.random.default_rng(0)
    games = [Game.from_board(random_game(random, 20), result="1-0", Kind="master") for _ in range(60)]
    write_pgn(games, folder / "games.pgn", notation="chinese")
    run(ENTRY, "warm", folder=folder)
    assert run(ENTRY, "warm", folder=folder).startswith("the rules were compiled already; loaded in ")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("play --terminal --player gpt:{model} --seed 1", "h2e2\nlegal\n炮八平五\nhint\nundo\nquit\n"),
        ("match --player search:{model},nodes=20 --player greedy --games 2 --max-plies 12 --pgn out.pgn", ""),
        ("records import games.pgn --out corpus.parquet --workers 1", ""),
        ("train --corpus games.pgn --preset nano --threads 1 --steps 2 --batch-plies 256 --out run", ""),
    ],
    ids=lambda value: str(value).partition(" ")[0],
)
def test_warm_leaves_nothing_to_compile(warmed: Path, nano_model: Path, arguments: str, text: str) -> None:
    words = [word.replace("{model}", str(nano_model)) for word in arguments.split()]
    output = run(RECORDED, *words, folder=warmed, text=text)
    assert "compiled: []\n" in output
    assert "more than one signature: []\n" in output
    assert "compiling" not in output  # what processes that it started would have said


@pytest.mark.slow
def test_a_first_game_says_what_it_waits_for_and_leaves_no_process(tmp_path: Path, nano_model: Path) -> None:
    cold = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    words = ["play", "--terminal", "--player", f"gpt:{nano_model}", "--seed", "1"]
    output = run(RECORDED, *words, folder=tmp_path, text="h2e2\nquit\n", **cold)
    said = [line for line in output.splitlines() if "compiling" in line]
    assert len(said) == 1 and said[0].startswith("xiangqi-gpt: compiling the rules (")
    assert output.index(said[0]) < output.index("You play Red") < output.index("You play 炮二平五 (h2e2)")
    assert "Black plays " in output
    assert len(list((tmp_path / "cache").glob("kernels-*"))) == 1


def test_where_nothing_can_be_kept_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kernel_stages, "_folders", list)
    monkeypatch.setattr(kernel_stages, "compile_stages", lambda *_, **__: 0)
    kernel_stages.prepare_to_play("move", show_rest=False)
    assert capsys.readouterr().err.count("\n") == 1
