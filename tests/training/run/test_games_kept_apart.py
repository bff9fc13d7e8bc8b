"""For every command that trains: no game is read that is held out or reaches a held-out game's position, and the model
says what it has read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from xiangqi_gpt.commands.main import COMMANDS, main
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.model.checkpoint import save_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records import Game, write_corpus, write_pgn
from xiangqi_gpt.records.store.token_store import TRAIN, TokenStore, open_store
from xiangqi_gpt.rules import Board
from xiangqi_gpt.training.data.batches import BatchLoader, GameSlice
from xiangqi_gpt.training.data.games_read import NOTHING_READ, load_games_read, save_games_read
from xiangqi_gpt.training.data.held_out import game_keys
from xiangqi_gpt.training.evaluation.evaluate_model import evaluate_model
from xiangqi_gpt.training.run.run_settings import resumed_config

STEP = ("--threads", "1", "--batch-plies", "256", "--precision", "fp32")
_WAYS = (("a3a4", "a6a5", "c3c4", "c6c5"), ("c3c4", "c6c5", "a3a4", "a6a5"))


def _games(seed: int, count: int) -> list[Game]:
    """Random games, and of each tenth one a transposition: another order of its first moves, then the same game."""
    random = np.random.default_rng(seed)
    games = []
    for number in range(count):
        board = Board()
        for move in _WAYS[0]:
            board.push_text(move)
        for _ in range(14):
            board.push(list(board.legal_moves)[int(random.integers(len(list(board.legal_moves))))])
        games.append(Game.from_board(board, result="1-0", Kind="master"))
        if number % 10 == 0:
            other = Board()
            for move in _WAYS[1]:
                other.push_text(move)
            for move in games[-1].moves[4:]:
                other.push(move)
            games.append(Game.from_board(other, result="1-0", Kind="master"))
    return games


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record files, ``mine`` a part of ``all``, and a model that has read nothing."""
    folder = tmp_path_factory.mktemp("apart")
    games = _games(1, 80)
    write_pgn(games, folder / "all.pgn")
    write_pgn(games[:40], folder / "mine.pgn")
    write_pgn(_games(2, 20), folder / "more.pgn")
    write_corpus(games, folder / "all.parquet")
    torch.manual_seed(0)
    (folder / "base").mkdir()
    save_model(Gpt(PRESETS["nano"]), folder / "base")
    save_games_read(NOTHING_READ, folder / "base")
    return folder


class _Reads:
    """Which games a run learns from, and which it is judged by."""

    def __init__(self) -> None:
        self.learned: set[int] = set()
        self.judged: set[int] = set()
        self.store: TokenStore | None = None


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> _Reads:
    """Watches the batches that are drawn, and the whole games that are read."""
    seen = _Reads()
    draw, whole = BatchLoader._draw, BatchLoader.whole_games

    def watched_draw(self: BatchLoader, game: int, *more: Any) -> GameSlice:
        seen.store = self.store
        seen.learned.add(game)
        return draw(self, game, *more)

    def watched_whole(self: BatchLoader, games: np.ndarray) -> list[list[GameSlice]]:
        seen.judged |= set(games.tolist())
        return whole(self, games)

    monkeypatch.setattr(BatchLoader, "_draw", watched_draw)
    monkeypatch.setattr(BatchLoader, "whole_games", watched_whole)
    return seen


def _train(folder: Path, out: Path) -> list[str]:
    return ["train", "--corpus", str(folder / "all.pgn"), "--preset", "nano", "--steps", "2", *STEP, "--out", str(out)]


def _go_on(folder: Path, out: Path) -> list[str]:
    start = ["--start-from", str(folder / "base"), "--steps", "2"]
    return ["train", "--corpus", str(folder / "all.pgn"), *start, *STEP, "--out", str(out)]


def _finetune(folder: Path, out: Path) -> list[str]:
    mix = ["--mix", str(folder / "all.pgn"), "--passes", "0.3"]
    return ["finetune", str(folder / "base"), str(folder / "mine.pgn"), *mix, *STEP, "--out", str(out)]


def _compress(folder: Path, out: Path) -> list[str]:
    student = ["--layers", "1", "--steps", "2", "--corpus", str(folder / "all.pgn")]
    return ["compress", str(folder / "base"), *student, *STEP, "--out", str(out)]


def _update(folder: Path, out: Path) -> list[str]:
    corpus = ["--corpus", str(folder / "all.parquet"), "--steps", "2", "--games", "0"]
    return ["update", str(folder / "base"), str(folder / "more.pgn"), *corpus, *STEP, "--out", str(out)]


def _speedrun(folder: Path, out: Path) -> list[str]:
    short = ["--preset", "nano", "--steps", "2", "--seeds", "1", "--ladder-games", "0"]
    return ["speedrun", "--corpus", str(folder / "all.pgn"), *short, *STEP, "--out", str(out)]


def _improve(folder: Path, out: Path) -> list[str]:
    tiny = "--generations 1 --games 30 --nodes 4 --max-plies 20 --gate-games 2 --final-games 0 --processes 1"
    read = ["--mix", str(folder / "all.pgn"), "--mix-share", "0.5", "--passes", "2", *STEP]
    return ["improve", str(folder / "base"), *tiny.split(), *read, "--out", str(out)]


WAYS_TO_TRAIN = (_train, _go_on, _finetune, _compress, _update, _speedrun, _improve)
MODELS = {_speedrun: "seed-1", _improve: "models/001"}  # where in a run the model lies


def test_no_command_that_trains_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    covered = {way(Path(), Path())[0] for way in WAYS_TO_TRAIN}
    for name in COMMANDS:
        with pytest.raises(SystemExit):
            main([name, "--help"])
        if "--batch-plies" in capsys.readouterr().out and name not in ("overfit", "describe"):  # one batch; none
            assert name in covered
            covered.remove(name)
    assert not covered


@pytest.mark.slow
@pytest.mark.parametrize("command", WAYS_TO_TRAIN)
def test_what_is_held_out_is_not_met_in_training(
    command: Callable[[Path, Path], list[str]], folder: Path, tmp_path: Path, reads: _Reads
) -> None:
    assert main(command(folder, tmp_path / "run")) == 0
    store = reads.store
    assert store is not None
    held_out = np.flatnonzero(store.splits != TRAIN)
    assert len(held_out) and reads.judged
    learned, judged = (game_keys(store, np.array(sorted(games))) for games in (reads.learned, reads.judged))
    assert len(learned) > 20
    assert not set(learned.tolist()) & set(judged.tolist())
    assert not set(learned.tolist()) & set(game_keys(store, held_out).tolist())
    run = tmp_path / "run" / MODELS.get(command, "")
    said = load_games_read(run)
    assert said.is_complete
    assert said.includes(learned).all()
    assert not said.includes(judged).any()
    checkpoint = next(run.glob("step-*"))
    assert load_games_read(checkpoint).keys.tolist() == said.keys.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("command", [_go_on, _finetune, _compress, _update])
def test_what_the_first_model_has_read_does_not_judge_the_second(
    command: Callable[[Path, Path], list[str]], folder: Path, tmp_path: Path, reads: _Reads
) -> None:
    first = tmp_path / "first"
    assert main(_train(folder, first)) == 0
    known = load_games_read(first)
    reads.judged.clear()
    words = command(folder, tmp_path / "run")
    assert main([str(first) if word == str(folder / "base") else word for word in words]) == 0
    assert reads.store is not None
    judged = game_keys(reads.store, np.array(sorted(reads.judged)))
    assert len(judged) and not known.includes(judged).any()
    assert load_games_read(tmp_path / "run").includes(known.keys).all()


def test_an_unknown_history_is_said_and_passed_on(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old").mkdir()
    save_model(Gpt(PRESETS["nano"]), tmp_path / "old")
    words = [str(tmp_path / "old") if word == str(folder / "base") else word for word in _go_on(folder, tmp_path / "b")]
    assert main(words) == 0
    assert "which games the model has read before is not known" in capsys.readouterr().out
    assert not load_games_read(tmp_path / "b").is_complete
    assert len(load_games_read(tmp_path / "b").keys)
    assert main(["history", str(tmp_path / "b")]) == 0
    assert "and others that are not known" in capsys.readouterr().out
    assert evaluate_model(str(tmp_path / "b"), [folder / "mine.pgn"], split="all")["games_known"] is None


def test_a_history_is_found_out_again_from_the_records(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old").mkdir()
    save_model(Gpt(PRESETS["nano"]), tmp_path / "old")
    assert main(["history", str(tmp_path / "old")]) == 0
    assert "is not known" in capsys.readouterr().out
    assert main(["history", str(tmp_path / "old"), "--corpus", str(folder / "all.pgn"), "--kinds", "master"]) == 0
    read = load_games_read(tmp_path / "old")
    assert read.is_complete and f"has read {len(read.keys)} games" in capsys.readouterr().out
    known = evaluate_model(str(tmp_path / "old"), [folder / "all.pgn"], split="all")["games_known"]
    assert isinstance(known, int) and known >= len(read.keys)


@pytest.mark.slow
def test_a_resumed_run_keeps_who_is_held_out_without_the_model_it_began_with(folder: Path, tmp_path: Path) -> None:
    first = tmp_path / "first"
    assert main(_train(folder, first)) == 0
    words = [str(first) if word == str(folder / "base") else word for word in _go_on(folder, tmp_path / "run")]
    assert main(words) == 0
    said = load_games_read(tmp_path / "run")
    (first / "games_read.safetensors").unlink()
    assert main(["train", "--resume", "--out", str(tmp_path / "run")]) == 0
    again = load_games_read(tmp_path / "run")
    assert (again.keys.tolist(), again.is_complete) == (said.keys.tolist(), True)


@pytest.mark.slow
def test_a_run_of_version_0_1_goes_on_with_the_games_it_had(folder: Path, tmp_path: Path, reads: _Reads) -> None:
    out = tmp_path / "run"
    assert main(_train(folder, out)) == 0
    settings = json.loads((out / "settings.json").read_text())
    del settings["procedure"]
    (out / "settings.json").write_text(json.dumps(settings))
    assert resumed_config(str(out), {}).procedure == 1
    reads.judged.clear()
    assert main(["train", "--resume", "--out", str(out)]) == 0
    store = open_store(out / "tokens")
    assert load_games_read(out).includes(game_keys(store, store.select(TRAIN))).all()
