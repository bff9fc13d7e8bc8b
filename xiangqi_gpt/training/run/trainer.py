"""The training loop: batches in, checkpoints and a model out."""

from __future__ import annotations

import contextlib
import itertools
import math
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from xiangqi_gpt.files import make_folder
from xiangqi_gpt.inference.file_names import settings_in_file
from xiangqi_gpt.inference.model_folder import WEIGHTS, read_config
from xiangqi_gpt.model.checkpoint import load_weights, save_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records.plural import counted
from xiangqi_gpt.records.store.token_store import TEST, TRAIN, VALIDATION, TokenStore

from ..config import TrainConfig
from ..data.batches import Batch, BatchLoader, GameSlice, prefetch, prefetch_batches, split
from ..data.corpus_choice import games_of_kinds, repeated, repeats_by_source
from ..data.games_read import (
    BASE_GAMES_READ,
    NOTHING_READ,
    GamesRead,
    save_games_read,
)
from ..data.held_out import Division, divide, drawn, game_keys
from ..data.score_scale import ScoreScale
from ..errors import TrainingError
from ..evaluation.validation import Scores, evaluate
from ..optim.objective import ForwardOutput, Totals, forward, loss_of
from ..optim.optimizer import clip_gradients, make_optimizers, rate_at
from ..runtime.compute import choose_compute, summarised_warnings, uncompiled
from ..runtime.interruptions import interruptions
from ..runtime.processes import Processes, find_device
from .base_history import history_of_base
from .checkpoints import (
    RunProgress,
    divergence,
    drop_older_checkpoints,
    load_checkpoint,
    newest,
    save_checkpoint,
    write_progress,
)
from .evaluation_schedule import EvaluationSchedule
from .progress_report import RunReport, format_speed, format_step
from .starting_model import resolve_defaults, starting_model
from .step_sums import StepSums
from .trial_steps import steps_in

_FIRST_GROUPS: Final = 22  # of the shortest sequences, where they grow
_BEST: Final = "best"


@dataclass(frozen=True)
class StepData:
    """One step's sequences, and the pieces of them that this process reads, as batches."""

    group: list[GameSlice]
    batches: list[Batch]


class Trainer:
    """One run: a model, its optimizers, and how far it has come.

    ``model`` is the one to begin with (default: what the settings ask for), ``base`` what it, or its teacher, has read
    before. ``warmup`` holds random games to be read first.
    """

    def __init__(
        self,
        store: TokenStore,
        config: TrainConfig,
        model: Gpt | None = None,
        *,
        warmup: TokenStore | None = None,
        base: GamesRead | None = None,
        processes: Processes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock, self.out = clock, Path(config.out)
        self.processes = processes or Processes(device=find_device(config.device))
        self.device = self.processes.device
        compute = choose_compute(config.precision, config.threads, self.device)
        config = replace(config, precision=compute.precision, threads=compute.threads)
        self.model = (model or self._first_model(config)).to(self.device)
        self.config = config = resolve_defaults(config, self.model.config)
        self.optimizers = make_optimizers(self.model, config)
        self.loader = BatchLoader(store, self.model.config, config, ScoreScale())
        self.warmup = BatchLoader(warmup, self.model.config, config, ScoreScale()) if warmup else None
        self.base = history_of_base(config, base)
        self.division = self._divide()
        self.repeats = repeats_by_source(store, config.source_weights)
        self.games = self.division.train[self.repeats[self.division.train] > 0]
        if not len(self.division.train):
            raise TrainingError("no game to train on: every game of the corpus fell into the held-out splits")
        if not len(self.games):
            raise TrainingError("no game to train on: --source-weights leaves out every source")
        self.games_read = self.base.joined(game_keys(store, np.unique(self.games)))
        self.held_out = self.loader.whole_games(drawn(self.division.validation, config.evaluate_games))
        self.scores: Scores | None = None
        self._best_scores: Scores | None = None
        self.schedule = EvaluationSchedule(config, self.held_out)
        self.progress = RunProgress(steps=config.steps)
        self.most_steps: int | None = None  #: that --minutes may become
        if config.resume:
            self._resume()
        elif newest(self.out):
            raise TrainingError(f"{self.out} holds a run already: add --resume, or choose another --out")
        if config.compile:
            self.model.compile(dynamic=True)
        make_folder(self.out)
        if self.processes.is_first and not config.resume and self.base is not NOTHING_READ:
            save_games_read(self.base, self.out, BASE_GAMES_READ)

    def _first_model(self, config: TrainConfig) -> Gpt:
        checkpoint = newest(self.out) if config.resume and config.start_from else None
        return Gpt(read_config(checkpoint)) if checkpoint else starting_model(config)

    def _divide(self) -> Division:
        """Which games of the wanted kinds are trained on, and which are held out."""
        store = self.loader.store
        games = games_of_kinds(store, self.config.kinds)
        if self.config.procedure == 1:
            train, validation, test = (games[store.splits[games] == part] for part in (TRAIN, VALIDATION, TEST))
            return Division(train, validation, test)
        return divide(store, games, read=self.base)

    def notes(self) -> list[str]:
        """Return what a user is to know before the run: who is held out, and what cannot be judged."""
        lines = self.division.notes()
        if self.config.patience and not self.held_out:
            lines.append(f"--patience {self.config.patience} is without effect")
        if self.held_out and not self.base.is_complete:
            lines.append("which games the model has read before is not known: it may know held-out ones")
        return lines

    # --- the loop

    def run(self) -> Scores | None:
        """Train to the end and write the model; returns its scores on held-out games (None when there are none).

        Raises ``TrainingError`` when the loss is no number, and ``KeyboardInterrupt``, after writing a checkpoint, when
        the run was interrupted.
        """
        progress = self.progress
        begun = self.clock()
        before, waited, stepped, plies_before = progress.seconds, 0.0, 0.0, progress.plies
        self._plan()
        last_saved = last_evaluated = self.clock()
        with (
            summarised_warnings() if self.config.compile else contextlib.nullcontext(),
            RunReport(self.out, progress.step, progress.steps, silent=not self.processes.is_first) as report,
            interruptions() as interrupted,
            contextlib.closing(self.steps_to_do()) as works,
        ):
            while progress.step < progress.steps:
                asked = time.perf_counter()
                work = next(works)
                ready = time.perf_counter()
                waited += ready - asked
                values = self.train_on(work)
                stepped += time.perf_counter() - ready
                now = self.clock()
                progress.step += 1
                progress.plies += round(values.pop("plies"))
                progress.seconds = before + now - begun
                values |= {"plies": progress.plies, "seconds": round(progress.seconds, 1)}
                values["waited"] = round(waited / max(now - begun, 1e-9), 4)
                if self.processes.is_first and self.schedule.is_due(progress, now - last_evaluated):
                    values |= self._evaluate(report)
                    last_evaluated = self.clock()
                    self.schedule.seconds = last_evaluated - now
                report.record(progress.step, values)
                report.show(format_step(values, progress.plies / max(progress.seconds, 1e-9)), progress.steps)
                stop = interrupted.is_set() or self._is_out_of_patience()
                stopped = self.processes.sum([float(stop), float(interrupted.is_set())])
                if stopped[0]:
                    self._save(report)
                    if stopped[1]:
                        report.say(f"interrupted at step {progress.step}; go on with --resume --out {self.out}")
                        raise KeyboardInterrupt
                    break
                if now - last_saved > self.config.checkpoint_every * 60:
                    self._save(report)
                    last_saved = self.clock()
            if self.held_out and self.processes.is_first:
                report.record(progress.step, self._evaluate(report) | {"plies": progress.plies})
            self._save(report)
            report.say(format_speed(progress.plies - plies_before, stepped, self.clock() - begun))
        if self.processes.is_first:
            self._finish()
        self.processes.wait()
        return self.scores

    def train_on(self, work: StepData, *, is_trial: bool = False) -> dict[str, float]:
        """Do one step and return its losses and shares, over all processes. A trial has no rate."""
        totals = self._totals(work.batches)
        rate = 0.0 if is_trial else rate_at(self.progress.step, self.progress.steps, self.config)
        self.optimizers.set_rate(rate)
        sums = StepSums()
        for batch in work.batches:
            batch = batch.to(self.device)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.precision == "bf16"):
                output, loss = self._forward(batch, totals)
            loss.backward()  # type: ignore[no-untyped-call]
            sums.add(output, batch, totals, loss)
        values = sums.values(self.processes)
        if not math.isfinite(values["loss"]):
            raise self._diverged(f"the loss is {values['loss']}", work.group)
        self.processes.sum_gradients(self.parameters())
        norm = clip_gradients(self.parameters(), self.config.clip)
        if self.config.clip and not math.isfinite(norm):
            raise self._diverged(f"the norm of the gradient is {norm}", work.group)
        self.optimizers.step()
        return values | {"norm": round(norm, 4), "rate": round(rate, 6)}

    def _forward(self, batch: Batch, totals: Totals) -> tuple[ForwardOutput, Tensor]:
        """What the model says of a batch, or of a piece of one, and its part of the loss."""
        output = forward(self.model, batch)
        return output, loss_of(output, batch, totals, self.config)

    def parameters(self) -> list[nn.Parameter]:
        """Return all trained parameters."""
        return list(self.model.parameters())

    def _totals(self, batches: list[Batch]) -> Totals:
        own = Totals.of(batches)
        return Totals(*self.processes.sum([own.moves, own.values, own.plies]))

    # --- which sequences

    def steps_to_do(self) -> Generator[StepData]:
        """Yield the data of each step from the present one on, without end, made in a thread ahead of its use."""
        return prefetch(self._build, self._groups())

    def _build(self, work: tuple[BatchLoader, list[GameSlice]]) -> StepData:
        loader, group = work
        count = self.processes.count * self.config.accumulate
        own = split(group, count)[self.processes.rank :: self.processes.count]
        return StepData(group, [loader.build(piece) for piece in own if piece])

    def _groups(self) -> Iterator[tuple[BatchLoader, list[GameSlice]]]:
        """Groups of sequences from the current step on; the same whether a run was interrupted or not."""
        done, seen, epoch = self.progress.step, 0, 0
        for loader, games in self._passes():
            first = seen
            for group in loader.epoch(games, epoch, lambda: self._longest(seen)):  # noqa: B023 the count of now is meant
                seen += 1
                if seen > done:
                    yield loader, group
            if seen == first and loader is self.loader:
                raise TrainingError("no game to train on: a moves-only model needs games from the usual start")
            epoch += loader is self.loader

    def _passes(self) -> Iterator[tuple[BatchLoader, npt.NDArray[np.int64]]]:
        if self.warmup is not None:
            yield self.warmup, np.arange(self.warmup.store.games)
        for epoch in itertools.count():
            yield self.loader, repeated(self.games, self.repeats, self.config.seed, epoch)

    def _longest(self, step: int) -> int:
        """The most plies a sequence of this step may have."""
        lengths = self.config.lengths
        if not lengths:
            return self.model.config.context
        if step < _FIRST_GROUPS or not self.progress.steps:
            return lengths[0]
        return lengths[min(step * len(lengths) // self.progress.steps, len(lengths) - 1)]

    # --- how long

    def _plan(self) -> None:
        """Fix how many steps the run has, and write down at once by how many it was made longer or shorter."""
        progress, more = self.progress, self.config.more_steps
        progress.steps = progress.steps or progress.step + steps_in(self, self.config.minutes - progress.seconds / 60)
        if self.config.more_minutes:
            more += int(math.copysign(steps_in(self, abs(self.config.more_minutes)), self.config.more_minutes))
        if more:
            if progress.steps + more <= progress.step:
                raise TrainingError(
                    f"the run in {self.out} is at step {progress.step} of {progress.steps}: it cannot be made "
                    f"{counted(-more, 'step')} shorter"
                )
            progress.steps += more
            kept = newest(self.out)
            if self.processes.is_first and kept:
                write_progress(kept, progress)

    def _is_out_of_patience(self) -> bool:
        return 0 < self.config.patience <= self.progress.evaluations_since_best

    # --- scores

    def _evaluate(self, report: RunReport) -> dict[str, float]:
        self.scores = s = self._held_out_scores()
        self._note_best(s, report)
        report.say(f"step {self.progress.step}: {s}")
        return {f"held_out_{name}": round(value, 5) for name, value in s.as_dict().items() if value is not None}

    def _held_out_scores(self) -> Scores:
        with uncompiled():
            return evaluate(self.model, prefetch_batches(self.loader, iter(self.held_out)), self.config.precision)

    def _note_best(self, scores: Scores, report: RunReport) -> None:
        progress = self.progress
        if progress.best_nats is not None and scores.nats_per_move >= progress.best_nats:
            progress.evaluations_since_best += 1
            return
        if self._keeps_best:
            try:
                make_folder(self.out / _BEST)
                self._write_model(self.out / _BEST)
            except OSError as error:
                report.say(f"the best model so far could not be written ({error}); training goes on")
                return
        progress.best_nats, progress.best_step = scores.nats_per_move, progress.step
        progress.evaluations_since_best, self._best_scores = 0, scores

    @property
    def _keeps_best(self) -> bool:
        return bool(self.config.patience) or self.config.procedure > 1

    # --- on disk

    def _description(self) -> dict[str, Any]:
        scores = self.scores.as_dict() if self.scores else None
        return {
            "training": settings_in_file(asdict(self.config)),
            "step": self.progress.step,
            "best_step": self.progress.best_step,
            "steps": self.progress.steps,
            "plies": self.progress.plies,
            "seconds": round(self.progress.seconds, 1),
            "held_out": scores,
        }

    def _write_model(self, folder: Path, *, half: bool = False) -> None:
        """Write the model with what it has read into an existing folder. Raises ``OSError``."""
        save_model(self.model, folder, self._description(), half=half)
        save_games_read(self.games_read, folder)

    def _save(self, report: RunReport) -> None:
        if not self.processes.is_first:
            return
        if not all(bool(torch.isfinite(p).all()) for p in self.model.parameters()):
            raise self._diverged("a weight is no number any more", [])
        try:
            save_checkpoint(self.out, self.progress, self._write_model, self.optimizers)
            drop_older_checkpoints(self.out, keep_models=self.config.keep_checkpoints)
        except OSError as error:
            report.say(f"checkpoint of step {self.progress.step} could not be written ({error}); training goes on")

    def _finish(self) -> None:
        """Write the model: the best one on held-out games; where that is not the last, it also stays in ``best``."""
        best = self.out / _BEST / WEIGHTS
        if self.progress.evaluations_since_best and self._keeps_best and best.exists():
            load_weights(self.model, best)
            self.scores = self._best_scores or self._held_out_scores()
        try:
            self._write_model(self.out, half=True)
        except OSError as error:
            raise TrainingError(
                f"the model could not be written ({error}); make room, then go on with --resume --out {self.out}"
            ) from None
        if not self.progress.evaluations_since_best:
            shutil.rmtree(self.out / _BEST, ignore_errors=True)

    def _resume(self) -> None:
        folder = newest(self.out)
        if folder is None:  # it was interrupted before its first one: it begins again
            return
        self.progress = load_checkpoint(folder, self.model, self.optimizers)
        self.progress.steps = self.progress.steps or self.config.steps
        if self.config.steps > self.progress.steps:
            raise TrainingError(
                f"--steps {self.config.steps}: the run in {self.out} is one of {self.progress.steps} steps"
            )

    def _diverged(self, what: str, group: list[GameSlice]) -> TrainingError:
        return divergence(self.out, self.progress.step, what, [sequence.game for sequence in group])
