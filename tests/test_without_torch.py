"""Playing, analysing and serving as an engine do without PyTorch, even where it is not installed."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from patience import PATIENCE
from random_models import save_random_model

#: Where PyTorch is missing, ``import torch`` raises what it raises after this.
WITHOUT = "import sys; sys.modules['torch'] = None\n"
END = "\nassert sys.modules['torch'] is None; print('done')"


def run(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT + code + END]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)


@pytest.fixture(scope="module")
def blind_model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("blind")
    save_random_model(folder, features="none")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        # A policy, all replies, and many games at once.
        """
from xiangqi_gpt.players import load_player
from xiangqi_gpt.rules import Board
player = load_player("gpt:{nano},temperature=0.5", seed=1)
assert player.choose(Board()).move in Board().legal_moves
assert len(player.reply_values(Board())) == 44
assert len(player.choose_many([Board(), Board()])) == 2""",
        # The analysis of a game.
        """
from xiangqi_gpt.commands.main import main
assert main(["analyse", "{sample}", "--model", "{nano}"]) == 0""",
        # What the window asks: every move of a game, the decoded board, the illegal move that was wanted.
        """
from xiangqi_gpt.gui.state.displayed_moves import PositionRequest
from xiangqi_gpt.gui.worker.analyst import annotate, look
from xiangqi_gpt.gui.worker.messages import Look
from xiangqi_gpt.players import load_player
from xiangqi_gpt.rules import START_FEN, Move
position = PositionRequest(START_FEN, (Move.from_iccs("h2e2"), Move.from_iccs("h9g7")))
assert look(load_player("gpt:blind"), Look(1, "gpt:blind", position)).decoded is not None
assert look(load_player("gpt:{blind}"), Look(1, "gpt:{blind}", position)).illegal is not None
steps = annotate(load_player("gpt:{nano}"), position)
assert {{note.ply for step in steps for note in step.notes}} == {{1, 2}}""",
        # A match of a policy against a search.
        """
from xiangqi_gpt.commands.main import main
players = ["--player", "gpt:{nano}", "--player", "search:{nano},nodes=20"]
assert main(["match", "--games", "2", "--max-plies", "6", "--pgn", "{out}", *players]) == 0""",
    ],
    ids=["player", "analyse", "window", "match"],
)
def test_it_works_without_torch(code, nano_model, blind_model, tmp_path):
    sample = Path(__file__).resolve().parent.parent / "data" / "games" / "sample.pgn"
    found = run(code.format(nano=nano_model, blind=blind_model, sample=sample, out=tmp_path / "match.pgn"))
    assert found.returncode == 0, found.stderr
    assert found.stdout.endswith("done\n")


@pytest.mark.slow
def test_an_engine_answers_without_torch(nano_model):
    code = f"""
from xiangqi_gpt.commands.main import main
assert main(["engine", "--nodes", "20", "--model", {str(nano_model)!r}]) == 0"""
    command = [sys.executable, "-c", WITHOUT + code + END]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as engine:
        guard = threading.Timer(PATIENCE, engine.kill)
        guard.start()
        engine.stdin.write("uci\nposition startpos\ngo nodes 20\n")
        engine.stdin.flush()
        assert any(line.startswith("bestmove") for line in engine.stdout)
        assert engine.communicate("quit\n")[0].endswith("done\n")
        guard.cancel()
    assert engine.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("shape", [{"body": "gpt2"}, {"features": "none", "vocabulary": "iccs-1"}])
def test_a_model_that_needs_torch_says_so_in_one_line(tmp_path, shape):
    import json

    save_random_model(tmp_path, **({} if "body" in shape else {"features": "none"}))
    path = tmp_path / "config.json"
    settings = json.loads(path.read_text())
    settings["model"] |= {name: value for name, value in shape.items() if name != "features"}
    path.write_text(json.dumps(settings))
    sample = Path(__file__).resolve().parent.parent / "data" / "games" / "sample.pgn"
    code = f"""
from xiangqi_gpt.commands.main import main
assert main(["analyse", {str(sample)!r}, "--model", {str(tmp_path)!r}]) == 2"""
    found = run(code)
    assert found.returncode == 0, found.stderr
    assert found.stderr.count("\n") == 1
    assert "needs PyTorch, which is not installed" in found.stderr
    assert "pip install" in found.stderr


@pytest.mark.parametrize("words", ["train --out {out}", "evaluate", "describe", "finetune --nonsense"])
def test_training_says_how_to_set_it_up_before_it_reads_anything(words, tmp_path):
    out = tmp_path / "missing"
    code = f"""
from xiangqi_gpt.commands.main import main
assert main({words.format(out=out).split()!r}) == 2"""
    found = run(code)
    assert found.returncode == 0, found.stderr
    assert found.stderr.count("\n") == 1
    assert "needs PyTorch, which is not installed: " in found.stderr
    assert '-e ".[train]"' in found.stderr
    assert not out.exists()
