"""``speedrun``: several seeds, the ladder and a card in one command, which goes on when it was stopped."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from random_games import random_game

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.records import Game, write_pgn
from xiangqi_gpt.training.recipes import speedrun

STEP = ("--threads", "1", "--batch-plies", "256", "--precision", "fp32", "--preset", "nano", "--steps", "2")


@pytest.fixture
def games(tmp_path: Path) -> Path:
    """A folder of records."""
    random = np.random.default_rng(1)
    (tmp_path / "games").mkdir()
    every = [Game.from_board(random_game(random, 14), result="1-0") for _ in range(40)]
    write_pgn(every[:20], tmp_path / "games" / "a.pgn")
    write_pgn(every[20:], tmp_path / "games" / "b.pgn")
    return tmp_path / "games"


class _Killed(BaseException):
    pass


@pytest.mark.slow
def test_from_a_folder_of_records_to_a_card(
    games: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["speedrun", "--corpus", str(games), *STEP, "--seeds", "2", "--ladder-games", "2", "--out", str(out)]
    train = speedrun.train

    def killed_at_the_second(config: object) -> object:
        if config.seed == 2:  # type: ignore[attr-defined]
            raise _Killed
        return train(config)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(_Killed):
        patch.setattr(speedrun, "train", killed_at_the_second)
        main(words)
    first = (out / "seed-1" / "model.safetensors").stat().st_mtime_ns
    monkeypatch.setattr("xiangqi_gpt.commands.speedrun._ladder", lambda folder, games, out: f"{games} games")
    assert main(words) == 0
    assert (out / "seed-1" / "model.safetensors").stat().st_mtime_ns == first  # it was finished
    card = (out / "card.md").read_text()
    assert card in capsys.readouterr().out
    seeds = [json.loads((out / f"seed-{seed}" / "result.json").read_text()) for seed in (1, 2)]
    for run in seeds:
        assert f"| {run['seed']} | 2 | {run['plies']:,} | {run['minutes']:.1f} | {run['nats']:.3f} |" in card
    mean, spread = (seeds[0]["nats"] + seeds[1]["nats"]) / 2, abs(seeds[0]["nats"] - seeds[1]["nats"]) / 2
    assert f"| {mean:.3f} ± {spread:.3f} |" in card
    assert seeds[0]["nats"] != seeds[1]["nats"]
    assert machine_line() in card and "Seed 1 on the ladder:\n\n    2 games\n" in card
    assert "40 games" in card
    assert main([*words, "--batch-plies", "128"]) == 2
    assert "holds a speedrun with other options" in capsys.readouterr().err


def test_what_cannot_be_run_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: Callable[[Sequence[str]], str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "--seeds must be from 1" in refusal(["speedrun", "--seeds", "0"])
    assert "--ladder-games must be 0" in refusal(["speedrun", "--ladder-games", "1"])
    assert "is not made longer" in refusal(["speedrun", "--minutes", "+3"])
    assert "no such corpus: nowhere" in refusal(["speedrun", "--corpus", "nowhere"])
    assert "--minutes 0.0: expected" in refusal(["speedrun", "--minutes", "0"])
    assert not Path("runs").exists()
    Path("full").mkdir()
    Path("full/note").write_text("mine")
    assert "holds no speedrun" in refusal(["speedrun", "--out", "full"])
