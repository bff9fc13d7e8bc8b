"""Every month's new games: merge them into the corpus, go on from the last model, and compare before and after."""

from __future__ import annotations

import dataclasses
import json
import math
import shlex
from pathlib import Path
from typing import Any, Final

import numpy as np

from xiangqi_gpt.files import atomic_write, one_writer, parse_json
from xiangqi_gpt.inference.model_folder import find_model, read_config
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.progress_bar import ProgressBar
from xiangqi_gpt.records.importer.run_import import import_records
from xiangqi_gpt.records.plural import counted
from xiangqi_gpt.records.store.token_store import TokenStore

from ..config import TrainConfig, UpdateConfig, check_types
from ..data.held_out import game_keys
from ..errors import TrainingError
from ..run.run_settings import expect_new, resumed_config
from ..run.starting_model import resolve_defaults
from ..run.train import CORPUS, UPDATE, check, train
from ..run.trainer import Trainer
from .finetune import MoveMatch, match_moves, mix_games, predict_games

_RESULT: Final = "update_result.json"  #: there when the training is done: what is left is the match
_PASSES: Final = 10  # of the new games at most: what finetune does


@dataclasses.dataclass(frozen=True)
class UpdateResult:
    """How an update ended: how many games were new, and the match with held-out moves before and after (None: none)."""

    new_games: int
    before: MoveMatch | None
    after: MoveMatch | None
    verdict: list[str]


def update(config: UpdateConfig) -> UpdateResult:
    """Merge ``config.files`` into the corpus, train on from ``config.model``, and compare on the same held-out games.

    Raises ``TrainingError`` for settings that make no sense and where no game is new, ``CheckpointError``,
    ``CorpusError``.
    """
    _check(config)
    out = Path(config.out)
    with one_writer(out):
        expect_new(out, UPDATE)
        config = dataclasses.replace(config, corpus=str(_old_corpus(config)))
        with atomic_write(out / UPDATE) as path:
            path.write_text(json.dumps(dataclasses.asdict(config), ensure_ascii=False, indent=1), encoding="utf-8")
        return _run(config)


def go_on_updating(out: str) -> UpdateResult:
    """Go on with the update in ``out``. Raises ``TrainingError`` when there is none or its settings cannot be read."""
    config = kept_update(out)
    with one_writer(out):
        return _run(config)


def kept_update(out: str) -> UpdateConfig:
    """Return the settings of the update in ``out``. Raises ``TrainingError`` when there is none."""
    path = Path(out) / UPDATE
    try:
        kept = parse_json(path.read_text(encoding="utf-8"))
        config = UpdateConfig(**(kept | {"files": tuple(kept["files"]), "out": out}))
        check_types(config)
        return config
    except FileNotFoundError:
        raise TrainingError(f"no update to go on with in {out}") from None
    except (ValueError, TypeError, KeyError) as error:
        raise TrainingError(f"{path} is damaged: {error}") from None


def _check(config: UpdateConfig) -> None:
    for name, most in (("new_share", 1), ("rate_share", 10)):
        if not 0 < getattr(config, name) <= most:
            raise TrainingError(
                f"--{name.replace('_', '-')} {getattr(config, name)}: expected a number above 0, {most} at most"
            )
    for file in config.files:
        if not Path(file).exists():
            raise TrainingError(f"no such file: {file}")
    check(_training(config))


def _old_corpus(config: UpdateConfig) -> Path:
    """The corpus that the last model has learned from."""
    path = Path(config.corpus) if config.corpus else find_model(config.model) / CORPUS
    if not path.is_file():
        what = f"no such corpus: {path}" if config.corpus else f"which games did {config.model} learn from?"
        raise TrainingError(f"{what}: name them with --corpus games.parquet")
    return path


def _training(config: UpdateConfig) -> TrainConfig:
    """What the trainer is told: the settings of ``train`` at lower rates."""
    usual = resolve_defaults(TrainConfig(start_from=config.model), read_config(find_model(config.model)))
    return TrainConfig(
        corpus=(str(Path(config.out) / CORPUS),),
        out=config.out,
        minutes=config.minutes,
        steps=config.steps,
        start_from=config.model,
        batch_plies=config.batch_plies,
        matrix_rate=usual.matrix_rate * config.rate_share,
        table_rate=usual.table_rate * config.rate_share,
        warmup=0.1,
        seed=config.seed,
        threads=config.threads,
        device=config.device,
        precision=config.precision,
    )


def _run(config: UpdateConfig) -> UpdateResult:
    out = Path(config.out)
    if (out / _RESULT).is_file():
        return _kept_result(out / _RESULT)
    if not (out / CORPUS).is_file():
        report = import_records([config.corpus, *config.files], out / CORPUS)
        ProgressBar.write(f"{counted(report.corpus.games, 'game')} in {out / CORPUS}, the new ones merged in")
    is_begun = (out / "settings.json").is_file()
    training = resumed_config(config.out, {}) if is_begun else _training(config)
    trainers: list[Updater] = []

    def make_trainer(store: TokenStore, training: TrainConfig, model: Gpt | None = None, **more: Any) -> Updater:
        trainers.append(Updater(store, training, model, settings=config, **more))
        return trainers[-1]

    lines: list[str] = []
    train(training, make_trainer=make_trainer, command=_command(config), on_verdict=lines.extend)
    trainer = trainers[0]
    after = match_moves(predict_games(trainer.model, trainer.loader, trainer.judged))
    result = UpdateResult(trainer.new_games, trainer.before, after, lines)
    if trainer.processes.is_first:
        with atomic_write(out / _RESULT) as path:
            path.write_text(json.dumps(dataclasses.asdict(result), ensure_ascii=False, indent=1), encoding="utf-8")
    return result


def _kept_result(path: Path) -> UpdateResult:
    try:
        kept = parse_json(path.read_text(encoding="utf-8"))
        matches = {name: MoveMatch(**kept[name]) if kept[name] else None for name in ("before", "after")}
        return UpdateResult(**(kept | matches))
    except (ValueError, TypeError, KeyError) as error:
        raise TrainingError(f"{path} is damaged: {error}") from None


def _command(config: UpdateConfig) -> str:
    """The command that does this again."""
    words = ["xiangqi-gpt", "update", config.model, *config.files, "--corpus", config.corpus, "--out", config.out]
    for field in dataclasses.fields(UpdateConfig):
        value = getattr(config, field.name)
        if value != field.default and field.name not in ("model", "files", "corpus", "out"):
            words += [f"--{field.name.replace('_', '-')}", str(value)]
    return shlex.join(words)


class Updater(Trainer):
    """A trainer that goes on from a model and reads the games which that has not read more often than the others."""

    def __init__(
        self, store: TokenStore, config: TrainConfig, model: Gpt | None = None, *, settings: UpdateConfig, **more: Any
    ) -> None:
        super().__init__(store, config, model, **more)
        games = self.division.train
        is_new = ~self.base.includes(game_keys(store, games))
        self.new_games = int(is_new.sum())
        if not self.new_games:
            raise TrainingError(
                f"no new game: {settings.model} has read all that are not held out; {self.out} can be deleted"
            )
        self.judged = np.array([sequence.game for group in self.held_out for sequence in group], np.int64)
        self.games = mix_games(games[is_new], games[~is_new], 1 - settings.new_share)
        plies = np.diff(store.offsets)[games[is_new]].sum() / (settings.new_share if not is_new.all() else 1)
        self.most_steps = max(1, math.ceil(_PASSES * float(plies) / config.batch_plies))
        self.before: MoveMatch | None = None

    def notes(self) -> list[str]:
        """Return what a user is to know before the run, first how many games are new."""
        first = f"{counted(self.new_games, 'game')} that the model has not read, in {len(self.division.train):,}"
        return [first, *super().notes()]

    def run(self) -> Any:
        """Measure the last model, then train; see ``Trainer``."""
        if self.processes.is_first:
            last = load_model(find_model(self.config.start_from)).to(self.device)
            self.before = match_moves(predict_games(last, self.loader, self.judged))
            if self.before:
                ProgressBar.write(f"before, on {self.before.games} held-out games: {self.before}")
        return super().run()
