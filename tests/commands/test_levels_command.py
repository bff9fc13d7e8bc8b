"""``xiangqi-gpt levels fit``: bisection towards an Elo, stopped and gone on with."""

import json

import pytest
from random_models import save_random_model

from xiangqi_gpt.arena.tuning import level_fit
from xiangqi_gpt.arena.tuning.level_fit import (
    LevelFit,
    LevelFitError,
    Reference,
    best_probe,
    fit_level,
    fitted_parameter,
)
from xiangqi_gpt.commands.main import main

CALL = "levels fit gpt:model,temperature=1 --parameter temperature=0.0..4.0 --target 0 --opponent random@0"
SHORT = "--pairs 1 --steps 2 --max-plies 12"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    save_random_model(tmp_path / "model")


def simulated(monkeypatch, strength):
    """Games whose scores are just those expected of a value's strength."""

    def scores(fit, journal, step, value, place):
        expected = 1 / (1 + 10 ** ((fit.references[place].elo - strength(value)) / 400))
        won = round(400 * expected)
        return [[game % 2, float(game < won)] for game in range(400)]

    monkeypatch.setattr(level_fit, "_scores", scores)


@pytest.mark.parametrize(
    ("parameter", "strength", "wanted"),
    [
        ("temperature=0.0..4.0", lambda value: 200 - 200 * value, 2.25),
        ("temperature=1..3", lambda value: 200 - 200 * value, 2.25),
        ("overlook=0..1", lambda value: 350 - 800 * value, 0.75),
        ("nodes=1..8", lambda value: -260 + 10 * value, 1),
        ("nodes=1..8", lambda value: -330 + 10 * value, 8),
        ("nodes=1..64", lambda value: -410 + 10 * value, 16),
    ],
)
def test_bisection_finds_the_value_whichever_way_the_option_goes(monkeypatch, parameter, strength, wanted):
    simulated(monkeypatch, strength)
    references = (Reference("random", -300.0), Reference("greedy", -200.0))
    fit = LevelFit("search:model", fitted_parameter(parameter), -250.0, references, 1, 9, 0, {})
    probes = fit_level(fit, None)
    best = best_probe(probes, -250.0)
    assert float(best.value) == pytest.approx(wanted, abs=0.15 if wanted < 3 else 1)
    assert best.low < -250 < best.high and best.games == 800


def test_a_stopped_fit_goes_on_and_writes_the_same(monkeypatch, capsys, tmp_path):
    words = f"{CALL} --opponent greedy@100 {SHORT}".split()
    assert main([*words, "--out", "whole.json"]) == 0
    whole = json.loads((tmp_path / "whole.json").read_text("utf-8"))
    assert [probe["games"] for probe in whole["probes"]] == [4, 4] and whole["probes"][0]["value"] == "2"
    assert whole["player"].startswith("gpt:model,temperature=") and "nearest to +0" in capsys.readouterr().out
    plan, planned = level_fit.plan_match, []

    def stopping(*arguments, **options):
        if len(planned) == 3:
            raise KeyboardInterrupt
        planned.append(arguments)
        return plan(*arguments, **options)

    monkeypatch.setattr(level_fit, "plan_match", stopping)
    assert main([*words, "--out", "two.json"]) == 130
    planned.clear()
    assert main([*words, "--out", "two.json"]) == 0 and len(planned) == 1
    assert json.loads((tmp_path / "two.json").read_text("utf-8")) == whole
    assert not (tmp_path / "two.json.unfinished").exists()
    assert main([*words, "--out", "two.json"]) == 2 and "exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("temperature", "expected NAME=LOW..HIGH"),
        ("temperature=...3", "expected NAME=LOW..HIGH"),
        ("temperature=1..3,step=0.1", "expected NAME=LOW..HIGH"),
        ("cpuct=1..3", "cannot be fitted"),
        ("temperature=3..3", "3 is not below 3"),
        ("nodes=1.5..8", "whole numbers"),
    ],
)
def test_what_cannot_be_fitted_is_one_line(text, problem):
    with pytest.raises(LevelFitError, match=problem):
        fitted_parameter(text)


@pytest.mark.parametrize("text", ["random", "random@", "@5", "random@nan", "random@1e9"])
def test_opponents_need_an_elo(text):
    with pytest.raises(LevelFitError, match="expected SPEC@ELO"):
        Reference.parse(text)
