"""A wheel holds the whole program: it plays, analyses and measures from any folder, without what only training needs.

``WHEEL=hidden pytest tests/test_wheel.py`` unpacks it beside this environment's packages, those of the extras hidden;
``WHEEL=fresh`` installs it into an environment of its own, which fetches all that it depends on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pages import ROOT, calls
from torch_commands import NEED_TORCH

HOW = os.environ.get("WHEEL", "")
HAS_ENGINE = shutil.which("fairy-stockfish") or shutil.which("fairy-stockfish", path="/usr/games")
HIDDEN = 'raise ModuleNotFoundError("No module named {0!r}", name="{0}")\n'
EXTRAS = ("torch", "tensorboard", "matplotlib", "ray", "duckdb", "opencc")
GAME = '[Event "a"]\n[Result "1-0"]\n\n1. h2e2 h9g7 2. h0g2 i9h9 3. i0h0 b9c7 1-0\n'
#: Opens the window of the program, and closes it as a user would once it is there.
WINDOW = """
import contextlib, sys, threading, time
import pygame
from xiangqi_gpt.commands.main import main

def close_when_open():
    while True:  # a first wish may come before the window listens, a last one when it is gone
        time.sleep(1)
        with contextlib.suppress(pygame.error):
            pygame.event.post(pygame.event.Event(pygame.QUIT))

threading.Thread(target=close_when_open, daemon=True).start()
sys.exit(main(["play", "--player", "random"]))
"""
Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = [
    pytest.mark.skipif(HOW not in ("hidden", "fresh"), reason="asked for by WHEEL=hidden or WHEEL=fresh"),
    pytest.mark.slow,
    pytest.mark.timeout(3000),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: what a build leaves behind would find its way into the next one."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in ("xiangqi_gpt", "gui", "data"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, source]
    subprocess.run(command, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the installed program's Python outside the checkout, in an empty folder unless another is named."""
    home = tmp_path_factory.mktemp("installed")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "NUMBA"))}
    environment |= {"HOME": str(home), "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    if HOW == "fresh":
        venv.create(home / "venv", with_pip=True)
        interpreter = home / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        pip = [interpreter, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel]
        subprocess.run(pip, check=True, env=environment)
    else:
        interpreter = Path(sys.executable)
        zipfile.ZipFile(wheel).extractall(home / "site")
        (home / "hidden").mkdir()
        for name in EXTRAS:
            (home / "hidden" / f"{name}.py").write_text(HIDDEN.format(name), encoding="utf-8")
        environment["PYTHONPATH"] = os.pathsep.join((str(home / "hidden"), str(home / "site")))

    def run(*arguments: str | Path, stdin: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        place = folder or home / "elsewhere"
        place.mkdir(exist_ok=True)
        return subprocess.run(
            [interpreter, *arguments],
            input=stdin,
            cwd=place,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    assert run("-m", "xiangqi_gpt", "warm").returncode == 0
    return run


@pytest.fixture
def program(python: Run, tmp_path: Path) -> Run:
    """The installed program, in a folder with a game and nothing else; it must end well and quietly."""
    (tmp_path / "game.pgn").write_text(GAME, encoding="utf-8")

    def run(*arguments: str, stdin: str = "", status: int = 0) -> subprocess.CompletedProcess[str]:
        done = python("-m", "xiangqi_gpt", *arguments, stdin=stdin, folder=tmp_path)
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def test_it_is_the_wheel_that_runs_and_the_extras_are_not_there(python: Run) -> None:
    done = python("-c", "import xiangqi_gpt.gui; print(xiangqi_gpt.gui.__file__)")
    assert done.returncode == 0 and not Path(done.stdout).is_relative_to(ROOT)
    for name in EXTRAS:
        assert "ModuleNotFoundError" in python("-c", f"import {name}").stderr


def test_nothing_but_the_program_is_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"xiangqi_gpt", wheel.name.rsplit("-", 3)[0] + ".dist-info"}
    assert not [name for name in names if "__pycache__" in name or "test" in name.split("/")[-1]]


def test_a_game_in_the_terminal(program: Run) -> None:
    done = program("play", "--terminal", "--seed", "1", stdin="炮二平五\nmoves\nquit\n")
    assert "You play 炮二平五 (h2e2)" in done.stdout and "Black plays" in done.stdout


def test_the_window_opens_and_closes(python: Run, tmp_path: Path) -> None:
    done = python("-c", WINDOW, folder=tmp_path)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr


def test_another_program_gets_a_move(program: Run) -> None:
    done = program("engine", stdin="uci\nposition startpos moves h2e2\ngo nodes 20\n")
    assert "uciok" in done.stdout and "bestmove" in done.stdout


def test_what_readme_shows_can_be_typed(program: Run, tmp_path: Path) -> None:
    """In its order, each later line with what the earlier ones left behind; everything made small."""
    for name in ("my.pgn", "my_games/a.pgn"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "data" / "games" / "sample.pgn", tmp_path / name)
    for name in ("runs/first", "runs/mine"):  # training is not part of it
        shutil.copytree(ROOT / "data" / "models" / "default", tmp_path / name)
    program("records", "convert", "game.pgn", "game.xqf")
    for call in calls("README.md"):
        words = smaller(call)
        if words:
            program(*words, stdin="quit\n")
    assert "<html" in (tmp_path / "r.html").read_text(encoding="utf-8")


def smaller(call: tuple[str, ...]) -> list[str]:
    """A call that takes seconds instead of hours; nothing where that cannot be, or where an engine is missing."""
    words = list(call)
    for option, value in {"--games": "2", "--limit": "2"}.items():
        if option in words:
            words[words.index(option) + 1] = value
    if words[0] in NEED_TORCH or any(word.endswith(".parquet") for word in words):
        return []
    if words[0] == "play":
        return [] if words[1:2] == ["game.xqf"] else [*words, "--terminal"]
    if words[0] == "match":
        words += ["--max-plies", "30"]
    is_possible = HAS_ENGINE or "fairy-stockfish" not in " ".join(words)
    return words if is_possible and words[0] not in ("ladder", "warm") else []


def test_training_without_the_extra_is_one_line_that_names_it(program: Run, tmp_path: Path) -> None:
    done = program("train", "--steps", "3", "--out", "run", status=2)
    assert done.stderr.count("\n") == 1 and "[train]" in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_corpus_without_the_extra_is_one_line_that_names_it(program: Run, tmp_path: Path) -> None:
    done = program("records", "convert", "game.pgn", "games.parquet", status=2)
    assert done.stderr.count("\n") == 1 and "[corpus]" in done.stderr
    assert not (tmp_path / "games.parquet").exists()


def test_a_cluster_without_the_extra_is_one_line(program: Run) -> None:
    done = program("match", "--player", "random", "--player", "random", "--ray", "local", status=2)
    said = [line for line in done.stderr.replace("\r", "\n").splitlines() if line and "| 0/20 [" not in line]
    assert len(said) == 1 and "[cluster]" in said[0]  # beside the bar at 0 games
