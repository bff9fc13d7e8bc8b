"""The page about runs: it is whole, it needs nothing else, and it shows what the runs have measured."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.errors import TrainingError
from xiangqi_gpt.training.run.curves import Curve, draw_curves, smoothed, ticks
from xiangqi_gpt.training.run.model_card import write_model_card
from xiangqi_gpt.training.run.run_page import AXES, format_run_page, read_run
from xiangqi_gpt.training.run.run_settings import write_settings
from xiangqi_gpt.training.run.trainer import Trainer
from xiangqi_gpt.training.run.verdict import judge_run, write_metrics


def _run(store: TokenStore, out: Path, steps: int) -> None:
    config = TrainConfig(preset="nano", batch_plies=128, threads=1, precision="fp32", out=str(out), steps=steps)
    trainer = Trainer(store, config)
    trainer.run()
    found = judge_run(trainer)
    write_metrics(found.metrics, out)
    write_model_card(trainer, "the command", found.lines)
    write_settings(trainer.config)


@pytest.mark.slow
def test_two_runs_are_one_page(store: TokenStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, steps in (("one", 30), ("<two>", 6)):
        _run(store, tmp_path / name, steps)
    page = tmp_path / "runs.html"
    words = ["report", str(tmp_path / "one"), str(tmp_path / "<two>"), "--html", str(page)]
    assert main(words) == 0
    assert f"page: {page}" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert "<two>" not in text and "&lt;two&gt;" in text
    assert not re.search(r"(?:src|href)=", text)  # it needs nothing else
    pictures = re.findall(r"<svg.*?</svg>", text)
    end = text.count("by the score expected")
    assert len(pictures) == len(AXES) * (text.count("<figure>") - end) + end + 2 > 2  # and a board for each game
    for picture in pictures:
        lines = ElementTree.fromstring(picture).iter("polyline")
        assert all(len(line.attrib["points"].split()) >= 1 for line in lines)
    best = read_run(tmp_path / "one").about["held_out"]["nats_per_move"]
    assert f"<td>{best:.3f}</td>" in text
    assert "## Verdict" in text and "the command" in text
    assert text.count("A game against itself, 80 plies") == 2
    assert "the most frequent reply would be right" in text
    assert "first choice of all moves legal" not in text  # the models are shown the legal moves
    assert machine_line() in text
    with pytest.raises(SystemExit):
        main(words)
    assert "exists; --force replaces it" in capsys.readouterr().err
    assert main([*words, "--force"]) == 0


def test_a_run_that_is_not_finished_has_a_page_too(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 2.5, "plies": 9, "seconds": 1.0}\n')
    assert read_run(tmp_path).card == "The run is not finished."
    (tmp_path / "metrics.jsonl").write_text("")
    with pytest.raises(TrainingError, match="no run in"):
        read_run(tmp_path)


def test_baselines_calibration_and_the_elo_of_checkpoints_are_drawn(tmp_path: Path) -> None:
    lines = [{"step": step, "plies": 9 * step, "seconds": 1.0 * step, "top1": 0.1, "nats": 3.0} for step in (1, 2)]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    at_end = {"floor_frequent_reply_top1": 0.25, "value_base_log_loss": None, "calibration_error": 0.1}
    bins = {"calibration_expected": [0.1, 0.9], "calibration_scored": [0.2, 0.7], "calibration_plies": [500, 3]}
    (tmp_path / "held_out.json").write_text(json.dumps(at_end | bins))
    elo = "\n## Strength over training\n\n| Step | Elo | 95 % interval |\n| 100 | 0 | 0 … 0 |\n| 1,200 | +80 | 1 … 9 |"
    (tmp_path / "card.md").write_text("# run\n" + elo)
    run = read_run(tmp_path)
    page = format_run_page([run])
    assert page.count(">most frequent reply</text>") == len(AXES)
    assert ">mean result</text>" not in page
    assert "25.0%" in page
    (picture,) = re.findall(r"by the score expected</b></figcaption>(<svg.*?</svg>)", page)
    assert len(list(ElementTree.fromstring(picture).iter("circle"))) == 1  # a bin of three plies says nothing
    (picture,) = re.findall(r"Elo of the checkpoints</b></figcaption>(<svg.*?</svg>)", page)
    assert len(list(ElementTree.fromstring(picture).iter("circle"))) == 2


def test_what_came_of_each_run_stands_first_and_unequal_judges_are_named(tmp_path: Path) -> None:
    runs = []
    for name, games in (("a", 39), ("b", 6)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "metrics.jsonl").write_text('{"step": 1, "loss": 2.5, "plies": 9, "seconds": 1.0}\n')
        (folder / "held_out.json").write_text(json.dumps({"games": games}))
        (folder / "card.md").write_text(f"# {name}\n\n## Verdict\n\n- Better <b>: yes ({games}).\n\n## Scores\n\n- no")
        runs.append(read_run(folder))
    page = format_run_page(runs)
    verdict = page.index("<h2>What came of b</h2>\n<ul><li>Better &lt;b&gt;: yes (6).</li></ul>")
    assert verdict < page.index("<table>") < page.index("compare no figures across runs")
    assert "compare no figures" not in format_run_page(runs[:1])


def test_a_smoothed_curve_keeps_its_level_and_its_end() -> None:
    points = [(float(x), 3.0) for x in range(5000)]
    curve = smoothed(points)
    assert 500 < len(curve) <= 601
    assert curve[-1][0] == 4999.0
    assert all(y == pytest.approx(3.0) for _, y in curve)
    assert smoothed([(0.0, 1.0)] * 50 + [(1.0, 2.0)])[-1][1] < 2.1


def test_a_curve_lies_between_its_axes() -> None:
    svg = ElementTree.fromstring(draw_curves([Curve("a", [(0.0, -1.0), (2.0, 5.0)], 0)], "steps"))
    (line,) = svg.iter("polyline")
    (x0, y0), (x1, y1) = ([float(v) for v in point.split(",")] for point in line.attrib["points"].split())
    assert x0 < x1 and y0 > y1
    assert ticks(-1.0, 5.0) == [0.0, 2.0, 4.0] and ticks(3.0, 3.0)
    assert draw_curves([Curve("a", [(0.0, float("nan"))], 0)], "steps") == "<p>not measured</p>"
