"""Several processes train one model."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from patience import PATIENCE

from xiangqi_gpt.training.errors import TrainingError
from xiangqi_gpt.training.run.progress_report import read_metrics
from xiangqi_gpt.training.runtime.processes import Processes, find_device

ROOT = Path(__file__).resolve().parents[3]


def _losses(out: Path, *launcher: str) -> list[float]:
    settings = ["--preset", "nano", "--steps", "5", "--batch-plies", "1500", "--precision", "fp32", "--threads", "1"]
    command = [sys.executable, *launcher, str(ROOT / "train.py"), *settings, "--evaluate-games", "9", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("model: ") == 1
    return [line["loss"] for line in read_metrics(out) if "loss" in line]


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_available(), reason="PyTorch was built without distributed")
def test_two_processes_learn_as_one(tmp_path: Path) -> None:
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    one, two = _losses(tmp_path / "one"), _losses(tmp_path / "two", *launcher)
    assert len(one) == 5
    assert two == pytest.approx(one, abs=3e-4)
    assert two[-1] < two[0]


def test_one_process_needs_no_connection() -> None:
    alone = Processes()
    assert alone.is_first
    assert alone.sum([1.5, 2.0]) == [1.5, 2.0]
    alone.wait()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_named() -> None:
    with pytest.raises(TrainingError, match="sees no GPU"):
        find_device("cuda")
