"""The measures of a model, against what can be worked out by hand."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from random_games import random_game

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.tokenizers import ICCS_TOKENS
from xiangqi_gpt.model.checkpoint import save_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records import Game, write_pgn
from xiangqi_gpt.records.store.token_store import TRAIN, VALIDATION, TokenStore
from xiangqi_gpt.rules import Board, legal_mask
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.data.batches import BatchLoader
from xiangqi_gpt.training.data.game_phases import ENDGAME, MIDDLEGAME, OPENING, phases
from xiangqi_gpt.training.data.games_read import NOTHING_READ, save_games_read
from xiangqi_gpt.training.data.held_out import enough
from xiangqi_gpt.training.data.score_scale import ScoreScale
from xiangqi_gpt.training.evaluation.baseline_predictors import replay
from xiangqi_gpt.training.evaluation.evaluate_model import (
    EvaluationError,
    choose_games,
    evaluate_games,
    evaluate_model,
    format_metrics,
)
from xiangqi_gpt.training.evaluation.metrics import compute_metrics, interval_by_game
from xiangqi_gpt.training.evaluation.ply_predictions import Plies, predict_plies
from xiangqi_gpt.training.evaluation.validation import evaluate


def _model(seed: int = 0, **shape: object) -> Gpt:
    torch.manual_seed(seed)
    model = Gpt(dataclasses.replace(PRESETS["nano"], **shape))
    with torch.no_grad():  # a fresh model's heads say nothing
        for table in (model.policy_head.source, model.policy_head.target, model.value.weight):
            table.normal_(std=0.3)
    return model.eval()


def _plies(count: int, **columns: object) -> Plies:
    """Plies of one game, nothing known about them but the given columns."""
    usual = {
        "game": np.zeros(count, np.int64),
        "ply": np.arange(count),
        "phase": np.zeros(count, np.int8),
        "boards": np.zeros((count, 90), np.int8),
        "sides": np.zeros(count, np.int8),
        "target": np.zeros(count, np.int64),
        "has_target": np.ones(count, np.bool_),
        "nats": np.ones(count, np.float32),
        "rank": np.zeros(count, np.int64),
        "legal_choice": np.ones(count, np.float32),
        "legal_mass": np.ones(count, np.float32),
        "greedy": np.zeros(count, np.float32),
        "values": np.tile(np.float32([1, 0, 0]), (count, 1)),
        "valued": np.ones(count, np.bool_),
        "said": np.full((count, 3), 1 / 3, np.float32),
    }
    return Plies(**(usual | columns))  # type: ignore[arg-type]


def _measure(plies: Plies) -> dict[str, object]:
    return dict(compute_metrics(plies, np.zeros(len(plies), np.bool_), np.full(len(plies), -1)))


@pytest.mark.parametrize("features", ["none", "full"])
def test_the_measures_agree_with_those_of_training(store: TokenStore, features: str) -> None:
    model, games = _model(features=features), np.arange(30)
    measures = evaluate_games(model, store, games, store.select(TRAIN))
    loader = BatchLoader(store, model.config, TrainConfig(loser_weight=1.0), ScoreScale())
    scores = evaluate(model, map(loader.build, loader.whole_games(games)))
    for name, value in scores.as_dict().items():
        assert (measures[name] or 0.0) == pytest.approx(value, rel=1e-4), name
    assert measures["games"] == 30
    assert measures["top1"] <= measures["top3"] <= measures["top5"]  # type: ignore[operator]
    for name in ("nats_per_move", "top1", "top1_ply10", "legal_top1", "legal_games", "value_log_loss_opening"):
        low, high = measures[f"{name}_low"], measures[f"{name}_high"]
        assert low <= measures[name] <= high and (low < high or "nats" not in name), name  # type: ignore[operator]


def test_a_model_that_spells_its_moves_is_measured_too(store: TokenStore) -> None:
    shape = dataclasses.replace(PRESETS["nano"], features="none", vocabulary=ICCS_TOKENS.version)
    torch.manual_seed(0)
    model = Gpt(shape).eval()
    measures = evaluate_games(model, store, np.arange(10), store.select(TRAIN))
    loader = BatchLoader(store, shape, TrainConfig(loser_weight=1.0), ScoreScale())
    scores = evaluate(model, map(loader.build, loader.whole_games(np.arange(10))))
    assert measures["nats_per_move"] == pytest.approx(scores.nats_per_move, rel=1e-5)
    assert measures["top1"] == pytest.approx(scores.top1)
    assert measures["top3"] is None


def test_legality_of_a_blind_model_that_knows_nothing(store: TokenStore) -> None:
    model, games = Gpt(dataclasses.replace(PRESETS["nano"], features="none")), np.arange(30)
    boards, sides = (np.concatenate(parts) for parts in zip(*(replay(store, g) for g in games), strict=True))
    legal = legal_mask(boards, sides)
    measures = evaluate_games(model, store, games, store.select(TRAIN))
    assert measures["legal_mass"] == pytest.approx(legal.mean(), rel=1e-4)
    assert measures["legal_top1"] == pytest.approx(legal[:, 0].mean(), abs=1e-6)  # of equals the first is chosen
    assert measures["legal_games"] == 0.0
    assert measures["nats_per_move"] == pytest.approx(np.log(2086), rel=1e-5)


def test_the_legal_moves_of_a_sighted_model_are_in_its_own_frame(store: TokenStore) -> None:
    model = _model(features="full")
    with torch.no_grad():  # what it says is 30 nats more for every legal move of this position
        loader = BatchLoader(store, model.config, TrainConfig(), ScoreScale())
        groups = loader.whole_games(np.array([0]))
        batch = loader.build(groups[0])
        model.policy_head.residual_emb.zero_()
        model.policy_head.source.zero_()
        model.policy_head.target.zero_()
        hidden = model(batch.tokens, batch.control, batch.feature_bags, batch.packing)
        own = batch.candidates[1][batch.candidates[1] >= 0]  # type: ignore[index]  # Black's first move
        model.policy_head.residual_emb[own] = 30 * hidden[1] / hidden[1].square().sum()
    plies = predict_plies(model, store, loader, groups)
    assert plies.legal_choice[1] == 1
    assert plies.legal_mass[1] > 0.999


def test_what_was_learned_is_known(store: TokenStore) -> None:
    measures = evaluate_games(_model(), store, np.arange(30), np.arange(store.games))
    assert measures["unseen"] == 0.0
    assert measures["top1_unseen"] is None
    assert measures["floor_frequent_reply_top1"] > 0.9  # type: ignore[operator]
    measures = evaluate_games(_model(), store, np.arange(30), np.arange(0))
    assert measures["unseen"] == 1.0
    assert measures["top1_unseen"] == measures["top1"]
    assert measures["floor_frequent_reply_top1"] == 0.0


def test_of_a_small_corpus_no_game_that_is_measured_counts_as_known(tmp_path: Path) -> None:
    games = [Game.from_board(random_game(seed, 40), result="1-0", Kind="master") for seed in range(40)]
    write_pgn(games, tmp_path / "few.pgn")
    save_model(_model(features="none"), tmp_path)
    save_games_read(NOTHING_READ, tmp_path)
    measures = evaluate_model(str(tmp_path), [tmp_path / "few.pgn"])
    assert measures["games"] == enough(40)
    assert measures["unseen"] > 0.8 and measures["floor_frequent_reply_top1"] < 0.2  # type: ignore[operator]
    trained = evaluate_model(str(tmp_path), [tmp_path / "few.pgn"], split="train")
    assert trained["unseen"] == 0.0


def test_a_game_counts_as_legal_only_as_a_whole() -> None:
    choices = np.float32([1, 1, 1, 0, 1, 1])
    measures = _measure(_plies(6, game=np.array([0, 0, 1, 1, 2, 2]), legal_choice=choices))
    assert measures["legal_games"] == pytest.approx(2 / 3)
    assert measures["legal_top1"] == pytest.approx(5 / 6)


def test_a_model_that_spells_has_no_measures_of_whole_moves() -> None:
    unknown = np.full(4, np.nan, np.float32)
    measures = _measure(_plies(4, rank=np.array([0, 2086, 0, 2086]), legal_choice=unknown, legal_mass=unknown))
    assert measures["top1"] == 0.5
    assert [measures[name] for name in ("top3", "top5", "legal_top1", "legal_mass", "legal_games")] == [None] * 5


def test_the_constant_guess_and_calibration() -> None:
    results = np.float32([[1, 0, 0]] * 3 + [[0, 0, 1]])
    sure = _plies(4, values=results, said=np.tile(np.float32([0.75, 0, 0.25]), (4, 1)))
    measures = _measure(sure)
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert measures["value_base_log_loss"] == pytest.approx(entropy)
    assert measures["value_log_loss"] == pytest.approx(entropy, rel=1e-5)
    assert measures["calibration_error"] == pytest.approx(0.0, abs=1e-6)
    assert measures["calibration_plies"] == [0] * 7 + [4, 0, 0]
    boastful = _measure(dataclasses.replace(sure, said=np.tile(np.float32([0.95, 0, 0.05]), (4, 1))))
    assert boastful["calibration_error"] == pytest.approx(0.2, abs=1e-6)
    assert _measure(dataclasses.replace(sure, valued=np.zeros(4, np.bool_)))["value_log_loss"] is None


def test_the_interval_is_that_of_games_not_of_plies() -> None:
    games = np.repeat(np.arange(40), 25)
    alike = np.repeat(np.arange(40) % 2, 25).astype(float)  # a game is all right or all wrong
    mixed = np.tile([0.0, 1.0], 500)
    low, high = interval_by_game(games, alike)
    assert low is not None
    assert high is not None
    assert low == pytest.approx(0.5 - 1.96 * 0.5 / 40**0.5, abs=0.04)
    assert high == pytest.approx(0.5 + 1.96 * 0.5 / 40**0.5, abs=0.04)
    narrow = interval_by_game(games, mixed)
    assert narrow[1] - narrow[0] < 0.05  # type: ignore[operator]
    assert interval_by_game(games[:0], mixed[:0]) == (None, None)


def test_phases_go_by_the_clock_and_by_the_pieces() -> None:
    full = Board().squares
    bare = Board("4k4/9/9/9/9/9/9/9/4A4/R3K3r w - - 0 1").squares
    boards = np.stack([full, full, bare])
    assert phases(boards, np.array([0, 20, 5])).tolist() == [OPENING, MIDDLEGAME, ENDGAME]


def test_games_are_chosen_by_split_kind_and_number(store: TokenStore) -> None:
    assert len(choose_games(store, "all")) == store.games
    assert choose_games(store, "train").tolist() == store.select(TRAIN).tolist()
    assert choose_games(store, "validation").tolist() == store.select(VALIDATION).tolist()
    more = choose_games(store, "validation", read=NOTHING_READ)  # a small corpus, and a model that knows none of it
    assert set(more) > set(store.select(VALIDATION)) and len(more) == enough(store.games)
    few = choose_games(store, "all", most=7)
    assert len(few) == 7
    assert few.tolist() == choose_games(store, "all", most=7).tolist()
    with pytest.raises(EvaluationError, match=r"no game of kind engine in the split 'all'.*of kind master"):
        choose_games(store, "all", kinds=["engine"])


def test_assess_reads_files_and_says_what_it_measured(tmp_path: Path, batch: object) -> None:
    board = Board()
    for _ in range(12):
        board.push(next(iter(board.legal_moves)))
    write_pgn([Game.from_board(board, result="1-0", Kind="master")], tmp_path / "one.pgn")
    save_model(_model(features="none"), tmp_path)
    measures = evaluate_model(str(tmp_path), [tmp_path / "one.pgn"], split="all")
    assert measures["corpus"] == ["one.pgn"]
    assert (measures["games"], measures["plies"], measures["value_plies"]) == (1, 12, 12)
    assert not any(isinstance(value, dict) for value in measures.values())
    assert "12 plies" in format_metrics(measures)
    silent = evaluate_model(str(tmp_path), [tmp_path / "one.pgn"], split="all", no_value_from=["one.pgn"])
    assert silent["value_log_loss"] is None
    assert "nats of the result" in format_metrics(silent)
