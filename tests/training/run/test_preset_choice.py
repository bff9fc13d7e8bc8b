"""``--preset auto``: the shape follows the time, the speed and the corpus."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.model_folder import read_config
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.run import preset_choice
from xiangqi_gpt.training.run.preset_choice import choose_preset

CONFIG = TrainConfig(preset="auto", batch_plies=256, threads=1, precision="fp32", minutes=10.0)


def _clock(seconds: float) -> Callable[[], float]:
    """A clock on which everything takes so many seconds."""
    now = 0.0

    def look() -> float:
        nonlocal now
        now += seconds
        return now

    return look


@pytest.mark.slow
def test_a_faster_machine_and_more_time_give_a_larger_model(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preset_choice, "_NEEDS", {"nano": 0, "mini": 10_000, "small": 50_000, "base": 1 << 60})
    monkeypatch.setattr(preset_choice, "_PASSES", 1 << 61)
    assert choose_preset(CONFIG, store, _clock(60.0))[0] == "nano"
    assert choose_preset(CONFIG, store, _clock(6.0))[0] == "mini"
    assert choose_preset(CONFIG, store, _clock(0.6))[0] == "small"
    assert choose_preset(replace(CONFIG, minutes=0.1), store, _clock(0.6))[0] == "nano"


def test_steps_need_no_timing(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> float:
        raise AssertionError("nothing is to be timed")

    monkeypatch.setattr(preset_choice, "plies_per_second", refuse)
    monkeypatch.setattr(preset_choice, "_NEEDS", {"nano": 0, "mini": 1000, "small": 3000})
    preset, why = choose_preset(replace(CONFIG, steps=10), store)
    assert preset == "mini"
    assert "small would read 2,560 plies" in why


def test_a_small_corpus_keeps_the_model_small(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preset_choice, "_NEEDS", {"nano": 0, "mini": 3 * store.plies, "small": 3 * store.plies + 3})
    preset, why = choose_preset(CONFIG, store, _clock(1e-3))
    assert preset == "mini"
    assert f"small would want a corpus of {store.plies + 1:,} plies" in why


def test_the_needs_grow_with_the_model() -> None:
    sizes = [PRESETS[name].width for name in preset_choice._NEEDS]
    assert sizes == sorted(sizes)
    assert list(preset_choice._NEEDS.values()) == sorted(preset_choice._NEEDS.values())


def test_a_run_keeps_the_preset_that_was_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    short = ["--steps", "1", "--batch-plies", "128", "--threads", "1", "--precision", "fp32", "--evaluate-games", "2"]
    assert main(["train", "--preset", "auto", *short, "--out", str(out)]) == 0
    assert "preset nano for" in capsys.readouterr().out
    assert json.loads((out / "settings.json").read_text())["preset"] == "nano"
    assert read_config(out) == PRESETS["nano"]
    assert "--preset nano" in (out / "card.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--preset", "auto", "--layers", "3"], "--preset auto chooses layers, width and heads itself"),
        (["overfit", "--preset", "auto"], "--preset auto is for train: name a shape"),
        (["compress", "default", "--preset", "auto"], "--preset auto: name the shape"),
    ],
)
def test_auto_where_it_makes_no_sense(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1
