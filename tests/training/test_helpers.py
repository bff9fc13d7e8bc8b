"""``overfit`` and ``describe``: what a trainer runs first."""

from pathlib import Path

import pytest

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt


@pytest.mark.parametrize(
    "options", [["--features", "full"], pytest.param(["--features", "none"], marks=pytest.mark.slow)]
)
def test_one_batch_is_learned_by_heart(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["overfit", "--preset", "nano", "--threads", "1", "--batch-plies", "128", "--steps", "120", *options]
    assert main(arguments) == 0
    assert "known by heart after" in capsys.readouterr().out


def test_what_is_not_learned_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["overfit", "--preset", "nano", "--threads", "1", "--batch-plies", "256", "--steps", "1"]
    assert main(arguments) == 1
    assert "NOT known by heart after 1 steps" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["nano", "a folder", pytest.param("default", marks=pytest.mark.slow)])
def test_a_model_is_described_with_its_size_and_speed(
    name: str, nano_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = {"a folder": str(nano_model)}.get(name, name)
    assert main(["describe", name, "--threads", "1", "--batch-plies", "256", "--timed", "1"]) == 0
    shown = capsys.readouterr().out
    model = Gpt(PRESETS[name]) if name in PRESETS else load_model(name)
    assert f"{model.parameter_count():,}" in shown
    for word in ("learns", "reads", "makes batches", "plies/s", "MiB"):
        assert word in shown


def test_an_unknown_model_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "nobody"]) == 2
    assert "no model named 'nobody'" in capsys.readouterr().err
