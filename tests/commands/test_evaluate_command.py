"""``evaluate`` and ``probe`` as a user runs them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from random_games import random_game

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.probe import load_probe
from xiangqi_gpt.model.checkpoint import load_model, save_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records import Game, write_pgn

#: What scripts rely on.
KEYS = (
    *("nats_per_move", "top1", "top1_low", "top1_high", "top3", "top5", "top1_ply10", "top1_unseen"),
    *("top1_opening", "top1_middle", "top1_endgame", "legal_top1", "legal_mass", "legal_games"),
    *("value_log_loss", "value_base_log_loss", "calibration_error", "games", "plies", "parameters", "seconds"),
    *("floor_frequent_reply_top1", "floor_greedy_top1"),
)


@pytest.fixture(scope="module")
def games(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PGN file of 120 short random games, so many that each split has some."""
    random = np.random.default_rng(0)
    records = []
    for _ in range(120):
        records.append(Game.from_board(random_game(random, 12), result="1-0", Kind="master"))
    path = tmp_path_factory.mktemp("games") / "games.pgn"
    write_pgn(records, path)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("model")
    save_model(Gpt(PRESETS["nano"]), folder)
    return folder


def test_evaluate_prints_one_flat_object(games: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(model), "--corpus", str(games), "--split", "all", "--games", "40"]
    assert main(["evaluate", *arguments, "--json"]) == 0
    measures = json.loads(capsys.readouterr().out)
    assert set(KEYS) <= measures.keys()
    assert not any(isinstance(value, dict) for value in measures.values())
    assert (measures["games"], measures["plies"]) == (40, 480)
    assert measures["parameters"] == load_model(model).parameter_count()
    assert main(["evaluate", *arguments]) == 0
    table = capsys.readouterr().out
    assert "nats a move" in table
    assert "floor: the most frequent known reply" in table


def test_a_probe_is_fitted_reported_and_kept(games: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", str(model), "--corpus", str(games), "--layer", "0", "--plies", "600", "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert 0.5 < scores["accuracy"] < 1
    assert scores["layer"] == 0
    assert len(scores["plies"]) == len(scores["plies_accuracy"]) == len(scores["plies_baseline"])
    assert load_probe(model, load_model(model).config).accuracy == scores["accuracy"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate", "nowhere"], "no model named 'nowhere'"),
        (["evaluate", "MODEL", "--corpus", "nowhere.pgn"], "nowhere.pgn"),
        (["evaluate", "MODEL", "--corpus", "GAMES", "--kinds", "engine"], "no game of kind engine"),
        (["evaluate", "MODEL", "--games", "-1"], "--games must be at least 0"),
        (["evaluate", "MODEL", "--split", "some"], "--split"),
        (["probe", "MODEL", "--corpus", "GAMES", "--layer", "9"], "has layers 0 to 2"),
        (["probe", "MODEL", "--layer", "first"], "expected a number or all"),
        (["probe", "MODEL", "--plies", "0"], "--plies must be at least 1"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], words: str, games: Path, model: Path, refusal: Callable[[Sequence[str]], str]
) -> None:
    given = [{"MODEL": str(model), "GAMES": str(games)}.get(word, word) for word in arguments]
    assert words in refusal(given)
