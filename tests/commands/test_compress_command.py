"""``compress``, and what its two methods do to a model."""

import dataclasses
from pathlib import Path
from typing import Any

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
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.errors import TrainingError
from xiangqi_gpt.training.optim.objective import Totals, forward
from xiangqi_gpt.training.recipes.compress import make_student
from xiangqi_gpt.training.recipes.compression_config import Compression
from xiangqi_gpt.training.recipes.distil import Distiller, Theseus
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
def test_a_student_that_is_all_teacher_says_what_the_teacher_says(
    store: TokenStore, teacher: Gpt, tmp_path: Path
) -> None:
    config = _config(tmp_path / "run")
    student = make_student(teacher, Compression(method="theseus", layers=2), config)
    trainer = Theseus(store, config, student, teacher=teacher)
    batch = trainer.maker.build(trainer.maker.whole_games(np.arange(8))[0])
    theirs = forward(teacher, batch).logits
    for place in trainer._places:
        place.is_replaced = False
    assert torch.allclose(forward(student, batch).logits, theirs, atol=1e-5)
    trainer._places[0].is_replaced = True
    assert not torch.allclose(forward(student, batch).logits, theirs, atol=1e-3)


def test_only_the_blocks_learn_until_all_are_replaced(store: TokenStore, teacher: Gpt, tmp_path: Path) -> None:
    config = _config(tmp_path / "run")
    trainer = Theseus(
        store, config, make_student(teacher, Compression(method="theseus", layers=2), config), teacher=teacher
    )
    batch = trainer.maker.build(trainer.maker.whole_games(np.arange(8))[0])
    trainer._forward(batch, Totals.of([batch]))
    assert not trainer.model.policy_head.source.requires_grad
    assert all(p.requires_grad for p in trainer.model.blocks.parameters())
    assert all(place.is_replaced for place in trainer._places)  # as it is measured and saved
    trainer.progress.step = 9
    trainer._forward(batch, Totals.of([batch]))
    assert all(p.requires_grad for p in trainer.model.parameters())


@pytest.mark.slow
def test_a_student_that_only_listens_comes_closer_to_its_teacher(
    store: TokenStore, teacher: Gpt, tmp_path: Path
) -> None:
    config = _config(tmp_path / "run", steps=25)
    student = make_student(teacher, Compression(), dataclasses.replace(config, preset="nano"))
    trainer = Distiller(store, config, student, teacher=teacher, soft=1.0)
    batch = trainer.maker.build(trainer.maker.whole_games(np.arange(8))[0])

    def agreement() -> float:
        with torch.no_grad():
            return float(
                (forward(student, batch).logits.argmax(-1) == forward(teacher, batch).logits.argmax(-1)).float().mean()
            )

    before = agreement()
    trainer.run()
    assert agreement() > before + 0.1


@pytest.mark.parametrize("settings", [{}, {"sparse": 3}, {"further_moves": 1, "moves_left_weight": 0.1}])
def test_without_a_teachers_word_the_loss_is_the_usual_one(
    store: TokenStore, teacher: Gpt, tmp_path: Path, settings: dict[str, Any]
) -> None:
    config = _config(tmp_path / "run", **settings)
    student = make_student(teacher, Compression(layers=2), config)
    trainer = Distiller(store, config, student, teacher=teacher, soft=0.0)
    batch = trainer.maker.build(trainer.maker.whole_games(np.arange(8))[0])
    totals = Totals.of([batch])
    usual = Trainer(store, _config(tmp_path / "usual", **settings), student)._forward(batch, totals)[1]
    assert trainer._forward(batch, totals)[1].item() == pytest.approx(usual.item())


def test_shapes_that_do_not_fit(teacher: Gpt, tmp_path: Path) -> None:
    config = _config(tmp_path)
    with pytest.raises(TrainingError, match="a student of 6 × 256 is not smaller than its teacher of 4 × 64"):
        make_student(teacher, Compression(), config)
    with pytest.raises(TrainingError, match="a student of 4 × 64 is not smaller"):
        make_student(teacher, Compression(layers=4), config)
    wide = Gpt(dataclasses.replace(PRESETS["nano"], layers=4, width=128))
    with pytest.raises(TrainingError, match="theseus keeps the teacher's width, 128"):
        make_student(wide, Compression(method="theseus"), dataclasses.replace(config, preset="nano"))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [["--preset", "nano"], ["--layers", "2", "--method", "theseus"]])
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
    assert main(["compress", "--resume", "--out", str(tmp_path / "nothing")]) == 2
    assert "no run to go on with" in capsys.readouterr().err
