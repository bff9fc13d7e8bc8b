"""The training loop: batches in, checkpoints out."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tqdm import tqdm

from xiangqi_gpt.model.checkpoint import WEIGHTS, load_weights, read_config, save_model, write_tensors
from xiangqi_gpt.model.gpt import PRESETS, Gpt
from xiangqi_gpt.records.store import TRAIN, VALIDATION, TokenStore
from xiangqi_gpt.rules import XiangqiError

from .batches import Batch, BatchMaker, Sequence, prefetch
from .config import TrainConfig
from .evaluation import Scores, evaluate
from .objective import read
from .optimizer import make_optimizers, rate_at, restore_state, state_tensors
from .scores import ScoreScale

_TIMED_STEPS = 12  # steps that are timed before --minutes becomes a number of steps
_PROGRESS = "progress.json"
_METRICS = "metrics.jsonl"
_OPTIMIZER = "optimizer.safetensors"


class TrainingError(XiangqiError):
    """A run that cannot start or cannot go on."""


class Trainer:
    """One run: a model, its optimizers, and how far it has come."""

    def __init__(self, store: TokenStore, config: TrainConfig, clock: Callable[[], float] = time.monotonic) -> None:
        self.config, self.clock, self.out = config, clock, Path(config.out)
        self.device = find_device(config.device)
        if config.threads:
            torch.set_num_threads(config.threads)
        torch.manual_seed(config.seed)
        shape = replace(PRESETS[config.preset], sight=config.sight)
        self.model = Gpt(shape).to(self.device)
        self.optimizers = make_optimizers(self.model, config)
        self.maker = BatchMaker(store, shape, config, ScoreScale())
        self.games = store.select(TRAIN)
        self.held_out = self._held_out(store)
        if not len(self.games):
            raise TrainingError("no game to train on: every game of the corpus fell into the held-out splits")
        self.step, self.steps, self.plies, self.seconds = 0, config.steps, 0, 0.0
        self.scores: Scores | None = None
        if config.resume:
            self._resume()
        elif any(self.out.glob("step-*")):
            raise TrainingError(f"{self.out} holds a run already: add --resume, or choose another --out")
        self.out.mkdir(parents=True, exist_ok=True)

    def _held_out(self, store: TokenStore) -> list[list[Sequence]]:
        games = store.select(VALIDATION)
        random = np.random.default_rng(0)  # the same games for every run on a corpus
        if len(games) > self.config.evaluate_games:
            games = np.sort(random.choice(games, self.config.evaluate_games, replace=False))
        return self.maker.whole_games(games)

    # --- the loop

    def run(self) -> Scores | None:
        """Train to the end and write the model; returns its scores on held-out games (None when there are none)."""
        last_saved = last_evaluated = begun = timed_from = self.clock()
        before = self.seconds
        average: float | None = None
        self._forget_metrics_after_checkpoint()
        with (
            (self.out / _METRICS).open("a", encoding="utf-8") as metrics,
            tqdm(total=self.steps or None, initial=self.step, unit="step", dynamic_ncols=True, smoothing=0.05) as bar,
        ):
            for batch in prefetch(self.maker, self._groups()):
                if self.steps and self.step >= self.steps:
                    break
                loss, top1, plies = self._train_on(batch)
                if not math.isfinite(loss):
                    raise TrainingError(
                        f"the loss of step {self.step} is {loss}: lower --matrix-rate and --table-rate; "
                        f"a checkpoint in {self.out} from before is good"
                    )
                now = self.clock()
                self.step, self.plies, self.seconds = self.step + 1, self.plies + plies, before + now - begun
                if self.step == 2:
                    timed_from = now  # the first steps also warm up
                if not self.steps and self._has_timed_enough():
                    each = (now - timed_from) / (self.step - 2)
                    left = self.config.minutes * 60 - self.seconds
                    self.steps = self.step + max(1, round(left * 0.97 / each))
                    bar.total = self.steps
                average = loss if average is None else 0.98 * average + 0.02 * loss
                speed = self.plies / max(self.seconds, 1e-9)
                bar.set_postfix_str(f"loss {average:.3f} top1 {top1:.1%} {speed:,.0f} plies/s", refresh=False)
                bar.update()
                record: dict[str, Any] = {"step": self.step, "loss": round(loss, 4), "top1": round(top1, 4)}
                if self.held_out and now - last_evaluated > self.config.evaluate_every * 60:
                    record |= self._evaluate(bar)
                    last_evaluated = self.clock()
                metrics.write(json.dumps(record | {"plies": self.plies, "seconds": round(self.seconds, 1)}) + "\n")
                metrics.flush()
                if now - last_saved > self.config.checkpoint_every * 60:
                    self.save_checkpoint()
                    last_saved = self.clock()
            if self.held_out:
                record = {"step": self.step, **self._evaluate(bar), "plies": self.plies}
                metrics.write(json.dumps(record) + "\n")
        self.save_checkpoint()
        save_model(self.model, self.out, self._description(), half=True)
        return self.scores

    def _groups(self) -> Iterator[list[Sequence]]:
        """Groups of sequences from the current step on; the same whether a run was interrupted or not."""
        done, seen, epoch = self.step, 0, 0
        while True:
            any_group = False
            for group in self.maker.epoch(self.games, epoch):
                any_group = True
                seen += 1
                if seen > done:
                    yield group
            if not any_group:
                raise TrainingError("no game to train on: a blind model needs games from the usual start")
            epoch += 1

    def _train_on(self, batch: Batch) -> tuple[float, float, int]:
        batch = batch.to(self.device)
        self.optimizers.set_rate(rate_at(self.step, self.steps, self.config) if self.steps else self._first_rate())
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.precision == "bf16"):
            readings = read(self.model, batch, self.config.value_weight)
        readings.loss.backward()  # type: ignore[no-untyped-call]
        if bool(torch.isfinite(readings.loss)):
            self.optimizers.step()
        taught = batch.weights > 0
        top1 = float(readings.top1[taught].float().mean()) if bool(taught.any()) else 0.0
        return float(readings.loss.detach()), top1, len(batch.targets)

    def _has_timed_enough(self) -> bool:
        # A slow machine must not spend a short run on timing it.
        late = self.step > 3 and self.seconds > 0.3 * 60 * self.config.minutes
        return late or self.step == 2 + _TIMED_STEPS

    def _first_rate(self) -> float:
        # While the length of the run is not known yet, warm up as if it were a short one.
        return min(1.0, (self.step + 1) / 20)

    def _evaluate(self, bar: tqdm[Any]) -> dict[str, float]:
        held_out = prefetch(self.maker, iter(self.held_out))
        self.scores = evaluate(self.model, held_out, self.config.precision)
        s = self.scores
        bar.write(
            f"step {self.step}: held-out {s.nats_per_move:.3f} nats a move, top-1 {s.top1:.1%}, "
            f"from ply 10 {s.top1_ply10:.1%}, result {s.value_log_loss:.3f} nats"
        )
        return {f"held_out_{name}": round(value, 5) for name, value in s.as_dict().items()}

    def _forget_metrics_after_checkpoint(self) -> None:
        """Drop what an interrupted run wrote of steps that are done again now."""
        path = self.out / _METRICS
        if not path.exists():
            return
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        partial = path.with_name(f".{_METRICS}.partial")
        partial.write_text("".join(line for line in lines if _step_of(line) <= self.step), encoding="utf-8")
        partial.replace(path)

    # --- checkpoints

    def _description(self) -> dict[str, Any]:
        scores = self.scores.as_dict() if self.scores else None
        return {
            "training": asdict(self.config),
            "step": self.step,
            "steps": self.steps,
            "plies": self.plies,
            "seconds": round(self.seconds, 1),
            "held_out": scores,
        }

    def save_checkpoint(self) -> None:
        """Write ``step-N``: it appears whole or not at all, and replaces the one before."""
        final = self.out / f"step-{self.step:07d}"
        if final.exists():
            return
        partial = self.out / f".{final.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        try:
            partial.mkdir(parents=True)
            save_model(self.model, partial, self._description())
            write_tensors(state_tensors(self.optimizers, self.model), partial / _OPTIMIZER)
            progress = {"step": self.step, "steps": self.steps, "plies": self.plies, "seconds": self.seconds}
            (partial / _PROGRESS).write_text(json.dumps(progress), encoding="utf-8")
            partial.rename(final)
        except (OSError, SafetensorError) as error:
            tqdm.write(f"checkpoint of step {self.step} could not be written ({error}); training goes on")
            shutil.rmtree(partial, ignore_errors=True)
            return
        for older in self.out.glob("step-*"):
            if older != final:
                shutil.rmtree(older, ignore_errors=True)

    def _resume(self) -> None:
        checkpoints = sorted(self.out.glob("step-*"))
        if not checkpoints:  # it was interrupted before its first one: it begins again
            return
        folder = checkpoints[-1]
        if read_config(folder) != self.model.config:
            raise TrainingError(f"{folder} is a model of another shape than --preset and --sight ask for")
        load_weights(self.model, folder / WEIGHTS)
        try:
            restore_state(self.optimizers, self.model, load_file(folder / _OPTIMIZER))
            progress = json.loads((folder / _PROGRESS).read_text(encoding="utf-8"))
            self.step, self.steps = int(progress["step"]), int(progress["steps"]) or self.config.steps
            self.plies, self.seconds = int(progress["plies"]), float(progress["seconds"])
        except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
            raise TrainingError(f"{folder} is damaged: {error}") from None
        if self.config.steps not in (0, self.steps):
            raise TrainingError(f"--steps {self.config.steps}: the run in {self.out} is one of {self.steps} steps")


def _step_of(line: str) -> float:
    """The step of a line of metrics; infinite for one that was cut short."""
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return math.inf


def find_device(name: str) -> torch.device:
    """The device of a name, ``auto`` for a GPU where there is one. Raises ``TrainingError`` when it is not there."""
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError("--device cuda: PyTorch sees no GPU here")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)
