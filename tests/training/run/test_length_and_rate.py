"""How long a run is, at which rate it learns, and what it says of each step."""

import dataclasses
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.errors import TrainingError
from xiangqi_gpt.training.optim.optimizer import make_optimizers
from xiangqi_gpt.training.run.model_card import plotted_curves
from xiangqi_gpt.training.run.progress_report import read_metrics
from xiangqi_gpt.training.run.run_settings import resumed_config, write_settings
from xiangqi_gpt.training.run.starting_model import resolve_defaults
from xiangqi_gpt.training.run.trainer import Trainer


def _config(out: Path, **settings: object) -> TrainConfig:
    usual = {"preset": "nano", "batch_plies": 128, "threads": 1, "checkpoint_every": 60.0, "precision": "fp32"}
    return TrainConfig(**(usual | {"out": str(out)} | settings))  # type: ignore[arg-type]


def _ticking() -> Callable[[], float]:
    """A clock on which each look takes a second."""
    count = itertools.count()
    return lambda: float(next(count))


def _tensors(folder: Path) -> torch.Tensor:
    return torch.cat([p.flatten() for p in load_model(folder).parameters()])


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{}, {"lengths": (4, 8), "warmup": 0.5}])
def test_a_run_by_minutes_is_the_run_by_its_steps(
    store: TokenStore, tmp_path: Path, settings: dict[str, object]
) -> None:
    Trainer(store, _config(tmp_path / "minutes", minutes=1.0, **settings), clock=_ticking()).run()
    lines = [line for line in read_metrics(tmp_path / "minutes") if "rate" in line]
    steps = lines[-1]["step"]
    assert steps > 8
    Trainer(store, _config(tmp_path / "steps", steps=steps, **settings)).run()
    others = [line for line in read_metrics(tmp_path / "steps") if "rate" in line]
    for name in ("rate", "loss", "norm"):
        assert [line[name] for line in lines] == [line[name] for line in others]
    assert torch.equal(_tensors(tmp_path / "minutes"), _tensors(tmp_path / "steps"))
    rates = [line["rate"] for line in lines]
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])  # it never falls while it rises
    assert rates[peak:] == sorted(rates[peak:], reverse=True)


def test_the_gradient_is_clipped_and_its_norm_told(store: TokenStore, tmp_path: Path) -> None:
    norms = {}
    for name, clip in (("free", 0.0), ("clipped", 1e-3)):
        trainer = Trainer(store, _config(tmp_path / name, steps=3, clip=clip, optimizer="adamw"))
        seen: list[float] = []
        step = trainer.optimizers.step

        def watched(trainer: Trainer = trainer, seen: list[float] = seen, step: Callable[[], None] = step) -> None:
            seen.append(
                float(torch.nn.utils.get_total_norm([p.grad for p in trainer.parameters() if p.grad is not None]))
            )
            step()

        trainer.optimizers.step = watched  # type: ignore[method-assign]
        trainer.run()
        norms[name] = seen
        told = [line["norm"] for line in read_metrics(tmp_path / name) if "norm" in line]
        assert min(told) > 1e-2
        if not clip:
            assert seen == pytest.approx(told, abs=1e-3)
    assert max(norms["clipped"]) <= 1.001e-3


@pytest.mark.parametrize("features", ["full", "none"])
def test_the_parts_of_the_loss_are_told(store: TokenStore, tmp_path: Path, features: str) -> None:
    config = _config(tmp_path / "run", steps=3, features=features)
    Trainer(store, config).run()
    weights = {
        "move": 1.0,
        "value": config.value_weight,
        "legal": config.legal_weight,
        "illegal": config.illegal_weight,
    }
    names = ("move", "value", "legal", "illegal") if features == "none" else ("move", "value")
    for line in read_metrics(tmp_path / "run"):
        if "loss" not in line:
            continue
        assert {f"{name}_loss" for name in names} == {name for name in line if name.endswith("_loss")} - {
            "held_out_value_log_loss"
        }
        assert line["loss"] == pytest.approx(sum(weights[name] * line[f"{name}_loss"] for name in names), abs=2e-3)
        assert line["nats"] > 0


def test_the_loss_of_training_and_the_nats_of_held_out_games_share_no_plot() -> None:
    plots = plotted_curves([{"step": 1, "loss": 3.0, "nats": 2.5, "held_out_nats_per_move": 2.6, "held_out_top1": 0.3}])
    assert {name for curves in plots.values() for name in curves} >= {"loss", "nats", "held_out_nats_per_move"}
    for curves in plots.values():
        assert "loss" not in curves or not any(name.startswith("held_out") for name in curves)


def test_only_the_weights_of_linear_maps_decay() -> None:
    config = TrainConfig(preset="nano", optimizer="adamw", weight_decay=0.5)
    for shape in (PRESETS["nano"], dataclasses.replace(PRESETS["nano"], body="gpt2", features="none", legal_head=True)):
        model = Gpt(shape)
        optimizers = make_optimizers(model, resolve_defaults(config, shape))
        decays = {
            optimizers.names[id(p)]: group["weight_decay"]
            for optimizer in (optimizers.matrices, optimizers.others)
            for group in optimizer.param_groups
            for p in group["params"]
        }
        assert len(decays) == len(list(model.parameters()))
        for name, decay in decays.items():
            linear = any(part in name for part in ("qkv", "out", "up", "down", "value", "legality"))
            assert decay == (0.5 if linear and name.endswith("weight") else 0.0), name


def test_a_run_of_version_0_1_decays_all_and_clips_nothing(store: TokenStore, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    write_settings(_config(tmp_path / "run", steps=3))
    path = tmp_path / "run" / "settings.json"
    kept = json.loads(path.read_text())
    for name in ("procedure", "clip", "more_minutes", "more_steps"):
        del kept[name]
    path.write_text(json.dumps(kept | {"evaluate_every": 3.0}))
    config = resumed_config(str(tmp_path / "run"), {})
    assert (config.procedure, config.clip, config.evaluate_every) == (1, 0.0, 3.0)
    trainer = Trainer(store, config)
    assert [len(optimizer.param_groups) for optimizer in (trainer.optimizers.matrices, trainer.optimizers.others)] == [
        1,
        1,
    ]


@pytest.mark.slow
def test_the_best_model_is_kept_beside_the_last_checkpoint(store: TokenStore, tmp_path: Path) -> None:
    config = _config(tmp_path / "run", steps=60)
    trainer = Trainer(store, config)
    scores = trainer.run()
    nats = [line["held_out_nats_per_move"] for line in read_metrics(tmp_path / "run") if "held_out_top1" in line]
    assert len(nats) > 3 and min(nats) < nats[-1]  # random games: it learns them by heart
    assert scores is not None and scores.nats_per_move == pytest.approx(min(nats), abs=1e-4)
    assert torch.equal(_tensors(tmp_path / "run"), _tensors(tmp_path / "run" / "best").bfloat16().float())


@pytest.mark.slow
def test_a_run_looks_at_the_same_steps_whether_it_is_interrupted_or_not(store: TokenStore, tmp_path: Path) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", steps=60))
    interval = trainer.schedule.steps_between(60)
    assert interval >= 3
    trainer.run()
    looks = [line["step"] for line in read_metrics(tmp_path / "run") if "held_out_top1" in line]
    assert looks == [*range(interval, 60, interval), 60]


@pytest.mark.slow
def test_a_run_can_be_made_longer(store: TokenStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "run")
    arguments = ["train", "--preset", "nano", "--threads", "1", "--batch-plies", "128", "--precision", "fp32"]
    assert main([*arguments, "--corpus", str(tmp_path / "tokens"), "--steps", "4", "--out", out]) == 0
    assert main(["train", "--resume", "--steps", "+3", "--out", out]) == 0
    assert json.loads((tmp_path / "run" / "config.json").read_text())["steps"] == 7
    steps = [line["step"] for line in read_metrics(tmp_path / "run") if "loss" in line]
    assert steps == list(range(1, 8))
    assert main(["train", "--resume", "--out", out]) == 0  # there is nothing left to do
    assert main(["train", "--resume", "--minutes", "+0.01", "--out", out]) == 0
    assert json.loads((tmp_path / "run" / "config.json").read_text())["step"] > 7
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["train", "--minutes", "+5", "--out", out])
    assert "--minutes +5 makes a run longer: it goes with --resume" in capsys.readouterr().err


def test_a_longer_run_that_is_interrupted_stays_longer(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=3)).run()
    longer = Trainer(store, _config(tmp_path / "run", steps=3, resume=True, more_steps=4))
    longer._plan()
    again = Trainer(store, _config(tmp_path / "run", steps=3, resume=True))
    assert again.progress.steps == 7
    with pytest.raises(TrainingError, match="is one of 7 steps"):
        Trainer(store, _config(tmp_path / "run", steps=9, resume=True))
    shorter = Trainer(store, _config(tmp_path / "run", steps=3, resume=True, more_steps=-3))
    shorter._plan()
    assert Trainer(store, _config(tmp_path / "run", steps=3, resume=True)).progress.steps == 4
    too_short = Trainer(store, _config(tmp_path / "run", steps=3, resume=True, more_steps=-1))
    with pytest.raises(TrainingError, match="is at step 3 of 4: it cannot be made 1 step shorter"):
        too_short._plan()


def test_a_length_with_a_sign_goes_with_resume(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, said in (
        (["--steps", "-5"], "--steps -5 makes a run shorter: it goes with --resume"),
        (["--minutes", "+5"], "--minutes +5 makes a run longer: it goes with --resume"),
        (["--resume", "--steps", "-0"], "--steps +0: expected a number other than 0"),
    ):
        with pytest.raises(SystemExit):
            main(["train", *arguments])
        assert said in capsys.readouterr().err
