import json
import math

import pytest

from xiangqi_gpt.arena.report.compare import ReportError, compare_reports, comparison_table, read_report
from xiangqi_gpt.commands.report import main


def report(elo, error, **more):
    return {"games": 100, "elo": elo, "elo_low": elo - 1.959964 * error, "elo_high": elo + 1.959964 * error, **more}


def test_the_error_of_a_difference():
    (change,) = compare_reports(report(10, 30, player="gpt"), report(80, 40, player="gpt"))
    assert (change.player, change.difference) == ("gpt", 70)
    assert (change.high - change.low) / 2 == pytest.approx(1.959964 * 50)
    assert change.likelihood == pytest.approx(0.5 * (1 + math.erf(70 / 50 / math.sqrt(2))))


def test_many_players_are_compared_name_by_name():
    before = report(0, 10, standings=[{"player": "a", **report(0, 1)}, {"player": "b", **report(50, 10)}])
    after = report(0, 10, standings=[{"player": "b", **report(90, 10)}, {"player": "c", **report(1, 1)}])
    assert [(change.player, change.difference) for change in compare_reports(before, after)] == [("b", 40)]
    with pytest.raises(ReportError, match="no player is in both"):
        compare_reports(before, report(0, 1, standings=[{"player": "z", **report(0, 1)}]))


def test_only_what_both_have_is_listed():
    one, other = report(0, 1, score=0.5), report(0, 1, score=0.6, plies_per_second=9)
    assert comparison_table(one, other) == [("games", 100, 100), ("score", 0.5, 0.6)]


def test_the_command(tmp_path, capsys):
    for name, elo in (("a", 10), ("b", 60)):
        (tmp_path / f"{name}.json").write_text(json.dumps(report(elo, 20, players=["x", "y"], score=0.5)))
    assert main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    assert "x: Elo +10 to +60, +50 (95 % interval -5 to +105)" in capsys.readouterr().out
    assert main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"][0]["difference"] == 50


@pytest.mark.parametrize(
    ("text", "message"), [("{", "is no JSON"), ("[]", "is no report"), ('{"elo": 5}', "is no report")]
)
def test_files_that_are_no_reports(tmp_path, text, message):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ReportError, match=message):
        read_report(tmp_path / "a.json")
    with pytest.raises(ReportError, match="No such file"):
        read_report(tmp_path / "none.json")
