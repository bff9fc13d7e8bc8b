"""Precision and threads are chosen for the machine, kept by a run, and the same in every command."""

import argparse
import dataclasses
import importlib
import json
from pathlib import Path

import pytest
import torch

from xiangqi_gpt.machine import Machine, this_machine, usable_cores
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.run import run_settings
from xiangqi_gpt.training.run.run_settings import SettingsError, command_of, resumed_config, write_settings
from xiangqi_gpt.training.run.train import train
from xiangqi_gpt.training.runtime import compute
from xiangqi_gpt.training.runtime.compute import choose_compute

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _usual_threads() -> object:
    usual = torch.get_num_threads()
    yield
    torch.set_num_threads(usual)


def _on(monkeypatch: pytest.MonkeyPatch, *instruction_sets: str, cores: int = 2, bf16: float = 1.0) -> None:
    """Pretend to be on a machine whose bf16 product takes ``bf16`` of the time of one in fp32."""
    monkeypatch.setattr(compute, "this_machine", lambda: Machine("Some CPU", instruction_sets, cores))
    monkeypatch.setattr(compute, "product_seconds", lambda dtype: bf16 if dtype is torch.bfloat16 else 1.0)


@pytest.mark.parametrize(
    ("instruction_sets", "seconds", "expected"),
    [
        (("AVX2",), 0.1, "fp32"),  # without units the timing is not asked: noise cannot choose bf16
        (("AVX-512",), 0.1, "fp32"),
        (("AVX-512", "AVX-512 bf16"), 0.5, "bf16"),
        (("AVX-512", "AMX bf16"), 0.06, "bf16"),
        (("AVX-512", "AVX-512 bf16"), 0.8, "fp32"),  # the units are there and nobody uses them
        (("NEON", "Arm bf16"), 0.5, "bf16"),
    ],
)
def test_the_precision_follows_the_instruction_set(
    monkeypatch: pytest.MonkeyPatch, instruction_sets: tuple[str, ...], seconds: float, expected: str
) -> None:
    _on(monkeypatch, *instruction_sets, bf16=seconds)
    chosen = choose_compute("auto", 0, CPU)
    assert (chosen.precision, chosen.threads) == (expected, 2)
    assert chosen.reason.startswith(f"computing in {expected} (the processor has ")
    assert "\n" not in chosen.reason


def test_what_is_asked_for_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    _on(monkeypatch, "AVX2")
    chosen = choose_compute("bf16", 1, CPU)
    assert (chosen.precision, chosen.threads, torch.get_num_threads()) == ("bf16", 1, 1)
    assert chosen.reason == "computing in bf16 (as given) with 1 thread (as given)"


def test_processes_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    _on(monkeypatch, "AVX2", cores=4)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    assert choose_compute("fp32", 0, CPU).threads == 2


@pytest.mark.parametrize(("seconds", "expected"), [({16: 1.0, 8: 0.6, 4: 0.4}, 4), ({16: 0.5, 8: 0.6, 4: 1.0}, 16)])
def test_of_many_cores_no_more_are_taken_than_help(
    monkeypatch: pytest.MonkeyPatch, seconds: dict[int, float], expected: int
) -> None:
    _on(monkeypatch, "AVX2", cores=16)
    count = 0

    def set_threads(number: int) -> None:
        nonlocal count
        count = number

    monkeypatch.setattr(torch, "set_num_threads", set_threads)
    monkeypatch.setattr(compute, "product_seconds", lambda dtype: seconds[count])
    assert choose_compute("fp32", 0, CPU).threads == expected == count


def _kept_run(out: Path, monkeypatch: pytest.MonkeyPatch, threads: int = 1) -> TrainConfig:
    monkeypatch.setattr(run_settings, "machine_line", lambda: "First CPU, 64 cores, AVX-512 AMX bf16")
    config = TrainConfig(out=str(out), precision="bf16", threads=threads)
    write_settings(config)
    monkeypatch.undo()
    return config


def test_a_run_keeps_its_settings_on_another_machine_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = _kept_run(tmp_path, monkeypatch)
    again = resumed_config(str(tmp_path), {"resume": True, "precision": "auto"})
    assert again == dataclasses.replace(config, resume=True)
    *warnings, said = capsys.readouterr().err.splitlines()
    slow_here = "the run was begun in bf16, which is slow here: the processor has no bf16 units"
    assert warnings == ([] if this_machine().has_bf16_units else [slow_here])
    assert said.startswith("begun on: First CPU, 64 cores, AVX-512 AMX bf16; now on: ")
    assert said.endswith("; the run keeps bf16, 1 thread(s)")


def test_threads_without_cores_are_chosen_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _kept_run(tmp_path, monkeypatch, threads=usable_cores() + 1)
    assert resumed_config(str(tmp_path), {"resume": True}).threads == 0


def test_nothing_is_said_on_the_same_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_settings(TrainConfig(out=str(tmp_path), precision="fp32", threads=1))
    resumed_config(str(tmp_path), {"resume": True})
    assert capsys.readouterr().err == ""


def test_a_run_of_the_first_edition_is_read(tmp_path: Path) -> None:
    """It kept threads 0 for all, no machine, and 0 for a rate that nobody named."""
    old = {"out": "elsewhere", "precision": "bf16", "threads": 0, "sight": "moves", "optimizer": "adamw"}
    (tmp_path / "settings.json").write_text(json.dumps(old | {"matrix_rate": 0.0}), encoding="utf-8")
    again = resumed_config(str(tmp_path), {"resume": True})
    assert (again.precision, again.features, again.matrix_rate) == ("bf16", "full", 0.001)


_LOST = {"sparse": 0, "further_moves": 0, "moves_left_weight": 0.0, "board_weight": 0.0, "average": 0.0}


def test_a_run_that_could_have_used_a_lost_switch_goes_on(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"steps": 7} | _LOST), encoding="utf-8")
    assert resumed_config(str(tmp_path), {"resume": True}).steps == 7


@pytest.mark.parametrize(("name", "value"), [("sparse", 5), ("further_moves", 1), ("average", 0.9)])
def test_a_run_that_used_a_lost_switch_is_refused_in_one_line(tmp_path: Path, name: str, value: float) -> None:
    (tmp_path / "settings.json").write_text(json.dumps(_LOST | {name: value}), encoding="utf-8")
    flag = name.replace("_", "-")
    with pytest.raises(SettingsError, match=rf"^the run in .* uses --{flag} {value}, which was removed.*0a709c7"):
        resumed_config(str(tmp_path), {"resume": True})


@pytest.mark.parametrize(("body", "rate"), [("modern", 0.0005), ("gpt2", 0.001)])
def test_a_run_keeps_the_rates_that_nobody_named(tmp_path: Path, body: str, rate: float) -> None:
    games = tmp_path / "games.pgn"
    games.write_text(
        "".join(f'[Event "{i}"]\n\n1. C2=5 H8+7 2. H2+3 {i % 2 * "R9=8 3. R1=2"} *\n\n' for i in range(40))
    )
    config = TrainConfig(
        corpus=(str(games),), out=str(tmp_path / "run"), preset="nano", body=body, optimizer="adamw", steps=1
    )
    train(config)
    kept = json.loads((tmp_path / "run" / "settings.json").read_text(encoding="utf-8"))
    assert (kept["optimizer"], kept["matrix_rate"]) == ("adamw", rate)
    assert kept["table_rate"] > 0


def test_the_command_of_a_run_names_what_was_chosen() -> None:
    assert "--threads 2 --precision bf16" in command_of(TrainConfig(precision="bf16", threads=2))


@pytest.mark.parametrize("name", ["train", "finetune", "compress", "overfit", "describe", "evaluate", "probe"])
def test_every_command_that_computes_chooses(name: str) -> None:
    module = importlib.import_module(f"xiangqi_gpt.commands.{name}")
    parser: argparse.ArgumentParser = getattr(module, "build_parser", None) or module._parser
    text = parser().format_help()  # type: ignore[operator]
    assert "--precision {auto,bf16,fp32}" in text
    assert "or auto for as many" in " ".join(text.split())
    for option in ("--threads", "--precision"):
        assert option in text
    if name in ("train", "finetune", "compress", "overfit"):
        assert {"--optimizer", "--matrix-rate", "--table-rate", "--weight-decay"} <= set(text.replace(",", " ").split())
