import csv
import json
import re
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from patience import PATIENCE, wait_until

from xiangqi_gpt.records.formats.pgn import read_pgn

FIRST_MOVE_ENGINE = Path(__file__).parents[1] / "arena" / "first_move_engine.py"
FAKE_ENGINE = Path(__file__).parents[1] / "players" / "fake_engine.py"
MATCH = [sys.executable, "-m", "xiangqi_gpt", "match"]


@pytest.fixture
def match(program):
    return partial(program, "match")


@pytest.mark.slow
def test_json_is_one_object_and_every_game_is_in_the_pgn(real_program, tmp_path):
    done = real_program("match", "--player", "greedy", "--player", "random", "--games", "6", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert report["players"] == ["greedy", "random"]
    assert report["games"] == 6 == report["wins"] + report["draws"] + report["losses"]
    assert report["score"] == pytest.approx((report["wins"] + report["draws"] / 2) / 6, abs=1e-3)
    assert report["elo_low"] < report["elo"] < report["elo_high"]
    assert report["illegal_moves"] == 0
    assert report["plies_per_second"] > 0
    games = list(read_pgn(tmp_path / "match.pgn"))
    results = [(game.result, game.tags["Red"]) for game in games]
    assert results.count(("1-0", "greedy")) + results.count(("0-1", "random")) == report["wins"]
    assert "6/6" in done.stderr  # the progress bar


def test_the_summary_is_readable(match):
    done = match("--player", "greedy", "--player", "random", "--games", "4")
    assert "greedy against random: 4 games, 2 openings played twice" in done.stdout
    assert "95 % interval" in done.stdout
    assert "games in match.pgn" in done.stdout


def test_one_opening_is_not_openings(match):
    done = match("--player", "greedy", "--player", "random", "--games", "2")
    assert "2 games, 1 opening played twice" in done.stdout


def test_the_same_seed_gives_the_same_match(match, tmp_path):
    options = ["--player", "random", "--player", "random", "--games", "4", "--max-plies", "60"]
    match(*options, "--seed", "3", "--pgn", "a.pgn")
    match(*options, "--seed", "3", "--pgn", "b.pgn")
    match(*options, "--seed", "4", "--pgn", "c.pgn")
    a, b, c = ([game.moves for game in read_pgn(tmp_path / f"{name}.pgn")] for name in "abc")
    assert a == b != c


def test_openings_from_a_file(match, tmp_path):
    fen = "2bakab2/9/2n1c1n2/p1p1p1p1p/9/2P6/P3P1P1P/2N1C1N2/9/2BAKAB2 b - - 3 9"
    (tmp_path / "book.epd").write_text(fen + "\n")
    done = match("--player", "greedy", "--player", "random", "--games", "2", "--openings", "book.epd", "--json")
    assert done.returncode == 0, done.stderr
    games = list(read_pgn(tmp_path / "match.pgn"))
    assert [game.root for game in games] == [fen, fen]
    assert {game.tags["Red"] for game in games} == {"greedy", "random"}


def test_the_same_match_again_plays_nothing_and_another_one_keeps_the_file(match, tmp_path):
    options = ["--player", "random", "--player", "random", "--games", "2", "--max-plies", "20"]
    match(*options)
    first = (tmp_path / "match.pgn").read_text()
    again = match(*options)
    assert "2 games" in again.stdout
    assert "games in match.pgn" in again.stdout
    other = match(*options, "--seed", "1")
    assert "games in match-2.pgn" in other.stdout
    assert (tmp_path / "match.pgn").read_text() == first
    refused = match(*options, "--seed", "1", "--pgn", "match.pgn")
    assert refused.returncode == 2
    assert "match.pgn holds other games" in refused.stderr
    assert (tmp_path / "match.pgn").read_text() == first
    assert match(*options, "--seed", "1", "--pgn", "match.pgn", "--force").returncode == 0
    assert len(list(read_pgn(tmp_path / "match.pgn"))) == 2


def test_a_foreign_file_is_never_touched(match, tmp_path):
    (tmp_path / "mine.pgn").write_text("precious")
    done = match("--player", "random", "--player", "random", "--games", "2", "--pgn", "mine.pgn")
    assert done.returncode == 2
    assert "mine.pgn holds other games" in done.stderr
    assert (tmp_path / "mine.pgn").read_text() == "precious"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_killed_match_goes_on_and_a_second_writer_is_refused(match, tmp_path):
    options = ["--player", "greedy", "--player", "random", "--games", "3000", "--concurrency", "4"]
    process = subprocess.Popen([*MATCH, *options], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    file = tmp_path / "match.pgn"
    wait_until(lambda: file.exists() and file.stat().st_size > 20_000)
    second = match(*options)
    assert second.returncode == 2
    assert "match.pgn is being written by another process" in second.stderr
    process.kill()
    process.wait()
    kept = [game.moves for game in read_pgn(file, on_illegal="cut")]
    assert 1 < len(kept) < 3000
    few = ["--player", "greedy", "--player", "random", "--games", str(len(kept) + 6), "--concurrency", "4"]
    report = json.loads(match(*few, "--json").stdout)
    games = list(read_pgn(file))
    assert report["games"] == len(kept) + 6
    assert len({game.tags["Round"] for game in games}) == len(games)
    assert [game.moves for game in games][: len(kept) - 1] == kept[:-1]


def said_without_times(stdout, pgn, page, table):
    """What a match left and said, without what its clock showed."""
    report = json.loads(stdout)
    for timed in ("seconds", "plies", "plies_per_second", "seconds_per_move"):
        report.pop(timed, None)
    for row in report.get("standings", ()):
        row.pop("seconds_per_move", None)
    games = sorted(re.sub(r"\d+\.\d+s\b", "", game) for game in pgn.read_text().split("\n\n\n"))
    rows = [
        {name: value for name, value in row.items() if not name.endswith("_seconds")}
        for row in csv.DictReader(table.read_text().splitlines())
    ]
    return report, games, re.sub(r"\d+\.\d{4}\b|\d+\.\d+s\b", "", page.read_text()), rows


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0.45, 0.9])
def test_a_match_that_goes_on_leaves_what_an_uninterrupted_one_does(match, tmp_path, kept):
    first, last = (f"uci:{sys.executable},args={FIRST_MOVE_ENGINE} {which},nodes=1" for which in ("first", "last"))
    options = ["--player", first, "--player", last, "--games", "4", "--max-plies", "10"]
    outputs = [tmp_path / name for name in ("out.pgn", "out.html", "out.csv")]
    options += ["--pgn", "out.pgn", "--report", "out.html", "--csv", "out.csv", "--json"]
    done = match(*options)
    assert done.returncode == 0, done.stderr
    expected = said_without_times(done.stdout, *outputs)
    whole = outputs[0].read_bytes()
    outputs[0].write_bytes(whole[: int(kept * len(whole))])  # as a kill leaves it, in the middle of a game
    for path in outputs[1:]:
        path.unlink()
    assert said_without_times(match(*options).stdout, *outputs) == expected


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_three_players_and_all_outputs(match, tmp_path, workers):
    done = match(
        *("--player", "greedy", "--player", "random", "--player", "greedy2", "--games", "4", "--max-plies", "60"),
        *("--report", "r.html", "--csv", "r.csv", "--json", "--anchor", "random=-1012", "--workers", workers),
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["games"] == 8
    assert report["all_games"] == 12
    assert {row["player"]: row["elo"] for row in report["standings"]}["random"] == -1012
    page = (tmp_path / "r.html").read_text()
    assert "3 players, 12 games" in page
    assert page.count("<tr>") > 6
    lines = (tmp_path / "r.csv").read_text().splitlines()
    assert len(lines) == 13
    assert lines[0].startswith("game,round,red,black,result,termination")


def test_a_test_that_is_decided_stops_the_match(match, tmp_path):
    done = match(
        *("--player", "greedy", "--player", "random", "--games", "2000", "--concurrency", "8"),
        *("--sprt", "elo0=0,elo1=150", "--json"),
    )
    report = json.loads(done.stdout)
    assert report["sprt"]["accepted"] == "elo1"
    assert report["sprt"]["llr"] >= report["sprt"]["high"]
    assert report["games"] < 200


@pytest.mark.slow
def test_a_player_that_oversteps_its_time_loses(match, tmp_path):
    engine = f"uci:{sys.executable},args={FAKE_ENGINE} dawdles,timeout={PATIENCE}"
    done = match("--player", "random", "--player", engine, "--games", "2", "--tc", "1+0.5", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["wins"] == 2
    assert report["terminations"] == {"time": 2}
    assert "s left" in report["failures"][0]
    game = next(iter(read_pgn(tmp_path / "match.pgn")))
    assert game.tags["TimeControl"] == "1+0.5"
    assert game.tags["Termination"] == "time"


def test_an_engine_that_moves_illegally_loses_and_is_reported(match):
    engine = f"uci:{sys.executable},args={FAKE_ENGINE} illegal,nodes=1"
    done = match("--player", "random", "--player", engine, "--games", "2", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["wins"], report["illegal_moves"]) == (2, 2)
    assert "a0a9" in report["failures"][0]


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("fairy-stockfish") or shutil.which("fairy-stockfish", path="/usr/games")),
    reason="fairy-stockfish is not installed",
)
def test_a_real_engine_beats_random(match):
    done = match("--player", "uci:fairy-stockfish,nodes=200", "--player", "random", "--games", "6", "--json")
    report = json.loads(done.stdout)
    assert report["wins"] >= 5
    assert report["illegal_moves"] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--player", "random"], "a match has two or more players"),
        (["--player", "random", "--player", "random", "--tc", "soon"], "time control 'soon'"),
        (["--player", "random", "--player", "random", "--sprt", "elo0=5"], "elo0 and elo1 are needed"),
        (["--player", "random"] * 3 + ["--sprt", "elo0=0,elo1=5"], "--sprt is for two players"),
        (["--player", "random", "--player", "random", "--win", "score=x"], "expected score=CENTIPAWNS"),
        (["--player", "random", "--player", "random", "--referee", "random"], "--referee needs --win or --draw"),
        (["--player", "random", "--player", "random", "--anchor", "greedy=0"], "expected one of the players"),
        (["--player", "random", "--player", "random", "--workers", "0"], "--workers must be at least 1"),
        (["--checkpoints", "no/run"], "needs two or more checkpoints"),
        (["--player", "random", "--player", "nobody"], "unknown player 'nobody'"),
        (["--player", "random", "--player", "random", "--games", "0"], "--games must be at least 1, not 0"),
        (["--player", "random", "--player", "random", "--games", "9" * 20], "--games must be at most 1,000,000"),
        (["--player", "random", "--player", "random", "--random-plies", "-1"], "--random-plies must be at least 0"),
        (["--player", "random", "--player", "random", "--openings", "no.epd"], "no.epd"),
        (["--player", "random", "--player", "random", "--pgn", "no/such/folder.pgn"], "cannot be written"),
        (["--player", "random", "--player", "uci:no-such-engine,nodes=1"], "no program 'no-such-engine'"),
        (["--wrong"], "unrecognized arguments: --wrong"),
    ],
)
def test_bad_input_is_status_2_and_leaves_no_file(match, tmp_path, options, message):
    done = match(*options)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1 and "internal error" not in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_broken_openings_name_the_line(match, tmp_path):
    (tmp_path / "book.epd").write_text("# book\n9/9 w\n")
    done = match("--player", "random", "--player", "random", "--openings", "book.epd")
    assert done.returncode == 2
    assert "book.epd:2: a board has 10 ranks" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_an_interrupted_match_keeps_whole_games_and_says_the_score(tmp_path):
    command = [*MATCH, "--player", "random", "--player", "greedy", "--games", "100000", "--concurrency", "8"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts its background jobs with the signal ignored, and their children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    file = tmp_path / "match.pgn"
    wait_until(lambda: file.exists() and file.stat().st_size > 20_000)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "interrupted: random against greedy" in errors
    assert "Traceback" not in errors
    assert len(list(read_pgn(file))) > 1


def test_help_names_the_players_and_the_options(match):
    done = match("--help")
    assert done.returncode == 0
    for word in ("greedy2", "uci:fairy-stockfish", "--random-plies", "--openings", "--json"):
        assert word in done.stdout
