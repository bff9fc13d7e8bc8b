import io
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("door", "option"), [("play.py", "--terminal"), ("train.py", "--corpus")])
def test_a_door_is_the_command(door, option):
    done = subprocess.run(
        [sys.executable, ROOT / door, "--help"], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert f"xiangqi-gpt {Path(door).stem}" in done.stdout
    assert option in done.stdout


@pytest.mark.parametrize("door", ["play.py", "train.py"])
def test_a_checkout_that_is_not_installed_says_what_to_do(door):
    without_packages = [sys.executable, "-S", ROOT / door, "--help"]
    done = subprocess.run(without_packages, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert done.stderr == f"{door}: not set up for this Python: see README.md; later .venv/bin/python {door}\n"


def test_the_model_to_play_may_be_a_search(program, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("quit\n"))
    done = program("play", "--terminal", "--model", "search:default,nodes=4")
    assert (done.returncode, done.stderr) == (0, "")
    assert "You play Red against Model with search: searches 4 positions. " in done.stdout
