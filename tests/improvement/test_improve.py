"""``improve``: games, training and a test in turn; what is better is taken on; nothing is done twice."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.improvement import loop
from xiangqi_gpt.improvement.config import ImproveConfig
from xiangqi_gpt.improvement.page import format_page
from xiangqi_gpt.improvement.state import Generation, State, load_state
from xiangqi_gpt.inference.model_folder import read_config
from xiangqi_gpt.records import read_corpus_games
from xiangqi_gpt.training.data.games_read import load_games_read
from xiangqi_gpt.training.run.trainer import Trainer

pytestmark = pytest.mark.torch

TINY: dict[str, Any] = {
    "games": 6,
    "nodes": 6,
    "max_plies": 12,
    "generations": 2,
    "gate_games": 4,
    "final_games": 2,
    "batch_plies": 128,
    "passes": 1.0,
    "processes": 1,
    "threads": 1,
    "precision": "fp32",
}


def words(settings: dict[str, Any]) -> list[str]:
    return [word for name, value in settings.items() for word in (f"--{name.replace('_', '-')}", str(value))]


def result(elo: float, low: float, high: float, accepted: str | None) -> dict[str, Any]:
    return {"elo": elo, "elo_low": low, "elo_high": high, "games": 4, "sprt": {"accepted": accepted}}


@pytest.mark.slow
def test_a_run_plays_learns_and_tests_and_goes_on_where_it_was_killed(
    tmp_path: Path, nano_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = {}
    for name, killed_in in (("whole", ""), ("killed", "games"), ("torn", "training"), ("shot", "match")):
        out = tmp_path / name
        command = ["improve", str(nano_model), "--out", str(out), *words(TINY)]
        with monkeypatch.context() as patch:
            if killed_in == "games":
                count = iter(range(100))
                patch.setattr(loop, "generate_games", _stop_at(2, loop.generate_games, count))
            elif killed_in == "training":
                patch.setattr(Trainer, "train_on", _stop_at(1, Trainer.train_on, iter(range(100))))
            elif killed_in == "match":
                patch.setattr(loop, "plan_match", _stop_at(1, loop.plan_match, iter(range(100))))
            status = main(command)
        if killed_in:
            assert status == 130
            assert "improve --resume" in capsys.readouterr().err
            assert main(["improve", "--resume", "--out", str(out)]) == 0
        else:
            assert status == 0
        runs[name] = load_state(str(out))
    whole = runs["whole"]
    assert [g.games for g in whole.generations] == [6, 6] and all(g.plies > 20 for g in whole.generations)
    assert all(g.steps >= 1 and g.before and g.after and g.test for g in whole.generations)
    for name, run in runs.items():
        for mine, theirs in zip(whole.generations, run.generations, strict=True):
            assert (mine.games, mine.plies, mine.steps, mine.accepted) == (
                theirs.games,
                theirs.plies,
                theirs.steps,
                theirs.accepted,
            ), name
            assert mine.after == pytest.approx(theirs.after, abs=1e-6), name
        for file in sorted((tmp_path / "whole" / "games").iterdir()):
            games, again = (list(read_corpus_games(tmp_path / run / "games" / file.name)) for run in ("whole", name))
            assert [g.moves for g in games] == [g.moves for g in again]
    assert all(game.labels and game.labels.policy for game in games)
    model = tmp_path / "whole" / "models" / "002"
    assert read_config(model) == read_config(nano_model)
    assert len(load_games_read(model).keys) > 0
    assert f"generation {len(whole.generations)}" in (tmp_path / "whole" / "improve.html").read_text("utf-8")


def _stop_at(number: int, function: Any, count: Any) -> Any:
    """The function, interrupted as by Ctrl-C at its so manieth call."""

    def stopping(*args: Any, **named: Any) -> Any:
        if next(count) == number:
            raise KeyboardInterrupt
        return function(*args, **named)

    return stopping


@pytest.mark.parametrize(
    ("test", "taken"),
    [
        (result(40, 5, 75, "elo1"), True),
        (result(40, -5, 85, "elo1"), True),
        (result(40, 5, 75, None), True),
        (result(40, -5, 85, None), False),
        (result(10, 1, 19, "elo0"), False),
    ],
)
def test_a_model_is_taken_on_only_if_the_test_or_else_the_interval_says_better(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, test: dict[str, Any], taken: bool
) -> None:
    monkeypatch.setattr(loop, "_match", lambda *_: test)
    state = State(ImproveConfig(out=str(tmp_path)), "default")
    generation = Generation(1, "default", 4, 40, 1, is_trained=True)
    loop._test(state, generation, lambda *_: None)
    assert generation.accepted == taken
    assert state.best == ("models/001" if taken else "default")
    assert state.path_of(state.best) == (str(tmp_path / "models" / "001") if taken else "default")


def test_no_generation_begins_that_would_not_be_done_in_time(tmp_path: Path) -> None:
    state = State(ImproveConfig(out=str(tmp_path), hours=1.0), "default")
    begun = []
    while (generation := loop._next(state)) is not None:
        generation.test, generation.seconds = result(0, -1, 1, None), 1000.0
        begun.append(generation.number)
    assert begun == [1, 2, 3]  # a fourth would end after 4,000 s
    state.generations[-1].test = None
    assert loop._next(state) is state.generations[-1]  # what was begun is done


def test_the_page_tells_of_every_generation_and_shows_no_markup_of_others(tmp_path: Path) -> None:
    state = State(ImproveConfig(out=str(tmp_path), model="<i>first"), "<b>best")
    state.generations = [
        Generation(1, "a", 6, 70, 2, 9.1, 9.0, True, result(-20, -60, 20, None), False, 60.0),
        Generation(2, "a", 6, 80, 3, None, None, True, result(50, 10, 90, "elo1"), True, 90.0),
    ]
    state.final = result(30, -5, 65, None)
    state.command = "xiangqi-gpt improve '<u>'"
    page = format_page(state)
    assert "2 generations" in page and "1 taken on" in page and "not proven stronger" in page
    assert "-20 (-60 to +20) Elo" in page and "+50 (+10 to +90) Elo" in page
    assert not any(markup in page for markup in ("<i>", "<b>", "<u>"))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("--games", "1"), "--games 1: expected 2 or more"),
        (("--hours", "0"), "--hours 0.0: expected a number above 0"),
        (("--mix-share", "1"), "--mix-share 1.0: expected a number from 0 to below 1"),
        (("--mix", "nowhere.pgn"), "no such file: nowhere.pgn"),
        (("--sprt", "elo0=5"), "elo0=5"),
        (("--games", "2000000000"), "--games must be at most"),
        (("--resume",), "no run to go on with in"),
        (("--resume", "--games", "5"), "leave out games"),
        (("--out", "lr=1,b=2"), "a folder without commas"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], call: tuple[str, ...], said: str
) -> None:
    os.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        raise SystemExit(main(["improve", "--out", "night", *call]))
    assert left.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "night" / "improve.json").exists()


def test_a_folder_with_a_run_is_not_written_over_and_a_damaged_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = State(ImproveConfig(out=str(tmp_path)), "default")
    state.save()
    assert load_state(str(tmp_path)) == state
    assert main(["improve", "--out", str(tmp_path)]) == 2
    assert "go on with it by --resume" in capsys.readouterr().err
    for text in ("{", json.dumps({"version": 2}), json.dumps({"version": 1, "config": {"nosuch": 1}})):
        (tmp_path / "improve.json").write_text(text)
        assert main(["improve", "--resume", "--out", str(tmp_path)]) == 2
        assert "improve.json" in capsys.readouterr().err


def test_half_of_the_games_differ_from_the_other_half_without_random_moves_too(tmp_path: Path) -> None:
    parts = loop._parts(ImproveConfig(out=str(tmp_path), random_plies=0), 1, "default")
    assert len({part.recipe.seed for part in parts}) == len(parts) == 4


@pytest.mark.parametrize("hours", ["nan", "0", "-5"])
def test_a_run_does_not_go_on_without_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str], hours: str) -> None:
    State(ImproveConfig(out=str(tmp_path)), "default").save()
    assert main(["improve", "--resume", f"--hours={hours}", "--out", str(tmp_path)]) == 2
    assert "expected a number above 0" in capsys.readouterr().err


def test_a_second_night_with_another_best_model_has_a_final_of_its_own(
    tmp_path: Path, nano_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder may have another name in the second night."""
    played: list[tuple[str, str, str]] = []

    def match(state: State, first: str, second: str, name: str, *_: Any) -> dict[str, Any]:
        played.append((name, first, second))
        return result(10, 1, 19, None)

    monkeypatch.setattr(loop, "_match", match)
    monkeypatch.setattr(loop, "_play", lambda state, generation: setattr(generation, "games", 1))
    monkeypatch.setattr(loop, "_learn", lambda state, generation: setattr(generation, "is_trained", True))
    first = tmp_path / "first"
    loop.improve(ImproveConfig(out=str(first), model=str(nano_model), generations=1), command="begun")
    moved = first.rename(tmp_path / "moved")
    state = load_state(str(moved))
    state.config = replace(state.config, generations=2)
    state.save()
    state = loop.go_on(str(moved), None)
    models = [str(folder / "models" / name) for folder, name in ((first, "001"), (moved, "002"))]
    assert played == [
        ("001", models[0], str(nano_model)),
        ("final-001", models[0], str(nano_model)),
        ("002", models[1], str(moved / "models" / "001")),
        ("final-002", models[1], str(nano_model)),
    ]
    assert state.command == "begun" and state.best == "models/002"
