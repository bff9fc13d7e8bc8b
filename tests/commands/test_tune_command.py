"""``xiangqi-gpt tune``: a path that can be gone on with, a page, a table and a test."""

import contextlib
import csv
import json

import pytest
from random_models import save_random_model

from xiangqi_gpt.arena.tuning import tuning as tuning_module
from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import read_pgn


@pytest.fixture
def words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    save_random_model(tmp_path / "model")
    return [
        *("tune", "search:model,nodes=6,cpuct=1.5,fpu=0.3,temperature=1", "--parameter", "cpuct=0.5..3.0,step=0.5"),
        *("--parameter", "fpu=0.0..1.0", "--iterations", "3", "--pairs", "1", "--games", "2", "--max-plies", "60"),
        *("--rate", "0.5", "--win", "score=1,moves=5", "--json"),
    ]


def report(capsys):
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_a_stopped_run_goes_on_the_same_way(words, tmp_path, capsys, monkeypatch):
    assert main([*words, "--out", "whole.html", "--csv", "whole.csv", "--pgn", "whole.pgn"]) == 0
    whole = report(capsys)
    assert whole["iterations"] == 3 and whole["start"] == {"cpuct": 1.5, "fpu": 0.3} != whole["end"]
    assert whole["test"]["games"] == 2 and whole["test"]["sprt"]["elo1"] == 15
    assert whole["tuned"].startswith("search:model,nodes=6,cpuct=")

    play, played = tuning_module._play, []

    def dying(run, number):
        if number == 2:
            raise KeyboardInterrupt
        played.append(number)
        return play(run, number)

    with monkeypatch.context() as broken:
        broken.setattr(tuning_module, "_play", dying)
        assert main(words) == 130
    assert "goes on" in capsys.readouterr().err and not (tmp_path / "tuning.html").exists()
    journal = tmp_path / "tuning.html.unfinished"
    with journal.open("ab") as file:
        file.write(b'{"number": 2, "poi')  # cut off by kill -9
    monkeypatch.setattr(tuning_module, "_play", lambda run, number: played.append(number) or play(run, number))
    assert main([*words, "--csv", "gone_on.csv"]) == 0
    assert played == [0, 1, 2], "no iteration is played twice"
    again = report(capsys)
    assert (again["end"], again["tuned"]) == (whole["end"], whole["tuned"])
    assert (tmp_path / "gone_on.csv").read_text() == (tmp_path / "whole.csv").read_text()
    assert not journal.exists() and len(list(read_pgn(tmp_path / "tuning.pgn"))) == 2


def test_the_page_and_the_table_show_the_path(words, tmp_path, capsys):
    assert main([*words, "--csv", "path.csv"]) == 0
    end = report(capsys)["end"]
    with (tmp_path / "path.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["iteration"] for row in rows] == ["0", "1", "2", "3"]
    assert [row["points"] != "" for row in rows] == [False, True, True, True]
    assert float(rows[-1]["cpuct"]) == pytest.approx(end["cpuct"], rel=1e-4)
    page = (tmp_path / "tuning.html").read_text()
    assert page.count("<svg") == 2 and page.count("<tr>") == 5
    assert "cpuct" in page and "log-likelihood ratio" in page and "xiangqi-gpt tune" in page
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "--force" in capsys.readouterr().err


def test_without_a_test_it_ends_with_the_path(words, capsys, tmp_path):
    assert main([*words, "--games", "0"]) == 0
    assert report(capsys)["test"] is None and not (tmp_path / "tuning.pgn").exists()


def test_another_run_does_not_go_on_with_a_journal(words, tmp_path, capsys):
    (tmp_path / "tuning.html.unfinished").write_text(
        '{"tune": "search:model,nodes=7,cpuct=1.5,fpu=0.3,temperature=1"}\n'
    )
    assert main(words) == 2
    assert "unfinished other work" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--rate", "0"], "--rate"),
        (["--iterations", "0"], "--iterations"),
        (["--parameter", "nodes=7..9"], "nodes starts outside"),
        (["--parameter", "visit_exponent=0.0..1.0"], "visit_exponent"),
        (["--sprt", "elo0=3"], "elo1"),
        (["--out", "missing/page.html"], "no such folder"),
    ],
)
def test_what_makes_no_sense_is_one_line(words, change, message, tmp_path, capsys):
    with contextlib.suppress(SystemExit):  # the parser's own way out
        assert main([*words, *change]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and message in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]
