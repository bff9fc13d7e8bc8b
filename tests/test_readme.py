"""README must not promise what does not work."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from xiangqi_gpt.commands.main import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
DOORS = {"play.py": "play", "train.py": "train"}


def _shell_commands() -> list[list[str]]:
    """Every call of the program in README's shell blocks, as [subcommand, argument, ...]."""
    calls = []
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S):
        for line in block.splitlines():
            for part in line.split("#")[0].split("&&"):
                words = shlex.split(part)
                if words and words[0].endswith("xiangqi-gpt"):
                    calls.append(words[1:])
                elif len(words) > 1 and words[1] in DOORS:
                    calls.append([DOORS[words[1]], *words[2:]])
    return calls


def test_the_two_marked_commands_are_there_for_ci() -> None:
    for name, last in (("play", ".venv/bin/python play.py"), ("tests", ".venv/bin/python -m pytest -q")):
        block = re.search(rf"<!-- run: {name} -->\n```sh\n(.*?)\n```", TEXT, re.S)
        assert block is not None
        assert block[1].endswith(last)
        assert "xiangqi-gpt warm" in block[1]


@pytest.mark.parametrize("call", _shell_commands(), ids=" ".join)
def test_each_command_and_option_exists(call: list[str]) -> None:
    assert call[0] in COMMANDS
    options = [word for word in call[1:] if word.startswith("--")]
    if options:
        command = [sys.executable, "-m", "xiangqi_gpt", call[0], "--help"]
        text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        for option in options:
            assert re.search(rf"{option}\b", text), f"{call[0]} has no {option}"


def test_the_python_example_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    assert blocks
    for block in blocks:
        done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        assert re.fullmatch(r"([a-i]\d[a-i]\d \d+%\n){3}", done.stdout)


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", TEXT))
def test_links_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
