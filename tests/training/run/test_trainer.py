"""The training loop: it learns, it resumes exactly, and it says what is wrong."""

import itertools
import json
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from special_files import is_device, make_device

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records.corpus.batch import GameBatch
from xiangqi_gpt.records.store.token_store import TRAIN, VALIDATION, TokenStore, build_store
from xiangqi_gpt.rules import MOVES, Board
from xiangqi_gpt.rules.batch import replay_games
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.data.batches import BatchLoader
from xiangqi_gpt.training.data.random_games import random_games, warmup_store
from xiangqi_gpt.training.data.score_scale import ScoreScale
from xiangqi_gpt.training.errors import TrainingError
from xiangqi_gpt.training.evaluation.validation import evaluate
from xiangqi_gpt.training.run.model_card import write_model_card
from xiangqi_gpt.training.run.progress_report import read_metrics
from xiangqi_gpt.training.run.trainer import Trainer


def _config(out: Path, **settings: object) -> TrainConfig:
    usual = {"preset": "nano", "batch_plies": 256, "threads": 1, "checkpoint_every": 1e-6, "precision": "fp32"}
    return TrainConfig(**(usual | {"out": str(out)} | settings))  # type: ignore[arg-type]


def test_an_untrained_model_knows_only_the_number_of_legal_moves(store: TokenStore) -> None:
    model = Gpt(PRESETS["nano"])
    loader = BatchLoader(store, model.config, TrainConfig(loser_weight=1.0), ScoreScale())
    groups = loader.whole_games(np.arange(60))
    counts = []
    for game in range(60):
        board = Board()
        for index in store.moves[store.offsets[game] : store.offsets[game + 1]]:
            counts.append(len(board.legal_moves))
            board.push(MOVES[index])
    scores = evaluate(model, map(loader.build, groups))
    assert scores.plies == len(counts)
    assert scores.nats_per_move == pytest.approx(float(np.log(counts).mean()), rel=1e-5)
    assert scores.value_log_loss == pytest.approx(np.log(3), rel=1e-5)


@pytest.mark.parametrize(
    ("features", "precision"),
    [
        ("full", "fp32"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (("none", "fp32"), ("board", "fp32"), ("full", "bf16"))
        ),
    ],
)
def test_training_learns(store: TokenStore, tmp_path: Path, features: str, precision: str) -> None:
    settings = {"features": features, "precision": precision, "checkpoint_every": 60.0, "evaluate_games": 0}
    config = _config(tmp_path / "run", steps=24, **settings)
    trainer = Trainer(store, config)
    batches = [trainer.loader.build(group) for group in trainer.loader.whole_games(store.select(TRAIN))]
    before = evaluate(trainer.model, batches)
    trainer.run()
    after = evaluate(trainer.model, batches)
    assert after.nats_per_move < before.nats_per_move - 0.3
    assert load_model(tmp_path / "run").config.features == features


class _Interruption(Exception):
    pass


def _weights(folder: Path) -> torch.Tensor:
    return torch.cat([p.flatten() for p in load_model(folder).parameters()])


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"precision": "bf16"},
        {"accumulate": 3, "optimizer": "adamw"},
        pytest.param({"tokenizer": "iccs", "body": "gpt2", "lengths": (4, 8, 16), "steps": 30}, marks=pytest.mark.slow),
        {"features": "none"},
        {"source_weights": ("test=1.5",)},
    ],
    ids=["in half precision", "pieces", "characters, growing", "moves only", "weighted sources"],
)
def test_an_interrupted_run_ends_with_the_same_weights(
    store: TokenStore, tmp_path: Path, settings: dict[str, object]
) -> None:
    settings = {"steps": 6, **settings}
    Trainer(store, _config(tmp_path / "whole", **settings)).run()
    ticks, cut_at = 0, int(settings["steps"]) // 2  # type: ignore[call-overload]

    def clock_that_stops() -> float:
        nonlocal ticks
        ticks += 1
        if any(int(p.name[5:]) >= cut_at for p in (tmp_path / "cut").glob("step-*")):
            raise _Interruption
        return float(ticks)

    with pytest.raises(_Interruption):
        Trainer(store, _config(tmp_path / "cut", **settings), clock=clock_that_stops).run()
    resumed = Trainer(store, _config(tmp_path / "cut", **settings, resume=True))
    assert resumed.progress.step >= cut_at
    resumed.run()
    assert torch.equal(_weights(tmp_path / "whole"), _weights(tmp_path / "cut"))


def test_a_batch_read_in_pieces_teaches_the_same(store: TokenStore, tmp_path: Path) -> None:
    settings = {"steps": 3, "evaluate_games": 0}
    Trainer(store, _config(tmp_path / "whole", **settings)).run()
    Trainer(store, _config(tmp_path / "pieces", **settings, accumulate=4)).run()
    losses = [[line["loss"] for line in read_metrics(tmp_path / name)] for name in ("whole", "pieces")]
    assert losses[0] == pytest.approx(losses[1], abs=2e-4)


def test_a_run_can_begin_with_the_weights_of_a_model(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "first", steps=3, features="none")).run()
    begun = Trainer(store, _config(tmp_path / "second", steps=1, start_from=str(tmp_path / "first")))
    assert begun.model.config.features == "none"
    assert begun.model.config.legal_margin == 0.0
    careful = Trainer(store, _config(tmp_path / "third", steps=1, start_from=str(tmp_path / "first"), legal_margin=3.0))
    assert careful.model.config.legal_margin == 3.0
    started = torch.cat([p.detach().flatten() for p in begun.model.parameters()])
    assert torch.equal(started, _weights(tmp_path / "first"))
    begun.run()
    shutil.rmtree(tmp_path / "first")  # a run goes on without the model it began with
    Trainer(store, _config(tmp_path / "second", steps=1, start_from=str(tmp_path / "first"), resume=True)).run()


def _legal_share(store: TokenStore, out: Path, legal_weight: float = 0.0, illegal_weight: float = 0.0) -> float:
    """How often the first choice of a blind model is legal in the second half of a short run."""
    steps, weights = 20, {"legal_weight": legal_weight, "illegal_weight": illegal_weight}
    trainer = Trainer(store, _config(out, steps=steps, features="none", checkpoint_every=60.0, **weights))
    assert (trainer.model.legality_head is not None) == (legal_weight > 0)
    trainer.run()
    return float(np.mean([line["legal_top1"] for line in read_metrics(out)[steps // 2 : steps]]))


@pytest.fixture(scope="module")
def untaught_share(batch: GameBatch, tmp_path_factory: pytest.TempPathFactory) -> float:
    folder = tmp_path_factory.mktemp("untaught")
    return _legal_share(build_store([batch], folder / "tokens"), folder / "run")


@pytest.mark.slow
@pytest.mark.parametrize("taught", [{"legal_weight": 0.1}, {"illegal_weight": 1.0}])
def test_a_blind_model_learns_from_the_rules_what_is_legal(
    store: TokenStore, tmp_path: Path, untaught_share: float, taught: dict[str, float]
) -> None:
    assert _legal_share(store, tmp_path / "run", **taught) > untaught_share


@pytest.mark.slow
def test_a_run_without_progress_ends_early_with_its_best_model(store: TokenStore, tmp_path: Path) -> None:
    games = np.flatnonzero(store.splits != 0)
    assert len(games)
    config = _config(tmp_path / "run", steps=500, patience=2, evaluate_every=1e-6, matrix_rate=0.3, table_rate=0.1)
    trainer = Trainer(store, config)
    scores = trainer.run()
    assert trainer.progress.step < 500
    assert scores is not None
    assert scores.nats_per_move == pytest.approx(trainer.progress.best_nats, abs=0.02)
    best = _weights(tmp_path / "run" / "best").bfloat16().float()
    assert torch.equal(_weights(tmp_path / "run"), best)
    Trainer(store, replace(config, resume=True)).run()  # nothing is left to do, and nothing is lost
    assert torch.equal(_weights(tmp_path / "run"), best)


def test_random_games_are_read_first(store: TokenStore, tmp_path: Path) -> None:
    warmup = warmup_store(20, 1, tmp_path / "random")
    assert warmup.games == 20
    trainer = Trainer(store, _config(tmp_path / "run", steps=4), warmup=warmup)
    loaders = [loader for loader, _ in itertools.islice(trainer._groups(), 40)]
    first = loaders.index(trainer.loader)
    assert first > 2
    assert set(loaders[:first]) == {trainer.warmup}
    assert set(loaders[first:]) == {trainer.loader}


def test_random_games_are_legal_and_all_different() -> None:
    batch = random_games(30, seed=5)
    assert np.array_equal(replay_games(batch.moves, batch.offsets), batch.lengths)
    assert len({batch.moves[a : a + 10].tobytes() for a in batch.offsets[:-1]}) == 30
    assert np.array_equal(batch.moves, random_games(30, seed=5).moves)
    assert not np.array_equal(batch.moves[:40], random_games(30, seed=6).moves[:40])


def _step(store: TokenStore, out: Path, preset: str) -> None:
    """Train a preset for one step and load what is left."""
    trainer = Trainer(store, _config(out, preset=preset, steps=1, batch_plies=64, evaluate_games=1))
    trainer.run()
    assert load_model(out).config == trainer.model.config


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_steps(store: TokenStore, tmp_path: Path, preset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its kind of model and its recipe at the size of nano: the sizes themselves are tested without arithmetic."""
    small = PRESETS["nano"]
    shape = replace(PRESETS[preset], layers=small.layers, width=small.width, heads=small.heads)
    monkeypatch.setitem(PRESETS, preset, shape)
    _step(store, tmp_path / "run", preset)


@pytest.mark.slow
def test_the_default_preset_steps_at_its_own_size(store: TokenStore, tmp_path: Path) -> None:
    _step(store, tmp_path / "run", TrainConfig().preset)


def test_ctrl_c_writes_a_checkpoint_at_the_end_of_the_step(store: TokenStore, tmp_path: Path) -> None:
    ticks = 0

    def clock_that_interrupts() -> float:
        nonlocal ticks
        ticks += 1
        if ticks == 6:
            signal.raise_signal(signal.SIGINT)
        return float(ticks)

    trainer = Trainer(store, _config(tmp_path / "run", steps=9, checkpoint_every=60.0), clock=clock_that_interrupts)
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    step = trainer.progress.step
    assert 0 < step < 9
    assert [p.name for p in (tmp_path / "run").glob("step-*")] == [f"step-{step:07d}"]


def test_only_the_newest_checkpoint_stays(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=4)).run()
    assert [p.name for p in (tmp_path / "run").glob("step-*")] == ["step-0000004"]
    assert not list((tmp_path / "run").glob(".*"))


def test_the_models_of_all_checkpoints_stay_where_that_is_asked_for(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=3, checkpoint_every=1e-9, keep_checkpoints=True)).run()
    older = [tmp_path / "run" / f"step-000000{step}" for step in (1, 2)]
    assert not torch.equal(_weights(older[0]), _weights(older[1]))
    assert not any((folder / "optimizer.safetensors").exists() for folder in older)
    going_on = Trainer(store, _config(tmp_path / "run", steps=3, resume=True, keep_checkpoints=True))
    assert going_on.progress.step == 3


def test_a_full_disk_is_reported_and_training_goes_on(
    store: TokenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", steps=2))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xiangqi_gpt.training.run.checkpoints.write_tensors", full)
    trainer.run()
    assert trainer.progress.step == 2
    assert "No space left on device" in capsys.readouterr().out
    assert not list((tmp_path / "run").glob("*step-*"))


def test_a_second_run_does_not_overwrite_the_first(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=1)).run()
    with pytest.raises(TrainingError, match="holds a run already"):
        Trainer(store, _config(tmp_path / "run", steps=1))


def test_resuming_with_another_shape_is_refused(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=1)).run()
    with pytest.raises(TrainingError, match="another shape"):
        Trainer(store, _config(tmp_path / "run", steps=1, resume=True, features="none"))


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


def test_a_run_cannot_be_made_longer_by_naming_another_length(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=1)).run()
    with pytest.raises(TrainingError, match=r"--steps 9: the run in .* is one of 1 steps"):
        Trainer(store, _config(tmp_path / "run", steps=9, resume=True))


def test_a_broken_progress_file_is_named(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "run", steps=1)).run()
    (next((tmp_path / "run").glob("step-*")) / "progress.json").write_text("null")
    with pytest.raises(TrainingError, match="is damaged"):
        Trainer(store, _config(tmp_path / "run", steps=1, resume=True))


def test_a_run_that_diverges_says_what_to_do(store: TokenStore, tmp_path: Path) -> None:
    config = _config(tmp_path / "run", steps=9, table_rate=1e30, matrix_rate=1e30)
    with pytest.raises(TrainingError, match=r"step \d+: .*lower --matrix-rate and --table-rate; .*checkpoint"):
        Trainer(store, config).run()
    for kept in (tmp_path / "run").glob("step-*"):
        assert all(bool(p.isfinite().all()) for p in load_model(kept).parameters())


def test_a_loss_that_is_no_number_names_the_batch(store: TokenStore, tmp_path: Path) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", steps=3))
    with torch.no_grad():
        trainer.model.value.weight.fill_(torch.nan)
    with pytest.raises(TrainingError, match=r"step 0: the loss is nan in a batch of \d+ games \(numbers \d+, "):
        trainer.run()


@pytest.mark.slow
def test_minutes_become_a_number_of_steps(store: TokenStore, tmp_path: Path) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", minutes=0.05, checkpoint_every=60.0))
    trainer.run()
    assert trainer.progress.steps == trainer.progress.step >= 1  # how many, the machine decides


def test_held_out_games_are_never_trained_on(store: TokenStore, tmp_path: Path) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", steps=1))
    held_out = {s.game for group in trainer.held_out for s in group}
    assert held_out >= set(store.select(VALIDATION).tolist())
    assert not held_out & set(trainer.games.tolist())


@pytest.mark.slow
def test_what_the_compiler_reports_is_told_in_one_line(
    store: TokenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", steps=1, compile=True))

    def fail(_: object) -> None:
        raise torch._dynamo.exc.TorchDynamoException("no compiler found\nand much more\n")

    monkeypatch.setattr(trainer, "train_on", fail)
    with pytest.raises(TrainingError, match=r"^the model could not be compiled \(no compiler found\); .*--compile$"):
        trainer.run()


@pytest.mark.slow
def test_held_out_games_are_scored_without_compiling(
    store: TokenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", steps=1, evaluate_games=20))
    compiled = []

    def backend(graph: torch.fx.GraphModule, _: object) -> object:
        compiled.append(graph)
        return graph.forward

    trainer.model.compile(backend=backend)
    trainer._held_out_scores()
    assert not compiled
    trainer.run()
    assert compiled


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_link_to_a_folder_that_is_not_there_yet_is_followed(store: TokenStore, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("disk/run")
    Trainer(store, _config(tmp_path / "link", steps=1)).run()
    assert (tmp_path / "link").is_symlink() and load_model(tmp_path / "disk" / "run").config == PRESETS["nano"]


@pytest.mark.slow
def test_devices_in_the_folder_of_a_run_are_written_through(store: TokenStore, tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    names = ("metrics.jsonl", "model.safetensors", "config.json", "card.md", "loss.png")
    nodes = [make_device(out / name) for name in names]
    trainer = Trainer(store, _config(out, steps=1))
    trainer.run()
    write_model_card(trainer, "train")
    assert all(map(is_device, nodes)) and read_metrics(out) == []
    assert {path.name for path in out.iterdir()} <= {
        *names,
        "games_read.safetensors",
        "step-0000001",
        "tensorboard",
        "top1.png",
        "nats.png",
    }


@pytest.mark.slow
@pytest.mark.parametrize("cost", [1.0, 4.0])
def test_looking_at_held_out_games_takes_a_twentieth_of_the_time_at_most(
    store: TokenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cost: float
) -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 1.0  # a second between two looks at the clock
        return now

    trainer = Trainer(store, _config(tmp_path / "run", steps=120, evaluate_every=10 / 60), clock=clock)
    seen: list[float] = []
    scores = trainer._held_out_scores()

    def slow_scores() -> object:
        nonlocal now
        seen.append(now)
        now += cost
        return scores

    monkeypatch.setattr(trainer, "train_on", lambda work: {"loss": 1.0, "top1": 0.0, "plies": 256.0})
    monkeypatch.setattr(trainer, "_held_out_scores", slow_scores)
    monkeypatch.setattr(trainer, "_save", lambda report: None)
    trainer.run()
    gaps = np.diff(seen)[1:-1]  # the first is placed by a guess, the last comes at the end of the run
    assert len(gaps)
    assert (gaps >= cost / 0.05).all()
