"""What ``xiangqi-gpt evaluate`` does: a model, record files, and a table of measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from xiangqi_gpt.files import scratch_folder
from xiangqi_gpt.inference.file_names import settings_in_file
from xiangqi_gpt.inference.model_folder import find_model
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records import GameBatch, RecordError, read_batches
from xiangqi_gpt.records.store.token_store import SPLIT_PLIES, SPLITS, StoreError, TokenStore, build_store
from xiangqi_gpt.rules import XiangqiError

from ..config import TrainConfig
from ..data.batches import BatchLoader
from ..data.corpus_choice import check_has_columns, check_names, games_of_kinds, open_given_store
from ..data.games_read import UNKNOWN_HISTORY, GamesRead, load_games_read
from ..data.held_out import divide, enough, game_keys, without_duplicates
from ..data.score_scale import ScoreScale
from .baseline_predictors import KnownReplies
from .metrics import Metrics, compute_metrics
from .ply_predictions import predict_plies

ALL: Final = "all"
_HELD_OUT: Final = ("validation", "test")
_BATCH_PLIES: Final = 4096


class EvaluationError(XiangqiError):
    """Nothing to evaluate on."""


def evaluate_model(
    name: str,
    corpora: Sequence[Path],
    *,
    split: str = "validation",
    where: str | None = None,
    kinds: Sequence[str] = (),
    games: int = 0,
    no_value_from: Sequence[str] = (),
    precision: str = "fp32",
    device: torch.device | str = "cpu",
    problems: list[RecordError] | None = None,
    on_group: Callable[[int], object] = lambda plies: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Metrics:
    """Measure the model ``name`` on a split of record files, with what it was measured on beside it.

    ``where`` is an SQL condition over the columns of a corpus: no other game is looked at. ``kinds`` and ``games`` (0:
    all, else that many, the same for every model) narrow the games that are measured; what is known is the whole
    training split. Games that break a rule are added to ``problems``. Raises ``EvaluationError`` when no game is left,
    ``CheckpointError`` and ``CorpusError``.

    ``games_known`` counts the games measured on that the model has read, or whose position after ply 30 it has met in
    training; None where that is not known.
    """
    start = clock()
    folder = find_model(name)
    read = load_games_read(folder)
    model = load_model(folder).to(device)
    with corpus_store(corpora, problems, where) as store:
        check_names(store, (), no_value_from)
        chosen = choose_games(store, split, kinds, games, read)
        known = int(read.includes(game_keys(store, chosen)).sum()) if read.is_complete else None
        duplicates = store.games - len(without_duplicates(store, np.arange(store.games)))
        learned = divide(store, np.arange(store.games), wanted=0).train
        if split in _HELD_OUT:  # of a small corpus more games are held out than by their hash
            learned = learned[~np.isin(game_keys(store, learned), game_keys(store, chosen))]
        measures = evaluate_games(
            model, store, chosen, learned, no_value_from=no_value_from, precision=precision, on_group=on_group
        )
    about: Metrics = {
        "model": str(name),
        "corpus": [path.name for path in corpora],
        "split": split,
        "where": where,
        "kinds": list(kinds),
        "features": model.config.features,
        **settings_in_file({"features": model.config.features}),  # by its name of version 0.1
        "parameters": model.parameter_count(),
        "precision": precision,
        "duplicates": duplicates,
        "games_known": known,
    }
    return about | measures | {"seconds": round(clock() - start, 1)}


def evaluate_games(
    model: Gpt,
    store: TokenStore,
    games: npt.NDArray[np.int64],
    learned: npt.NDArray[np.int64],
    *,
    no_value_from: Sequence[str] = (),
    precision: str = "fp32",
    on_group: Callable[[int], object] = lambda plies: None,
) -> Metrics:
    """Return the metrics of a model on games of a store; known are positions and replies of the ``learned`` ones."""
    config = TrainConfig(loser_weight=1.0, no_value_from=tuple(no_value_from), batch_plies=_BATCH_PLIES)
    loader = BatchLoader(store, model.config, config, ScoreScale())
    groups = loader.whole_games(games)
    if not groups:
        raise EvaluationError("a moves-only model can only read games from the usual start, and there is none here")
    plies = predict_plies(model, store, loader, groups, precision=precision, on_group=on_group)
    known = KnownReplies(plies.boards, plies.sides)
    known.learn(store, learned)
    return compute_metrics(plies, known.seen(), known.replies())


@contextmanager
def corpus_store(
    paths: Sequence[Path], problems: list[RecordError] | None = None, where: str | None = None
) -> Iterator[TokenStore]:
    """Yield the games of record files as a training store that is gone afterwards, or the one ``paths`` names."""
    if len(paths) == 1 and paths[0].is_dir() and not where:
        yield open_given_store(paths[0])
        return
    broken: list[RecordError] = [] if problems is None else problems
    with scratch_folder() as scratch:
        try:
            store = build_store(whole_games(paths, broken, where), scratch / "tokens")
        except StoreError as error:
            raise EvaluationError(why_no_store(error, broken, where)) from None
        yield store


def why_no_store(error: StoreError, broken: Sequence[RecordError], where: str | None) -> str:
    """Return, for a person, why no store could be made."""
    asked = f" where {where}" if where else ""
    return f"{error}{asked}: {broken[0]}" if broken else f"{error}{asked}"


def whole_games(
    paths: Sequence[Path], problems: list[RecordError] | None = None, where: str | None = None
) -> Iterator[GameBatch]:
    """Yield the games of record files that are whole and not the beginning of another, as training takes them.

    ``where`` is an SQL condition over the columns of a corpus. Raises ``TrainingError`` if a file is none, then.
    """
    for path in paths:
        if where:
            check_has_columns(path)
        for batch in read_batches(path, where=where, problems=problems):
            yield batch.select(~batch.truncated & ~batch.prefix_of_other)


def choose_games(
    store: TokenStore, split: str, kinds: Sequence[str] = (), most: int = 0, read: GamesRead = UNKNOWN_HISTORY
) -> npt.NDArray[np.int64]:
    """Return numbers of games of a split (of ``SPLITS``, or ``all``) and of ``kinds``, at most ``most``.

    Each game once, held out by the rule of ``data.held_out``; of a small corpus only where it is known what the model
    has ``read``, for what it knows is not held out. Raises ``EvaluationError`` naming what there is when none is left.
    """
    chosen = unique = without_duplicates(store, games_of_kinds(store, kinds))
    if split != ALL:
        division = divide(store, unique, wanted=enough(len(unique)) if read.is_complete else 0, read=read)
        by_hash = unique[np.asarray(store.splits)[unique] == SPLITS[split]]
        parts = {"train": division.train, "validation": np.union1d(division.validation, by_hash), "test": by_hash}
        chosen = parts[split]
    if not len(chosen):
        of = f" of kind {', '.join(kinds)}" if kinds else ""
        there = f"{store.games:,} games of kind {', '.join(store.kind_names)}"
        raise EvaluationError(f"no game{of} in the split {split!r}: the files hold {there} in all")
    if 0 < most < len(chosen):
        chosen = np.sort(np.random.default_rng(0).choice(chosen, most, replace=False))
    return chosen


# --- as text

_SHARES: Final = {
    "top1": "top-1",
    "top3": "top-3",
    "top5": "top-5",
    "top1_ply10": "top-1 from ply 10",
    "top1_opening": "top-1 opening",
    "top1_middle": "top-1 middle game",
    "top1_endgame": "top-1 endgame",
    "top1_unseen": "top-1 in positions not in the training split",
    "floor_frequent_reply_top1": "floor: the most frequent known reply",
    "floor_greedy_top1": "floor: the biggest capture",
    "legal_top1": "unmasked first choice legal",
    "legal_mass": "unmasked probability on legal moves",
    "legal_games": "games without an illegal first choice",
}
_PHASES: Final = {
    "": "all",
    "_opening": "opening",
    "_middle": "middle game",
    "_endgame": "endgame",
    "_ply40": "from 40",
}


def format_metrics(measures: Metrics) -> str:
    """Return the measures as a table for people."""
    of = measures["split"]
    lines = [
        f"{measures['model']}: features {measures['features']}, {measures['parameters']:,} parameters",
        f"{measures['games']:,} games of the split {of!r}, {measures['plies']:,} plies, {measures['seconds']} s",
        *_notes(measures),
        "",
        f"{'nats a move':<46} {_number(measures['nats_per_move'], '.3f')}{_interval(measures, 'nats_per_move', '.3f')}",
    ]
    is_shown = measures["features"] != "none"
    for name, text in _SHARES.items():
        if is_shown and name.startswith("legal"):
            continue
        range_ = _interval(measures, name, ".1%")
        if name == "top1_unseen":
            range_ = f"   ({_number(measures['unseen'], '.1%')} of the plies)"
        lines.append(f"{text:<46} {_number(measures[name], '.1%')}{range_}")
    if is_shown:
        lines.append("it is shown the legal moves, and plays no other")
    lines += ["", f"{'nats of the result':<20} {'model':>7} {'constant':>9}"]
    for name, text in _PHASES.items():
        pair = measures[f"value_log_loss{name}"], measures[f"value_base_log_loss{name}"]
        range_ = _interval(measures, f"value_log_loss{name}", ".3f")
        lines.append(f"  {text:<18} {_number(pair[0], '.3f'):>7} {_number(pair[1], '.3f'):>9}{range_}")
    lines += [
        "",
        f"expected score, and what was scored (mean difference {_number(measures['calibration_error'], '.3f')})",
    ]
    columns: list[Any] = [measures[f"calibration_{name}"] for name in ("expected", "scored", "plies")]
    for expected, scored, plies in zip(*columns, strict=True):
        if plies:
            lines.append(f"  {expected:6.1%} {scored:7.1%} {plies:9,} plies")
    return "\n".join(lines)


def _notes(measures: Metrics) -> list[str]:
    """What is to be known of the games that were measured on."""
    known, notes = measures["games_known"], []
    if known is None:
        notes.append("which games the model has read is not known: it may have learned from some of these")
    elif known:
        notes.append(f"{known:,} of them the model has read, or it has met their position after ply {SPLIT_PLIES}")
    if measures["duplicates"]:
        notes.append(f"{measures['duplicates']:,} duplicates in the files count once")
    return notes


def _interval(measures: Metrics, name: str, form: str) -> str:
    """The 95 % interval of a measure that has one, in brackets."""
    low, high = measures.get(f"{name}_low"), measures.get(f"{name}_high")
    return "" if low is None or high is None else f"   ({_number(low, form)} … {_number(high, form)})"


def _number(value: object, form: str) -> str:
    return "-" if value is None else format(value, form)
