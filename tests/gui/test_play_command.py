"""``xiangqi-gpt play``: what happens before there is a window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE

COMMAND = [sys.executable, "-m", "xiangqi_gpt", "play"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=inherited | environment,
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_one_line_names_the_terminal_option() -> None:
    done = run()
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "--terminal" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--player", "nobody"], "nobody"),
        (["--fen", "9/9 w"], "10 ranks"),
        (["--model", "a", "--player", "b"], "--player"),
        (["--model", "no-such-model"], "no model named 'no-such-model'"),
        (["--model", str(Path(__file__).parent)], "config.json is missing"),
        (["--side", "green"], "green"),
        (["no-such-game.xqf"], "no such file: no-such-game.xqf"),
        ([__file__, "--terminal"], "--terminal"),
    ],
)
def test_wrong_arguments_are_refused_before_a_window_opens(arguments: list[str], words: str) -> None:
    done = run(*arguments, SDL_VIDEODRIVER="dummy")
    assert done.returncode == 2
    assert words in done.stderr and "Traceback" not in done.stderr


def test_help_explains_every_option() -> None:
    done = run("--help")
    assert done.returncode == 0
    for option in ("--player", "--model", "--side", "--fen", "--seed", "--terminal", "--language"):
        assert option in done.stdout


def test_a_damaged_model_is_named_before_a_window_opens(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"cut short")
    done = run("--model", str(tmp_path), SDL_VIDEODRIVER="dummy")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "model.safetensors cannot be read" in done.stderr
