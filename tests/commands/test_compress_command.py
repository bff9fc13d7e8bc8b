"""``compress``, and what a student learns of its teacher."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from random_games import random_game

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.model.checkpoint import load_model, save_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records import Game, batch_from_games, write_pgn
from xiangqi_gpt.records.store.token_store import TokenStore, build_store
from xiangqi_gpt.training.config import CompressConfig, TrainConfig
from xiangqi_gpt.training.errors import TrainingError
from xiangqi_gpt.training.optim.objective import Totals, forward
from xiangqi_gpt.training.recipes.compress import make_student
from xiangqi_gpt.training.recipes.distil import Distiller
from xiangqi_gpt.training.run.trainer import Trainer


def _games(count: int = 60) -> list[Game]:
    random = np.random.default_rng(0)
    return [Game.from_board(random_game(random, 12), result="1-0", Kind="master") for _ in range(count)]


@pytest.fixture(scope="module")
def teacher() -> Gpt:
    """Four blocks of nano's width, with something to say."""
    torch.manual_seed(0)
    model = Gpt(dataclasses.replace(PRESETS["nano"], layers=4))
    with torch.no_grad():
        for table in (model.policy_head.source, model.policy_head.target, model.value.weight):
            table.normal_(std=0.3)
        for block in model.blocks:
            block.down.weight.normal_(std=0.1)
    return model.eval()


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return build_store([batch_from_games(_games())], tmp_path / "tokens")


def _config(out: Path, **settings: object) -> TrainConfig:
    usual = {"batch_plies": 240, "threads": 1, "out": str(out), "steps": 10, "precision": "fp32"}
    return TrainConfig(**(usual | settings))  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_student_that_only_listens_comes_closer_to_its_teacher(
    store: TokenStore, teacher: Gpt, tmp_path: Path
) -> None:
    config = _config(tmp_path / "run", steps=25)
    student = make_student(teacher, CompressConfig(), dataclasses.replace(config, preset="nano"))
    trainer = Distiller(store, config, student, teacher=teacher, soft=1.0)
    batch = trainer.loader.build(trainer.loader.whole_games(np.arange(8))[0])

    def agreement() -> float:
        with torch.no_grad():
            return float(
                (forward(student, batch).logits.argmax(-1) == forward(teacher, batch).logits.argmax(-1)).float().mean()
            )

    before = agreement()
    trainer.run()
    assert agreement() > before + 0.1


@pytest.mark.slow
def test_without_a_teachers_word_the_loss_is_the_usual_one(store: TokenStore, teacher: Gpt, tmp_path: Path) -> None:
    config = _config(tmp_path / "run")
    student = make_student(teacher, CompressConfig(layers=2), config)
    trainer = Distiller(store, config, student, teacher=teacher, soft=0.0)
    batch = trainer.loader.build(trainer.loader.whole_games(np.arange(8))[0])
    totals = Totals.of([batch])
    usual = Trainer(store, _config(tmp_path / "usual"), student)._forward(batch, totals)[1]
    assert trainer._forward(batch, totals)[1].item() == pytest.approx(usual.item())


def test_shapes_that_do_not_fit(teacher: Gpt, tmp_path: Path) -> None:
    config = _config(tmp_path)
    with pytest.raises(TrainingError, match="a student of 6 × 256 is not smaller than its teacher of 4 × 64"):
        make_student(teacher, CompressConfig(), config)
    with pytest.raises(TrainingError, match="a student of 4 × 64 is not smaller"):
        make_student(teacher, CompressConfig(layers=4), config)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [["--preset", "nano"], ["--layers", "2", "--method", "distil"]])
def test_the_command_writes_a_model_that_loads(
    shape: list[str], teacher: Gpt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "teacher").mkdir()
    save_model(teacher, tmp_path / "teacher")
    write_pgn(_games(), tmp_path / "games.pgn")
    out = tmp_path / "student"
    files = ["--corpus", str(tmp_path / "games.pgn"), "--out", str(out)]
    short = ["--steps", "3", "--batch-plies", "240", "--threads", "1", "--precision", "fp32"]
    assert main(["compress", str(tmp_path / "teacher"), *shape, *files, *short]) == 0
    assert load_model(out).config.layers == 2
    assert "xiangqi-gpt compress" in (out / "card.md").read_text()
    assert main(["compress", "--resume", "--out", str(out), "--soft", "0.1"]) == 2
    assert "soft 0.1: the run in" in capsys.readouterr().err
    assert main(["compress", "--resume", "--out", str(out)]) == 0
    path = out / "compress.json"
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"method": "distil"}))  # as version 0.1 kept it
    assert main(["compress", "--resume", "--out", str(out)]) == 0
    path.write_text(json.dumps(kept | {"method": "theseus"}))
    capsys.readouterr()
    assert main(["compress", "--resume", "--out", str(out)]) == 2
    assert "uses --method theseus, which was removed" in capsys.readouterr().err
    assert main(["compress", "--resume", "--out", str(tmp_path / "nothing")]) == 2
    assert "no run to go on with" in capsys.readouterr().err
