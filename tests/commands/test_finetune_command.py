"""``finetune`` as a user runs it: a model picks up the habits of one player."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.model.checkpoint import load_model, save_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records import Game, write_pgn
from xiangqi_gpt.rules import Board
from xiangqi_gpt.training.recipes import finetune


def _games(count: int, habit_side: int | None, seed: int) -> list[Game]:
    """Games of 16 plies; the one with a habit always plays its lowest-numbered legal move, all else is chance."""
    random = np.random.default_rng(seed)
    games = []
    for number in range(count):
        board = Board()
        side = habit_side if habit_side is None else (habit_side + number) % 2
        for _ in range(16):
            moves = list(board.legal_moves)
            board.push(moves[0 if board.turn == side else int(random.integers(len(moves)))])
        names = {"Red": "Habit" if side == 0 else "other", "Black": "Habit" if side == 1 else "other"}
        games.append(Game.from_board(board, result="1-0", Kind="master", **names))
    return games


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows nothing, a folder of 30 games, and 20 others to mix in."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("finetune")
    for name in ("model", "mine"):
        (folder / name).mkdir()
    save_model(Gpt(PRESETS["nano"]), folder / "model")
    write_pgn(_games(20, 0, 1), folder / "mine" / "a.pgn")
    write_pgn(_games(10, 0, 2), folder / "mine" / "b.pgn")
    write_pgn(_games(60, None, 3), folder / "mix.pgn")
    return folder


def _arguments(folder: Path, out: Path, *more: str) -> list[str]:
    usual = ["--mix", str(folder / "mix.pgn"), "--threads", "1", "--batch-plies", "256", "--player", " habit"]
    usual += ["--precision", "fp32", *more]
    return ["finetune", str(folder / "model"), str(folder / "mine"), "--out", str(out), *usual]


@pytest.mark.slow
def test_the_model_comes_to_match_the_player(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine"
    assert main(_arguments(folder, out, "--passes", "8", "--json")) == 0
    rates = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert rates["new_before_games"] == rates["new_after_games"] == 6
    assert rates["new_after_plies"] == 6 * 8  # the other side's moves do not count
    assert rates["new_after_nats"] < rates["new_before_nats"] - 0.05
    assert rates["new_after_top1"] > rates["new_before_top1"]
    assert rates["old_after_games"] > 0
    assert "by  habit" in (out / "card.md").read_text()
    assert load_model(out).config == PRESETS["nano"]
    assert main(["finetune", "--resume", "--out", str(out), "--json"]) == 0  # it is done: nothing changes
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again == pytest.approx(rates, rel=1e-3)


@pytest.mark.slow
def test_a_model_with_gpt2s_body_learns_at_a_tenth_of_its_own_rates(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "gpt2").mkdir()
    save_model(Gpt(replace(PRESETS["nano"], body="gpt2")), tmp_path / "gpt2")
    arguments = _arguments(folder, tmp_path / "mine", "--passes", "0.1")
    assert main(["finetune", str(tmp_path / "gpt2"), *arguments[2:]]) == 0
    kept = json.loads((tmp_path / "mine" / "config.json").read_text(encoding="utf-8"))["training"]
    assert kept["matrix_rate"] == kept["table_rate"] == pytest.approx(0.0001)


@pytest.mark.slow
def test_an_interrupted_run_goes_on_to_the_same_model(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("--passes", "3", "--minutes", "2")
    assert main(_arguments(folder, tmp_path / "whole", *arguments)) == 0
    with monkeypatch.context() as patch:

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(finetune._Finetuner, "_forward", interrupt)
        assert main(_arguments(folder, tmp_path / "cut", *arguments)) == 130
    assert main(["finetune", "--resume", "--out", str(tmp_path / "cut")]) == 0
    whole, cut = (load_model(tmp_path / name) for name in ("whole", "cut"))
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), cut.parameters(), strict=True))


@pytest.mark.slow
def test_what_cannot_be_used_in_a_folder_is_named_and_left_out(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    write_pgn(_games(20, 0, 1), mixed / "a.pgn")
    (mixed / "broken.xqf").write_bytes(b"")
    (mixed / "old.zip").write_bytes(b"")
    arguments = _arguments(folder, tmp_path / "out", "--passes", "0.1")
    arguments[2] = str(mixed)
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert f"left out: {mixed / 'broken.xqf'}" in printed
    assert f"left out: {mixed / 'old.zip'}: an archive" in printed
    assert "20 new games" in printed
    arguments[2] = str(mixed / "broken.xqf")  # named by the user, it is an error
    assert main([*arguments, "--out", str(tmp_path / "other")]) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["default", "nowhere.pgn"], "no such file: nowhere.pgn"),
        (["default", "EMPTY"], "no record in this folder"),
        (["default", "MINE", "--player", "Nobody"], "no game of that player; the files hold Habit, other"),
        (["default", "MINE", "--player", "Habitt"], "did you mean Habit? the files hold Habit, other"),
        (["default", "MINE", "--mix-share", "1"], "--mix-share 1.0: expected a number between 0 and 1"),
        (["default", "MINE", "--minutes", "-1"], "--minutes -1.0: expected a number above 0"),
        (["no-model", "MINE"], "no model named 'no-model'"),
        (["default"], "which games?"),
        (["--resume"], "no run to go on with"),
        (["default", "MINE", "--resume"], "leave out model, files"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], words: str, folder: Path, tmp_path: Path, refusal: Callable[[Sequence[str]], str]
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"MINE": folder / "mine", "EMPTY": tmp_path / "empty"}
    given = [str(places.get(word, word)) for word in arguments]
    assert words in refusal(["finetune", *given, "--out", str(tmp_path / "out")])


def test_one_game_is_too_few(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pgn(_games(1, 0, 1), tmp_path / "one.pgn")
    assert main(["finetune", "default", str(tmp_path / "one.pgn"), "--out", str(tmp_path / "out")]) == 2
    assert "one game is too few" in capsys.readouterr().err


@pytest.mark.slow
def test_a_run_of_version_0_1_goes_on_with_the_games_it_held_out(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    assert main(_arguments(folder, out, "--passes", "0.1")) == 0
    kept = json.loads((out / "finetune.json").read_text(encoding="utf-8"))
    del kept["procedure"]
    (out / "finetune.json").write_text(json.dumps(kept), encoding="utf-8")
    divided: list[bool] = []
    divide = finetune._divide_as_before

    def noted(*arguments: object) -> object:
        divided.append(True)
        return divide(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finetune, "_divide_as_before", noted)
        assert main(["finetune", "--resume", "--out", str(out)]) == 0
    assert divided == [True]
