"""Compiled kernels are kept on disk, wherever the package is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE

import xiangqi_gpt

MESSAGE = "xiangqi-gpt: compiling the rules for the first time, this takes some seconds ..."
QUERY = "from xiangqi_gpt.rules import Board; print(len(Board().legal_moves))"


def run(code: str, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh Python process, which finds its modules in ``folder`` first."""
    variables = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"} | environment
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def unwritable_package(tmp_path: Path) -> Path:
    """A copy of the rules beside which nothing can be cached.

    Permission bits would not stop root, so the place of the cache folder is taken by a file.
    """
    source = Path(xiangqi_gpt.__file__).parent
    target = tmp_path / "site" / "xiangqi_gpt"
    shutil.copytree(source / "rules", target / "rules", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "__init__.py", target)
    (target / "rules" / "__pycache__").write_text("")
    return target.parent


def test_importing_compiles_nothing(cache: str) -> None:
    done = run(
        "import xiangqi_gpt.rules, xiangqi_gpt.rules.position_features, xiangqi_gpt.rules.compile_kernels",
        NUMBA_CACHE_DIR=cache,
    )
    assert done.stderr == ""
    assert not any(Path(cache).rglob("*.nbc"))


@pytest.mark.slow
def test_a_first_query_says_once_what_it_waits_for(cache: str) -> None:
    cold = run(QUERY, NUMBA_CACHE_DIR=cache)
    assert (cold.stdout, cold.stderr) == ("44\n", f"{MESSAGE}\n")
    warm = run(QUERY, NUMBA_CACHE_DIR=cache)
    assert (warm.stdout, warm.stderr) == ("44\n", "")


@pytest.mark.slow
def test_after_warming_nothing_is_left_to_compile(cache: str, tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason="warm compiles the players' kernels too")
    code = (
        "import numpy as np\n"
        "from numba.core import event\n"
        "from xiangqi_gpt.rules import *\n"
        "from xiangqi_gpt.rules.perft import divide\n"
        "from xiangqi_gpt.rules.compile_kernels import compile_kernels\n"
        "print(compile_kernels() > 0, compile_kernels())\n"
        "with event.install_recorder('numba:run_pass') as recorder:\n"
        "    board = Board('2r6/9/4k4/9/9/9/9/N8/9/3K5 b - - 0 1')\n"
        "    for text in ('c9a9', 'a2c1', 'a9c9', 'c1a2') * 2:\n"
        "        board.check_legal(Move.from_iccs(text))\n"
        "        board.push(Move.from_iccs(text))\n"
        "    print(board.outcome())\n"
        "    for move in board.legal_moves:\n"
        "        assert parse_move(board, to_chinese(board, move)) == parse_move(board, to_wxf(board, move)) == move\n"
        "    board.checkers(), board.mirror().is_check(), board.copy(stack=False).outcome(), divide(board, 2)\n"
        "    boards, sides = stack_boards([board, Board()])\n"
        "    legal_mask(boards, sides)\n"
        "    moves = np.array([next(iter(board.legal_moves)).index, 576], np.int16)\n"
        "    push_batch(boards, sides, moves)\n"
        "    replay_games(moves.astype(np.uint16), np.array([0, 1, 2]), threads=2)\n"
        "    why_illegal(board, 0, 1)\n"
        "print(sorted({passed.data['qualname'] for _, passed in recorder.buffer}))\n"
    )
    first = run(code, NUMBA_CACHE_DIR=cache)
    assert first.stdout.splitlines() == [
        "True 0",
        "red wins (perpetual chase): Black's rook chased the horse",
        "[]",
    ]
    command = "from xiangqi_gpt.commands.main import main; main(['warm'])"
    run(command, NUMBA_CACHE_DIR=cache)  # the records have kernels too
    assert run(command, NUMBA_CACHE_DIR=cache).stdout.startswith("the rules were compiled already; loaded in ")
    corpus = (
        "from xiangqi_gpt.records import Game, read_batches, write_corpus\n"
        "from xiangqi_gpt.records.store.token_store import assign_splits\n"
        "from xiangqi_gpt.rules import Move\n"
        "write_corpus([Game(moves=[Move.from_iccs('h2e2')])], 'c.parquet')\n"
        "print([assign_splits(batch.moves, batch.offsets).size for batch in read_batches('c.parquet')])\n"
    )
    read = run(corpus, tmp_path, NUMBA_CACHE_DIR=cache)
    assert (read.stdout, read.stderr) == ("[1]\n", "")


@pytest.mark.slow
def test_a_read_only_install_caches_in_the_users_folder(unwritable_package: Path, tmp_path: Path) -> None:
    places = {"XDG_CACHE_HOME": str(tmp_path / "home")}
    origin = "import xiangqi_gpt.rules; print(xiangqi_gpt.rules.__file__)"
    assert run(origin, unwritable_package, **places).stdout.startswith(str(unwritable_package))
    assert run(QUERY, unwritable_package, **places).stderr == f"{MESSAGE}\n"
    assert any((tmp_path / "home").rglob("*.nbc"))
    assert run(QUERY, unwritable_package, **places).stderr == ""


@pytest.mark.slow
def test_nowhere_to_cache_is_no_error(unwritable_package: Path, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    places = {"XDG_CACHE_HOME": str(tmp_path / "home"), "HOME": str(tmp_path / "home")}
    for _ in range(2):
        done = run(QUERY, unwritable_package, **places)
        assert (done.stdout, done.stderr) == ("44\n", f"{MESSAGE}\n")


@pytest.mark.slow
def test_a_change_in_what_a_kernel_imports_compiles_it_anew(tmp_path: Path) -> None:
    """Legality is compiled into the move list: an old list must not outlive a change of the tables."""
    source = Path(xiangqi_gpt.__file__).parent
    package = tmp_path / "xiangqi_gpt"
    shutil.copytree(source / "rules", package / "rules", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "__init__.py", package)
    assert run(QUERY, tmp_path).stderr == f"{MESSAGE}\n"
    assert run(QUERY, tmp_path).stderr == ""
    pieces = package / "rules" / "pieces.py"
    pieces.write_text(pieces.read_text() + "\n# changed\n")
    assert run(QUERY, tmp_path).stderr == f"{MESSAGE}\n"
    assert len(list((package / "rules" / "__pycache__").glob("kernels-*"))) == 1
