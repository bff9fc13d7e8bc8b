"""The training loop: batches in, checkpoints and a model out."""

from __future__ import annotations

import contextlib
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
from xiangqi_gpt.inference.model_folder import WEIGHTS, find_model, read_config
from xiangqi_gpt.model.checkpoint import load_weights, save_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records.store.token_store import TEST, TRAIN, VALIDATION, TokenStore

from ..config import TrainConfig
from ..data.batches import Batch, BatchLoader, GameSlice, prefetch, prefetch_batches, split
from ..data.corpus_choice import games_of_kinds
from ..data.games_read import (
    BASE_GAMES_READ,
    NOTHING_READ,
    UNKNOWN_HISTORY,
    GamesRead,
    load_games_read,
    save_games_read,
)
from ..data.held_out import Division, divide, game_keys
from ..data.score_scale import ScoreScale
from ..errors import TrainingError
from ..evaluation.validation import Scores, evaluate
from ..optim.auxiliary_heads import make_auxiliary_heads
from ..optim.averaging import Average
from ..optim.objective import ForwardOutput, Totals, forward, loss_of
from ..optim.optimizer import make_optimizers, rate_at
from ..runtime.compiling import summarised_warnings, uncompiled
from ..runtime.compute import choose_compute
from ..runtime.interruptions import interruptions
from ..runtime.processes import Processes, find_device
from .checkpoints import RunProgress, drop_older_checkpoints, load_checkpoint, newest, save_checkpoint
from .progress_report import RunReport
from .starting_model import resolve_defaults, starting_model

_TIMED_STEPS: Final = 12  # steps that are timed before --minutes becomes a number of steps
_FIRST_GROUPS: Final = 2 + _TIMED_STEPS + 8  # these are drawn, ahead of their use, before the number of steps is known
_EVALUATION_SHARE: Final = 0.05  # of a run's time, at most, goes to looking at held-out games on the way
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
        auxiliary = make_auxiliary_heads(self.model, config)
        self.auxiliary = auxiliary.to(self.device) if auxiliary else None
        self.optimizers = make_optimizers(self.model, config, self.auxiliary)
        self.average = Average(self.model, config.average) if config.average else None
        self.maker = BatchLoader(store, self.model.config, config, ScoreScale())
        self.warmup = BatchLoader(warmup, self.model.config, config, ScoreScale()) if warmup else None
        self.base = self._base(base)
        self.division = self._divide()
        self.games = self.division.train
        if not len(self.games):
            raise TrainingError("no game to train on: every game of the corpus fell into the held-out splits")
        self.games_read = self.base.joined(game_keys(store, np.unique(self.games)))
        self.held_out = self._held_out()
        self.scores: Scores | None = None
        self._evaluation_seconds: float | None = None
        self.progress = RunProgress(steps=config.steps)
        if config.resume:
            self._resume()
        elif newest(self.out):
            raise TrainingError(f"{self.out} holds a run already: add --resume, or choose another --out")
        if config.compile:
            self.model.compile(dynamic=True)
        make_folder(self.out)
        if self.processes.is_first and not config.resume and self.base is not NOTHING_READ:
            save_games_read(self.base, self.out, BASE_GAMES_READ)

    def _base(self, given: GamesRead | None) -> GamesRead:
        """What the model that the run begins with has read."""
        if not self.config.start_from and given is None:
            return NOTHING_READ
        if self.config.resume and (self.out / BASE_GAMES_READ).is_file():
            return load_games_read(self.out, BASE_GAMES_READ)
        if given is not None:
            return given
        return UNKNOWN_HISTORY if self.config.resume else load_games_read(find_model(self.config.start_from))

    def _first_model(self, config: TrainConfig) -> Gpt:
        checkpoint = newest(self.out) if config.resume and config.start_from else None
        return Gpt(read_config(checkpoint)) if checkpoint else starting_model(config)

    def _divide(self) -> Division:
        """Which games of the wanted kinds are trained on, and which are held out."""
        store = self.maker.store
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

    def _held_out(self) -> list[list[GameSlice]]:
        games = self.division.validation
        random = np.random.default_rng(0)  # the same games for every run on a corpus
        if len(games) > self.config.evaluate_games:
            games = np.sort(random.choice(games, self.config.evaluate_games, replace=False))
        return self.maker.whole_games(games)

    # --- the loop

    def run(self) -> Scores | None:
        """Train to the end and write the model; returns its scores on held-out games (None when there are none).

        Raises ``TrainingError`` when the loss is no number, and ``KeyboardInterrupt``, after writing a checkpoint, when
        the run was interrupted.
        """
        progress = self.progress
        begun = timed_from = last_saved = last_evaluated = self.clock()
        before, waited, stepped, plies_before = progress.seconds, 0.0, 0.0, progress.plies
        with (
            summarised_warnings() if self.config.compile else contextlib.nullcontext(),
            RunReport(self.out, progress.step, progress.steps, silent=not self.processes.is_first) as report,
            interruptions() as interrupted,
            contextlib.closing(self.steps_to_do()) as works,
        ):
            while not (progress.steps and progress.step >= progress.steps):
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
                if progress.step == 2:
                    timed_from = now  # the first steps also warm up
                if not progress.steps and self._has_timed_enough():
                    progress.steps = self._steps_for_minutes((now - timed_from) / (progress.step - 2))
                values |= {"plies": progress.plies, "seconds": round(progress.seconds, 1)}
                values["waited"] = round(waited / max(now - begun, 1e-9), 4)
                if self.held_out and self.processes.is_first and now - last_evaluated > self._evaluation_interval():
                    values |= self._evaluate(report)
                    last_evaluated = self.clock()
                    self._evaluation_seconds = last_evaluated - now
                report.record(progress.step, values)
                report.show(self._line(values), progress.steps)
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
            report.say(_rates(progress.plies - plies_before, stepped, self.clock() - begun))
        if self.processes.is_first:
            self._finish()
        self.processes.wait()
        return self.scores

    def train_on(self, work: StepData) -> dict[str, float]:
        """One step; returns its loss and shares, for all processes together."""
        totals = self._totals(work.batches)
        factor = rate_at(self.progress.step, self.progress.steps, self.config) if self.progress.steps else None
        self.optimizers.set_rate(self._first_rate() if factor is None else factor)
        sums = np.zeros(5)  # loss, right, taught, legal, plies
        for batch in work.batches:
            batch = batch.to(self.device)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.precision == "bf16"):
                readings, loss = self._forward(batch, totals)
            loss.backward()  # type: ignore[no-untyped-call]
            taught = batch.weights > 0
            legal = readings.legal.sum() if readings.legal is not None else loss.new_zeros(())
            counts = torch.stack([loss.detach(), (readings.top1 & taught).sum(), taught.sum(), legal])
            sums += [*counts.tolist(), len(batch.targets)]
        total_loss, right_, taught_, legal_, plies = self.processes.sum(sums.tolist())
        if not math.isfinite(total_loss):
            raise self._diverged(f"the loss is {total_loss}", work.group)
        self.processes.sum_gradients(self._parameters())
        self.optimizers.step()
        if self.average is not None:
            self.average.update(self.progress.step)
        values = {"loss": round(total_loss, 4), "top1": round(right_ / max(taught_, 1), 4), "plies": plies}
        if self.model.config.features == "none" and self.model.config.tokenizer.tokens_per_move == 1:
            values["legal_top1"] = round(legal_ / max(plies, 1), 4)
        return values

    def _forward(self, batch: Batch, totals: Totals) -> tuple[ForwardOutput, Tensor]:
        """What the model says of a batch, or of a piece of one, and its part of the loss."""
        readings = forward(self.model, batch, self.config.sparse)
        loss = loss_of(readings, batch, totals, self.config)
        if self.auxiliary is not None:
            loss = loss + self.auxiliary.loss(self.model, readings.hidden, batch, totals.plies)
        return readings, loss

    def _parameters(self) -> list[nn.Parameter]:
        return [*self.model.parameters(), *(self.auxiliary.parameters() if self.auxiliary else ())]

    def _totals(self, batches: list[Batch]) -> Totals:
        own = Totals.of(batches)
        return Totals(*self.processes.sum([own.moves, own.values, own.plies]))

    # --- which sequences

    def steps_to_do(self) -> Generator[StepData]:
        """The work of each step from the present one on, without end, made in a thread ahead of its use."""
        return prefetch(self._build, self._groups())

    def _build(self, work: tuple[BatchLoader, list[GameSlice]]) -> StepData:
        maker, group = work
        count = self.processes.count * self.config.accumulate
        own = split(group, count)[self.processes.rank :: self.processes.count]
        return StepData(group, [maker.build(piece) for piece in own if piece])

    def _groups(self) -> Iterator[tuple[BatchLoader, list[GameSlice]]]:
        """Groups of sequences from the current step on; the same whether a run was interrupted or not."""
        done, seen, epoch = self.progress.step, 0, 0
        for maker, games in self._passes():
            first = seen
            for group in maker.epoch(games, epoch, lambda: self._longest(seen)):  # noqa: B023 the count of now is meant
                seen += 1
                if seen > done:
                    yield maker, group
            if seen == first and maker is self.maker:
                raise TrainingError("no game to train on: a blind model needs games from the usual start")
            epoch += maker is self.maker

    def _passes(self) -> Iterator[tuple[BatchLoader, npt.NDArray[np.int64]]]:
        if self.warmup is not None:
            yield self.warmup, np.arange(self.warmup.store.games)
        while True:
            yield self.maker, self.games

    def _longest(self, step: int) -> int:
        """The most plies a sequence of this step may have."""
        lengths = self.config.lengths
        if not lengths:
            return self.model.config.context
        if step < _FIRST_GROUPS or not self.progress.steps:
            return lengths[0]
        return lengths[min(step * len(lengths) // self.progress.steps, len(lengths) - 1)]

    # --- how long

    def _has_timed_enough(self) -> bool:
        # A slow machine must not spend a short run on timing it.
        step, seconds = self.progress.step, self.progress.seconds
        enough = (step > 3 and seconds > 0.3 * 60 * self.config.minutes) or step == 2 + _TIMED_STEPS
        return self.processes.sum([float(enough and self.processes.is_first)])[0] > 0

    def _steps_for_minutes(self, seconds_a_step: float) -> int:
        left = self.config.minutes * 60 - self.progress.seconds
        steps = self.progress.step + max(1, round(left * 0.97 / seconds_a_step))
        return round(self.processes.sum([float(steps if self.processes.is_first else 0)])[0])

    def _first_rate(self) -> float:
        # While the length of the run is not known yet, warm up as if it were a short one.
        return min(1.0, (self.progress.step + 1) / 20)

    def _is_out_of_patience(self) -> bool:
        return 0 < self.config.patience <= self.progress.evaluations_since_best

    # --- scores

    def _line(self, values: dict[str, float]) -> str:
        legal = f" legal {values['legal_top1']:.1%}" if "legal_top1" in values else ""
        speed = self.progress.plies / max(self.progress.seconds, 1e-9)
        return (
            f"loss {values['loss']:.3f} top1 {values['top1']:.1%}{legal} {speed:,.0f} plies/s "
            f"waited {values['waited']:.1%}"
        )

    def _evaluation_interval(self) -> float:
        """Seconds between two evaluations: as asked, but never so few that they take more than a twentieth.

        What one takes is known from the one before; until then, reading a ply is held to be half of learning it.
        """
        cost = self._evaluation_seconds
        if cost is None:
            plies = sum(sequence.length for group in self.held_out for sequence in group)
            cost = 0.5 * plies * self.progress.seconds / max(self.progress.plies, 1)
        return max(self.config.evaluate_every * 60, cost / _EVALUATION_SHARE)

    def _evaluate(self, report: RunReport) -> dict[str, float]:
        with self.average.in_place() if self.average else contextlib.nullcontext():
            self.scores = s = self._held_out_scores()
            self._note_best(s, report)
        report.say(
            f"step {self.progress.step}: held-out {s.nats_per_move:.3f} nats a move, top-1 {s.top1:.1%}, "
            f"from ply 10 {s.top1_ply10:.1%}, result {s.value_log_loss:.3f} nats"
        )
        return {f"held_out_{name}": round(value, 5) for name, value in s.as_dict().items()}

    def _held_out_scores(self) -> Scores:
        with uncompiled():
            return evaluate(self.model, prefetch_batches(self.maker, iter(self.held_out)), self.config.precision)

    def _note_best(self, scores: Scores, report: RunReport) -> None:
        progress = self.progress
        if progress.best_nats is not None and scores.nats_per_move >= progress.best_nats:
            progress.evaluations_since_best += 1
            return
        if self.config.patience:
            try:
                make_folder(self.out / _BEST)
                self._write_model(self.out / _BEST)
            except OSError as error:
                report.say(f"the best model so far could not be written ({error}); training goes on")
                return
        progress.best_nats, progress.evaluations_since_best = scores.nats_per_move, 0

    # --- on disk

    def _description(self) -> dict[str, Any]:
        scores = self.scores.as_dict() if self.scores else None
        return {
            "training": settings_in_file(asdict(self.config)),
            "step": self.progress.step,
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
            save_checkpoint(
                self.out,
                self.progress,
                self._write_model,
                self.optimizers,
                self.average,
                self.auxiliary,
            )
            drop_older_checkpoints(self.out, keep_models=self.config.keep_checkpoints)
        except OSError as error:
            report.say(f"checkpoint of step {self.progress.step} could not be written ({error}); training goes on")

    def _finish(self) -> None:
        """Write the model: the best one of a run that ended early or could have, else the last."""
        best = self.out / _BEST / WEIGHTS
        with self.average.in_place() if self.average else contextlib.nullcontext():
            if self.progress.evaluations_since_best and self.config.patience and best.exists():
                load_weights(self.model, best)
                self.scores = self._held_out_scores()
            try:
                self._write_model(self.out, half=True)
            except OSError as error:
                raise TrainingError(
                    f"the model could not be written ({error}); make room, then go on with --resume --out {self.out}"
                ) from None
        shutil.rmtree(self.out / _BEST, ignore_errors=True)

    def _resume(self) -> None:
        folder = newest(self.out)
        if folder is None:  # it was interrupted before its first one: it begins again
            return
        self.progress = load_checkpoint(folder, self.model, self.optimizers, self.average, self.auxiliary)
        self.progress.steps = self.progress.steps or self.config.steps
        if self.config.steps not in (0, self.progress.steps):
            raise TrainingError(
                f"--steps {self.config.steps}: the run in {self.out} is one of {self.progress.steps} steps"
            )

    def _diverged(self, what: str, group: list[GameSlice]) -> TrainingError:
        games = ", ".join(str(sequence.game) for sequence in group[:5]) + (", ..." if len(group) > 5 else "")
        batch = f" in a batch of {len(group)} games (numbers {games} of the store)" if group else ""
        kept = newest(self.out)
        good = f"the checkpoint {kept} from before is good" if kept else "no checkpoint was written yet"
        return TrainingError(f"step {self.progress.step}: {what}{batch}; lower --matrix-rate and --table-rate; {good}")


def _rates(plies: int, stepped: float, seconds: float) -> str:
    """The speed of a run of so many ``seconds`` beside that of its steps alone, which took ``stepped`` of them."""
    if not plies:
        return "no step was left to do"
    bare, whole = plies / max(stepped, 1e-9), plies / max(seconds, 1e-9)
    return (
        f"{whole:,.0f} plies/s over the whole run, {bare:,.0f} in its steps alone: batches, evaluations and "
        f"checkpoints took {max(0.0, 1 - whole / bare):.0%}"
    )
