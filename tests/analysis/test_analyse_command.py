"""``xiangqi-gpt analyse`` from the record file to its reports."""

import json
import time

import pytest
from random_models import save_random_model

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import read_pgn

RECORD = '[Red "A"]\n\n1. 炮二平五 马8进7 2. 马二进三 1-0\n\n[Red "B"]\n\n1. h2e2 h9g7 2. h0g2 i9h9 *\n'


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    save_random_model(folder, seed=1)
    return str(folder)


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "games.pgn"
    path.write_text(RECORD, encoding="utf-8")
    return str(path)


@pytest.mark.slow
def test_all_reports_of_one_game(model, record, tmp_path, capsys):
    page, pgn = tmp_path / "report.html", tmp_path / "judged.pgn"
    arguments = ["analyse", record, "--game", "2", "--model", model, "--html", str(page), "--pgn", str(pgn), "--json"]
    assert main(arguments) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["tags"]["Red"], len(data["moves"])) == ("B", 4)
    assert "font/ttf" in page.read_text(encoding="utf-8")
    (judged,) = read_pgn(pgn)
    assert judged.tags["Opening"] == data["opening"]["name"]
    assert len(judged.comments) == 4
    assert main(arguments) == 2
    assert "exists; --force replaces it" in capsys.readouterr().err
    assert main([*arguments, "--force"]) == 0


def test_the_table_is_printed_by_default(model, record, capsys):
    begun = time.monotonic()
    assert main(["analyse", record, "--model", model]) == 0
    said = capsys.readouterr()
    assert "炮二平五" in said.out
    progress = [line for line in said.err.splitlines() if "%" in line]
    assert "\r" not in said.err and len(progress) <= (time.monotonic() - begun) / 25, "a line every half a minute"


def test_the_search_judges_and_nodes_make_it_the_same_every_time(model, record, capsys):
    texts = []
    for _ in range(2):
        assert main(["analyse", record, "--model", model, "--nodes", "20", "--threads", "1", "--json"]) == 0
        texts.append(capsys.readouterr().out)
    data = json.loads(texts[0])
    assert texts[0] == texts[1]
    assert data["deep"] == f"search:{model},nodes=20"
    assert all(move["nodes"] for move in data["moves"])


def test_a_glance_searches_nothing(model, record, capsys):
    assert main(["analyse", record, "--model", model, "--glance", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["deep"] is None
    assert [move["nodes"] for move in data["moves"]] == [0, 0, 0]


def test_seconds_bound_the_search(model, record, capsys):
    assert main(["analyse", record, "--model", model, "--seconds", "0.2", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["moves"]) == 3


def test_a_player_that_looks_deeper(model, record, capsys):
    assert main(["analyse", record, "--model", model, "--engine", "greedy2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["deep"] == "greedy2"


def test_a_broken_game_is_analysed_up_to_the_break(model, tmp_path, capsys):
    path = tmp_path / "broken.pgn"
    path.write_text("1. h2e2 h9g7 2. a0a9 1-0\n")
    assert main(["analyse", str(path), "--model", model]) == 0
    out = capsys.readouterr()
    assert "ply 3" in out.err and "the moves before it are analysed" in out.err
    assert "h9g7" in out.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--game", "3"], "there is no game 3"),
        (["--engine", "uci:no-such-engine,nodes=5"], "no program 'no-such-engine'"),
        (["--model", "nowhere"], "no model named 'nowhere'"),
    ],
)
def test_what_is_not_there_is_one_line(model, record, arguments, message, capsys):
    assert main(["analyse", record, "--model", model, *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
