"""The training loop: it learns, it resumes exactly, and it says what is wrong."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import PRESETS, Gpt
from xiangqi_gpt.records.store import TRAIN, VALIDATION, TokenStore
from xiangqi_gpt.rules import MOVES, Board
from xiangqi_gpt.training.batches import BatchMaker
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.evaluation import evaluate
from xiangqi_gpt.training.scores import ScoreScale
from xiangqi_gpt.training.trainer import Trainer, TrainingError


def _config(out: Path, **settings: object) -> TrainConfig:
    usual = {"preset": "nano", "batch_plies": 256, "threads": 1, "checkpoint_every": 1e-6, "out": str(out)}
    return TrainConfig(**(usual | settings))  # type: ignore[arg-type]


def test_an_untrained_model_knows_only_the_number_of_legal_moves(store: TokenStore) -> None:
    model = Gpt(PRESETS["nano"])
    maker = BatchMaker(store, model.config, TrainConfig(loser_weight=1.0), ScoreScale())
    groups = maker.whole_games(np.arange(60))
    counts = []
    for game in range(60):
        board = Board()
        for index in store.moves[store.offsets[game] : store.offsets[game + 1]]:
            counts.append(len(board.legal_moves))
            board.push(MOVES[index])
    scores = evaluate(model, map(maker.build, groups))
    assert scores.plies == len(counts)
    assert scores.nats_per_move == pytest.approx(float(np.log(counts).mean()), rel=1e-5)
    assert scores.value_log_loss == pytest.approx(np.log(3), rel=1e-5)


@pytest.mark.parametrize("sight", ["none", "board", "moves"])
def test_training_learns(store: TokenStore, tmp_path: Path, sight: str) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", steps=40, sight=sight, checkpoint_every=60.0))
    batches = [trainer.maker.build(group) for group in trainer.maker.whole_games(store.select(TRAIN))]
    before = evaluate(trainer.model, batches)
    trainer.run()
    after = evaluate(trainer.model, batches)
    assert after.nats_per_move < before.nats_per_move - 0.3
    assert load_model(tmp_path / "run").config.sight == sight


class _Interruption(Exception):
    pass


def test_an_interrupted_run_ends_with_the_same_weights(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "whole", steps=6)).run()
    ticks = 0

    def clock_that_stops() -> float:
        nonlocal ticks
        ticks += 1
        if any(int(p.name[5:]) >= 3 for p in (tmp_path / "cut").glob("step-*")):
            raise _Interruption
        return float(ticks)

    with pytest.raises(_Interruption):
        Trainer(store, _config(tmp_path / "cut", steps=6), clock_that_stops).run()
    resumed = Trainer(store, _config(tmp_path / "cut", steps=6, resume=True))
    assert resumed.step >= 3
    resumed.run()
    whole = torch.cat([p.flatten() for p in load_model(tmp_path / "whole").parameters()])
    parts = torch.cat([p.flatten() for p in load_model(tmp_path / "cut").parameters()])
    assert torch.equal(whole, parts)


def test_only_the_newest_checkpoint_stays(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=4)).run()
    assert [p.name for p in (tmp_path / "run").glob("step-*")] == ["step-0000004"]
    assert not list((tmp_path / "run").glob(".*"))


def test_a_full_disk_is_reported_and_training_goes_on(
    store: TokenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", steps=2))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xiangqi_gpt.training.trainer.write_tensors", full)
    trainer.run()
    assert trainer.step == 2
    assert "No space left on device" in capsys.readouterr().out
    assert not list((tmp_path / "run").glob("*step-*"))


def test_a_second_run_does_not_overwrite_the_first(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=1)).run()
    with pytest.raises(TrainingError, match="holds a run already"):
        Trainer(store, _config(tmp_path / "run", steps=1))


def test_resuming_with_another_shape_is_refused(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=1)).run()
    with pytest.raises(TrainingError, match="another shape"):
        Trainer(store, _config(tmp_path / "run", steps=1, resume=True, sight="none"))


def test_a_cut_optimizer_file_is_named(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=1)).run()
    path = next((tmp_path / "run").glob("step-*")) / "optimizer.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(TrainingError, match="is damaged"):
        Trainer(store, _config(tmp_path / "run", steps=1, resume=True))


def test_a_run_interrupted_before_its_first_checkpoint_begins_again(store: TokenStore, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.jsonl").write_text("what the interrupted run has measured\n")
    Trainer(store, _config(tmp_path / "run", steps=2, resume=True)).run()
    steps = [json.loads(line)["step"] for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert sorted(set(steps)) == [1, 2]


def test_a_run_cannot_be_made_longer(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=1)).run()
    with pytest.raises(TrainingError, match=r"--steps 9: the run in .* is one of 1 steps"):
        Trainer(store, _config(tmp_path / "run", steps=9, resume=True))


def test_a_broken_progress_file_is_named(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=1)).run()
    (next((tmp_path / "run").glob("step-*")) / "progress.json").write_text("null")
    with pytest.raises(TrainingError, match="is damaged"):
        Trainer(store, _config(tmp_path / "run", steps=1, resume=True))


def test_a_run_that_diverges_says_what_to_do(store: TokenStore, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="lower --matrix-rate and --table-rate"):
        Trainer(store, _config(tmp_path / "run", steps=3, table_rate=1e30, matrix_rate=1e30)).run()


def test_minutes_become_a_number_of_steps(store: TokenStore, tmp_path: Path) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", minutes=0.05, checkpoint_every=60.0))
    trainer.run()
    assert trainer.steps == trainer.step > 14


def test_held_out_games_are_never_trained_on(store: TokenStore, tmp_path: Path) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", steps=1))
    held_out = {s.game for group in trainer.held_out for s in group}
    assert held_out == set(store.select(VALIDATION).tolist())
    assert not held_out & set(trainer.games.tolist())
