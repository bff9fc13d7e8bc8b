"""``train`` as a user runs it: the real command in a process of its own."""

import dataclasses
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from patience import PATIENCE, wait_until
from random_games import random_game

from xiangqi_gpt.commands.train import build_parser
from xiangqi_gpt.inference.config import BODIES, FEATURE_SETS, PRESETS
from xiangqi_gpt.inference.tokenizers import TOKENIZERS
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.records import Game, write_pgn
from xiangqi_gpt.training.config import TrainConfig

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def games(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PGN file of 80 random games."""
    random = np.random.default_rng(0)
    records = []
    for _ in range(80):
        records.append(Game.from_board(random_game(random, 25), result="1-0", Kind="master"))
    path = tmp_path_factory.mktemp("games") / "games.pgn"
    write_pgn(records, path, notation="chinese")
    return path


Program = Callable[..., "subprocess.CompletedProcess[str]"]


def _train(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "train.py"), "--preset", "nano", "--threads", "1", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL
    )


@pytest.mark.slow
def test_the_command_trains_on_chinese_pgn_and_the_model_can_be_played(
    games: Path, tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    steps = ("--preset", "nano", "--threads", "1", "--steps", "20", "--batch-plies", "512", "--precision", "fp32")
    done = program("train", "--corpus", str(games), *steps, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert re.search(r"^held-out games, \d+ plies: \d\.\d+ nats a move, top-1 ", done.stdout, re.MULTILINE)
    assert load_model(out).config.width == 64
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == list(range(1, 21))
    assert lines[-1]["held_out_nats_per_move"] < 4
    monkeypatch.setattr(sys, "stdin", io.StringIO("炮二平五\nquit\n"))
    played = program("play", "--terminal", "--model", str(out))
    assert played.returncode == 0, played.stderr
    assert "Black plays" in played.stdout


@pytest.mark.slow
def test_a_killed_run_resumes_and_finishes(games: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = ["--corpus", str(games), "--steps", "120", "--batch-plies", "512", "--out", str(out)]
    often = ["--checkpoint-every", "0.001"]
    command = [sys.executable, str(ROOT / "train.py"), "--preset", "nano", "--threads", "1", *arguments, *often]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: list(out.glob("step-*")) or process.poll() is not None)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list(out.glob("step-*"))
    done = _train("--resume", "--out", out)
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line)["step"] for line in (out / "metrics.jsonl").read_text().splitlines() if "loss" in line]
    assert sorted(set(steps)) == list(range(1, 121))
    assert len([step for step in steps if step == 1]) == 1
    other = _train("--resume", "--batch-plies", "1024", "--out", out)
    assert other.returncode == 2
    assert "--batch-plies 1024: the run in" in other.stderr
    assert json.loads((out / "config.json").read_text())["step"] == 120
    load_model(out)


def test_the_choices_are_those_of_the_model() -> None:
    choices = {field.name: field.metadata.get("choices") for field in dataclasses.fields(TrainConfig)}
    assert choices["preset"] == ("auto", *PRESETS)
    assert choices["features"] == FEATURE_SETS
    assert choices["tokenizer"] == tuple(TOKENIZERS)
    assert choices["body"] == BODIES


def test_help_explains_every_option() -> None:
    text = build_parser().format_help()
    fields = [field for field in dataclasses.fields(TrainConfig) if not field.metadata.get("is_hidden")]
    for field in fields:
        assert f"--{field.name.replace('_', '-')}" in text
        assert len(field.metadata["help"]) > 15
    assert {a.dest for a in build_parser()._actions} == {field.name for field in fields} | {"help"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--corpus", "nowhere.pgn"], "no such corpus: nowhere.pgn"),
        (["--corpus", "GARBAGE.parquet"], "is not a Parquet file"),
        (["--corpus", "GARBAGE.xyz"], "unknown format"),
        (["--corpus", "EMPTY.pgn"], "EMPTY.pgn"),
        (["--minutes", "-1"], "--minutes"),
        (["--minutes", "soon"], "--minutes"),
        (["--batch-plies", "0"], "--batch-plies"),
        (["--warmup", "1.5"], "--warmup 1.5: expected a number from 0 to 1"),
        (["--preset", "giant"], "--preset"),
        (["--minutes", "inf"], "--minutes inf: expected a number"),
        (["--threads", "100000"], "--threads 100000: expected at most 1024"),
        (["--seed", "9" * 30], "expected at most"),
        pytest.param(
            ["--device", "cuda"], "no GPU", marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
        ),
        (["--resume", "--out", "nothing-here"], "no run to go on with in nothing-here"),
        (["--flavour", "x"], "--flavour"),
        (["--start-from", "default"], "--preset nano: a run with --start-from has the shape of that model"),
        (["--tokenizer", "iccs", "--features", "full"], "has features none"),
        (["--lengths", "16", "0"], "--lengths 16 0: expected numbers above 0"),
        (["--corpus", "."], ". is a folder of records: first make one corpus of them"),
        (["--corpus", ".", "EMPTY.pgn"], "a training store is given alone"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Callable[[Sequence[str]], str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GARBAGE.parquet", "GARBAGE.xyz"):
        Path(name).write_bytes(b"this is nothing that anybody could read")
    Path("EMPTY.pgn").write_bytes(b"")
    assert words in refusal(["train", "--preset", "nano", *arguments])
    assert not (tmp_path / "runs" / "model" / "tokens").exists()
