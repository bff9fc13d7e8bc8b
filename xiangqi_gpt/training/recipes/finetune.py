"""Learning a style: a model goes on from a few games of a person, beside games that keep it from forgetting."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.data import sample_games
from xiangqi_gpt.files import atomic_write, one_writer, parse_json
from xiangqi_gpt.inference.model_folder import find_model, read_config
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.progress_bar import ProgressBar
from xiangqi_gpt.records import GameBatch, RecordError
from xiangqi_gpt.records.store.token_store import (
    SPLIT_PLIES,
    TEST,
    TRAIN,
    VALIDATION,
    TokenStore,
    build_store,
    open_store,
)
from xiangqi_gpt.rules.moves import MIRROR_SQUARE
from xiangqi_gpt.rules.pieces import PIECE_TYPES, SQUARES

from ..config import FinetuneConfig, TrainConfig, check_types
from ..data.batches import BatchLoader
from ..data.corpus_choice import game_condition
from ..data.games_read import GamesRead, load_games_read
from ..data.held_out import Division, divide, game_keys
from ..errors import TrainingError
from ..evaluation.baseline_predictors import replay
from ..evaluation.evaluate_model import whole_games
from ..evaluation.metrics import interval_by_game
from ..evaluation.ply_predictions import Plies, predict_plies
from ..evaluation.verdict import beats_before, few_games
from ..run.run_settings import MACHINE, expect_new, threads_here
from ..run.starting_model import resolve_defaults
from ..run.train import check
from ..run.trainer import Trainer
from ..runtime.allocator import keep_freed_memory
from ..runtime.compute import choose_compute
from ..runtime.processes import find_device
from .new_games import mark_player, read_new_games

_SETTINGS: Final = "finetune.json"
_NEW_GAMES: Final = "new_games"
_TOKENS: Final = "tokens"
_OF_BEFORE: Final[dict[str, Any]] = {"procedure": 1}  # what the settings of version 0.1 stand for
_MOST_HELD_OUT: Final = 200
_MOST_OLD_HELD_OUT: Final = 300
#: Against a training from scratch.
_RATE_SHARE: Final = 0.1
#: For a step of 1,024 plies Muon takes a third of the time in fp32, and gains nothing (``docs/EXPERIMENTS.md``).
_OPTIMIZER: Final = "adamw"


@dataclass(frozen=True)
class MoveMatch:
    """How often a model's first choice is the move of the record, with its 95 % interval, and nats a move."""

    top1: float
    low: float
    high: float
    nats: float
    games: int
    plies: int

    def __str__(self) -> str:
        return f"{self.top1:.1%} ({self.low:.1%} … {self.high:.1%}), {self.nats:.3f} nats a move"


@dataclass(frozen=True)
class StyleResult:
    """Matches before and after: on held-out new games, and on games of the mix that were not read (None: none)."""

    new_before: MoveMatch | None
    new_after: MoveMatch | None
    old_before: MoveMatch | None
    old_after: MoveMatch | None

    def as_dict(self) -> dict[str, float | int | None]:
        """Return all numbers, flat, by name."""
        flat: dict[str, float | int | None] = {}
        for part in dataclasses.fields(self):
            match = getattr(self, part.name)
            for name in dataclasses.fields(MoveMatch):
                flat[f"{part.name}_{name.name}"] = getattr(match, name.name, None)
        return flat


def finetune(config: FinetuneConfig) -> StyleResult:
    """Learn from ``config.files`` and write the model, its card and its checkpoints into ``config.out``.

    Raises ``TrainingError`` for settings that make no sense, too few games, or an unknown player; and what the
    reading of models and records raises.
    """
    check(_training(config))
    _check(config)
    game_condition(config.where, config.years, config.least_rating)
    out = Path(config.out)
    with one_writer(out):
        expect_new(out, _SETTINGS)
        compute = choose_compute(config.precision, config.threads, find_device(config.device))
        config = dataclasses.replace(
            config,
            precision=compute.precision,
            threads=compute.threads,
            optimizer=config.optimizer or _OPTIMIZER,
        )
        new_games = _build(config, out / _TOKENS)
        compute.announce()
        with atomic_write(out / _SETTINGS) as path:
            kept = dataclasses.asdict(config) | {_NEW_GAMES: new_games, MACHINE: machine_line()}
            path.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        return _run(config, new_games)


def go_on(out: str) -> StyleResult:
    """Go on with the run in ``out``. Raises ``TrainingError`` when there is none or its settings cannot be read."""
    path = Path(out) / _SETTINGS
    try:
        values: dict[str, Any] = parse_json(path.read_text(encoding="utf-8"))
        new_games = int(values.pop(_NEW_GAMES))
        kept: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        begun_on = str(kept.pop(MACHINE, ""))
        config = dataclasses.replace(FinetuneConfig(**(_OF_BEFORE | kept)), out=out)
        check_types(config)
    except FileNotFoundError:
        raise TrainingError(f"no run to go on with in {out}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise TrainingError(f"{path} is damaged: {error}") from None
    config = dataclasses.replace(config, threads=threads_here(begun_on, config.precision, config.threads))
    with one_writer(out):
        return _run(config, new_games, resume=True)


def _run(config: FinetuneConfig, new_games: int, *, resume: bool = False) -> StyleResult:
    keep_freed_memory()
    store = open_store(Path(config.out) / _TOKENS)
    base = load_games_read(find_model(config.model))
    trainer = _Finetuner(store, _training(config, resume), load_model(config.model).train(), new_games, config, base)
    for line in trainer.notes():
        ProgressBar.write(line)
    before = trainer.predictions(load_model(config.model).to(trainer.device))
    first = match_moves(before[0])
    if first:
        ProgressBar.write(f"before, on {first.games} held-out games: {first}")
    trainer.run()
    after = trainer.predictions(trainer.model)
    outcome = StyleResult(first, match_moves(after[0]), match_moves(before[1]), match_moves(after[1]))
    lines = _verdict(before, after)
    for line in lines:
        ProgressBar.write(line)
    with atomic_write(trainer.out / "card.md") as path:
        path.write_text(_format_model_card(config, trainer, outcome, lines), encoding="utf-8")
    return outcome


def _verdict(before: tuple[Plies | None, Plies | None], after: tuple[Plies | None, Plies | None]) -> list[str]:
    """Whether the new games are matched better, and whether others are matched worse, in plain words."""
    questions = ("matches the new games better than before", "matches other games better than before")
    lines = [str(beats_before(a, b, text)) for a, b, text in zip(before, after, questions, strict=True) if a and b]
    return lines + (few_games(after[0]) if after[0] else ["nothing can be judged: no new game is held out"])


def _check(config: FinetuneConfig) -> None:
    for name in ("mix_share", "held_out"):
        if not 0 < getattr(config, name) < 1:
            raise TrainingError(
                f"--{name.replace('_', '-')} {getattr(config, name)}: expected a number between 0 and 1"
            )
    if config.least_rating < 0:
        raise TrainingError(f"--least-rating {config.least_rating}: expected 0 or more")
    if not config.passes > 0:
        raise TrainingError(f"--passes {config.passes}: expected a number above 0")


def _training(config: FinetuneConfig, resume: bool = False) -> TrainConfig:
    """What the trainer is told: both sides' moves count, at a tenth of the usual rates of such a body."""
    asked = TrainConfig(start_from=config.model, optimizer=config.optimizer)
    usual = resolve_defaults(asked, read_config(find_model(config.model)))
    return TrainConfig(
        corpus=config.files,
        out=config.out,
        resume=resume,
        minutes=config.minutes,
        start_from=config.model,
        batch_plies=config.batch_plies,
        loser_weight=1.0,
        optimizer=usual.optimizer,
        matrix_rate=config.matrix_rate or usual.matrix_rate * _RATE_SHARE,
        table_rate=config.table_rate or usual.table_rate * _RATE_SHARE,
        weight_decay=config.weight_decay,
        warmup=0.1,
        seed=config.seed,
        threads=config.threads,
        device=config.device,
        precision=config.precision,
        checkpoint_every=1.0,
        procedure=config.procedure,
    )


# --- the games


def _build(config: FinetuneConfig, tokens: Path) -> int:
    """Write the store, new games first; returns how many of them there are."""
    broken: list[RecordError] = []
    new = list(read_new_games(config, broken))
    if not new:
        where = game_condition(config.where, config.years, config.least_rating)
        cause = (f" where {where}" if where else "") + (f": {broken[0]}" if broken else "")
        raise TrainingError(f"no game to learn from in {', '.join(config.files)}{cause}")
    mix = [Path(name) for name in config.mix] or [sample_games()]

    def batches() -> Iterator[GameBatch]:
        yield mark_player(new, config.player)
        yield from whole_games(mix, broken)

    store = build_store(batches(), tokens)
    ProgressBar.write(f"{len(new):,} new games, {store.games - len(new):,} to mix in")
    if broken:
        ProgressBar.write(f"{len(broken):,} broken games were left out; the first: {broken[0]}")
    return len(new)


def _divide(store: TokenStore, new_games: int, config: FinetuneConfig, read: GamesRead) -> Division:
    """Who is held out: of the new games a share for validation, of the others those for testing; by the one rule.

    Old games that are among the new ones count as new ones.
    """
    if config.procedure == 1:
        return _divide_as_before(store, new_games, config)
    new = np.arange(new_games)
    different = len(np.unique(game_keys(store, new)))
    if different < 2:
        raise TrainingError("one game is too few: at least two different ones are needed, to learn from and to measure")
    wanted = min(max(1, round(config.held_out * new_games)), _MOST_HELD_OUT)
    division = divide(store, np.arange(store.games), judged=new, wanted=wanted, read=read)
    if not (division.train < new_games).any():
        raise TrainingError("all new games are held out, or reach the position of a held-out game: there are too few")
    return division


def _divide_as_before(store: TokenStore, new_games: int, config: FinetuneConfig) -> Division:
    """The division of a run that version 0.1 began: old games may be ones that are held out of the new."""
    codes = 2 * PIECE_TYPES + 1
    table = np.random.default_rng(2086).integers(2**64, size=(2, codes, SQUARES), dtype=np.uint64)  # its own keys
    keys, squares = np.empty(new_games, np.uint64), np.arange(SQUARES)
    for game in range(new_games):
        boards, sides = replay(store, game)
        last = min(SPLIT_PLIES, len(boards) - 1)
        plain, image = (table[sides[last], boards[last], places] for places in (squares, MIRROR_SQUARE))
        keys[game] = min(np.bitwise_xor.reduce(plain), np.bitwise_xor.reduce(image))
    groups, member, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    wanted = min(max(1, round(config.held_out * new_games)), _MOST_HELD_OUT)
    order = np.random.default_rng(config.seed).permutation(len(groups))
    held = order[: min(int(np.searchsorted(np.cumsum(sizes[order]), wanted)) + 1, len(groups) - 1)]
    splits = np.where(np.asarray(store.splits) == TRAIN, TRAIN, TEST).astype(np.int8)
    splits[:new_games] = np.where(np.isin(member, held), VALIDATION, TRAIN)
    train, validation, test = (np.flatnonzero(splits == part) for part in (TRAIN, VALIDATION, TEST))
    return Division(train, validation, test)


# --- the run


class _Finetuner(Trainer):
    """A trainer that reads so many new games as old ones, however few there are."""

    def __init__(
        self,
        store: TokenStore,
        training: TrainConfig,
        model: Gpt,
        new_games: int,
        settings: FinetuneConfig,
        base: GamesRead,
    ) -> None:
        self._new_games, self._settings = new_games, settings
        super().__init__(store, training, model, base=base)
        train, test = self.division.train, self.division.test
        new, old = train[train < new_games], train[train >= new_games]
        self._new_held_out = self.division.validation
        self._old_held_out = test[:: -(-len(test) // _MOST_OLD_HELD_OUT)] if len(test) else test
        self.games = mix_games(new, old, settings.mix_share)
        plies = np.diff(store.offsets)
        plies_a_new_game = plies[new].sum() / (1 - settings.mix_share if len(old) else 1)
        self.most_steps = max(1, math.ceil(settings.passes * float(plies_a_new_game) / training.batch_plies))

    def _divide(self) -> Division:
        return _divide(self.loader.store, self._new_games, self._settings, self.base)

    def predictions(self, model: Gpt) -> tuple[Plies | None, Plies | None]:
        """Return a model's predictions on held-out new games, and on old ones; None where there is no move."""
        new, old = (predict_games(model, self.loader, games) for games in (self._new_held_out, self._old_held_out))
        return new, old


def mix_games(new: npt.NDArray[np.int64], old: npt.NDArray[np.int64], share: float) -> npt.NDArray[np.int64]:
    """Return numbers of games, as often as needed for ``share`` of them to be old."""
    if not len(old) or not len(new) or not share:
        return np.concatenate((new, old))
    total = max(len(old) / share, len(new) / (1 - share))
    return np.concatenate((np.resize(new, round(total * (1 - share))), np.resize(old, round(total * share))))


def predict_games(model: Gpt, loader: BatchLoader, games: npt.NDArray[np.int64]) -> Plies | None:
    """Return a model's predictions on whole games; None where there is no move to measure on."""
    groups = loader.whole_games(games)
    if not groups:
        return None
    was_training = model.training
    plies = predict_plies(model.eval(), loader.store, loader, groups)
    model.train(was_training)
    return plies if plies.has_target.any() else None


def match_moves(plies: Plies | None) -> MoveMatch | None:
    """Return how often the first choices are the moves of the records; None without predictions."""
    if plies is None:
        return None
    has_target = plies.has_target
    hits = (plies.rank[has_target] == 0).astype(np.float64)
    low, high = interval_by_game(plies.game[has_target], hits)
    count = len(np.unique(plies.game[has_target]))
    return MoveMatch(
        float(hits.mean()), low or 0.0, high or 0.0, float(plies.nats[has_target].mean()), count, len(hits)
    )


def _format_model_card(config: FinetuneConfig, trainer: Trainer, outcome: StyleResult, verdict: list[str]) -> str:
    of = f" by {config.player}" if config.player else ""
    files = ", ".join(Path(name).name for name in config.files)
    mix = ", ".join(Path(name).name for name in config.mix) or "the sample games that ship"
    done = trainer.progress
    rows = []
    if outcome.new_before and outcome.new_after:
        rows.append(("held-out new games" + of, outcome.new_before, outcome.new_after))
    if outcome.old_before and outcome.old_after:
        rows.append(("games of the mix that were not read", outcome.old_before, outcome.old_after))
    lines = [
        f"# {Path(config.out).name}",
        "",
        f"The model {Path(config.model).name}, gone on from games{of} in {files}, beside {mix}.",
        f"{done.step} steps, {done.plies:,} plies, {done.seconds / 60:.1f} minutes, seed {config.seed}.",
        "",
        "How often its first choice is the move that was played (95 % intervals):",
        "",
        "| Games | Count | Before | After |",
        "|---|---|---|---|",
        *(f"| {name} | {before.games} | {before} | {after} |" for name, before, after in rows),
        "",
        "## Verdict",
        "",
        *(f"- {line[0].upper()}{line[1:]}." for line in (*verdict, *trainer.notes())),
    ]
    return "\n".join(lines) + "\n"
