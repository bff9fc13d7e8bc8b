"""``xiangqi-gpt play``: what happens before there is a window."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from patience import PATIENCE
from xiangqi_gpt.gui import launch

from xiangqi_gpt.commands import play
from xiangqi_gpt.inference.vocabulary import VOCABULARY

Refusal = Callable[[Sequence[str]], str]

COMMAND = [sys.executable, "-m", "xiangqi_gpt", "play"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, without a display."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=inherited,
    )


@pytest.fixture
def no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a display, but a window must not open on it."""

    def opened(*_: object) -> None:
        raise AssertionError("a window was opened")

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(launch, "App", opened)


@pytest.mark.slow
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
def test_wrong_arguments_are_refused_before_a_window_opens(
    arguments: list[str], words: str, no_window: None, refusal: Refusal
) -> None:
    said = refusal(["play", *arguments])
    assert words in said and "internal error" not in said


def test_help_explains_every_option(program: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = program("play", "--help")
    assert done.returncode == 0
    for option in ("--player", "--model", "--side", "--fen", "--seed", "--terminal", "--language"):
        assert option in done.stdout


def test_a_damaged_model_is_named_before_a_window_opens(tmp_path: Path, no_window: None, refusal: Refusal) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model": {"vocabulary": VOCABULARY}}))
    (tmp_path / "model.safetensors").write_bytes(b"cut short")
    assert "model.safetensors cannot be read" in refusal(["play", "--model", str(tmp_path)])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xqf", b"\x01\x02" * 200, "a.xqf"),
        ("a.pgn", b"hello world", "holds no game and no position"),
        ("a.pgn", b'[Event "x"]\n\n1. a0a9 h9g7 *\n', "a0a9 is not legal"),
        ("a.jsonl", b"{}\n", "a.jsonl"),
    ],
)
def test_a_damaged_file_is_told_in_the_terminal_it_was_named_in(
    no_window: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    refusal: Refusal,
    name: str,
    content: bytes,
    words: str,
) -> None:
    (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert words in refusal(["play", "--player", "greedy", str(tmp_path / name)])


def test_a_game_of_which_the_beginning_can_be_read_opens(tmp_path: Path) -> None:
    path = tmp_path / "a.pgn"
    path.write_text("1. h2e2 h9g7 2. nonsense a0a9 *")
    play._check_record(str(path))
