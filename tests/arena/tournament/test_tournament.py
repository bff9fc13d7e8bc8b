import itertools
import multiprocessing
import os
import signal
import sys
from pathlib import Path

import pytest
from patience import PATIENCE, wait_until

from xiangqi_gpt.arena import GameRules, MatchJob, Sprt, Standings, draw_openings, run_tournament, schedule
from xiangqi_gpt.arena.match.adjudication import Adjudication
from xiangqi_gpt.arena.match.game_file import GameFile, read_result
from xiangqi_gpt.players import PlayerError
from xiangqi_gpt.records import read_pgn
from xiangqi_gpt.rules import BLACK, RED

QUICK = ("greedy", "random", "random")
PLAYERS = ("greedy", "random", "greedy2")


class Stopped(Exception):
    """Stands for whatever ends a program."""


def fixtures(games=6, players=3, **keywords):
    return list(schedule(draw_openings(50, 1, random_plies=4), games, players=players, **keywords))


def run(path, games=6, *, specs=PLAYERS, stop_after=None, sprt=None, max_plies=400, **keywords):
    """Play a match into a file; the standings."""
    job = MatchJob(specs, GameRules(Adjudication(max_plies)), match="test", concurrency=8)
    standings = Standings(job.names, sprt=sprt)
    with GameFile.resume(path, "test") as file:
        add = file.add
        count = itertools.count(1)

        def add_some(record):
            add(record)
            if stop_after is not None and next(count) >= stop_after:
                raise Stopped

        file.add = add_some
        return run_tournament(job, fixtures(games, len(specs)), file, standings, **keywords)


# --- who plays whom


def test_everybody_meets_everybody_from_both_sides_of_the_same_openings():
    games = fixtures(games=4)
    assert [game.number for game in games] == list(range(1, 13))
    for pair in range(6):
        red, black = [game for game in games if game.pair == pair]
        assert (red.first_color, black.first_color) == (RED, BLACK)
        assert red.opening == black.opening
        assert red.players == black.players
    meetings = [game.players for game in games]
    assert {meeting: meetings.count(meeting) for meeting in meetings} == {(0, 1): 4, (0, 2): 4, (1, 2): 4}
    assert len({game.opening for game in games}) == 2  # all meet in an opening before the next one


def test_in_a_gauntlet_the_first_player_meets_all_others():
    assert {game.players for game in fixtures(games=2, gauntlet=True)} == {(0, 1), (0, 2)}


def test_a_longer_match_only_adds_games():
    assert fixtures(games=40)[: 3 * 6] == fixtures(games=6)
    short, long = draw_openings(5, 3, random_plies=4), draw_openings(500, 3, random_plies=4)
    assert long[:5] == short


# --- standings


def test_the_sums_of_a_round_robin(tmp_path):
    standings = run(tmp_path / "games.pgn", games=10)
    assert standings.games == 30
    assert sum(standings.score_of(player)[0] for player in range(3)) == 30
    assert standings.order() == [2, 0, 1]
    values = standings.as_dict()
    assert values["games"] == 20 == values["wins"] + values["draws"] + values["losses"]
    assert values["all_games"] == 30
    assert [row["player"] for row in values["standings"]] == ["greedy2", "greedy", "random"]
    assert values["standings"][1]["elo"] == 0  # the anchor
    assert [meeting["players"] for meeting in values["meetings"]] == [
        ["greedy", "random"],
        ["greedy", "greedy2"],
        ["random", "greedy2"],
    ]
    text = standings.summary()
    assert "3 players, 30 games" in text
    assert "the first move is worth" in text


def test_the_same_player_twice_has_two_names(tmp_path):
    standings = run(tmp_path / "games.pgn", games=2, specs=("random", "random"))
    assert standings.as_dict()["players"] == ["random", "random (2)"]


def test_what_the_pgn_says_is_what_was_counted(tmp_path):
    results = {}
    standings = run(tmp_path / "games.pgn", games=8)
    by_round = {fixture.round: fixture for fixture in fixtures(8)}
    for record in read_pgn(tmp_path / "games.pgn"):
        fixture = by_round[record.tags["Round"]]
        results[fixture.number] = read_result(record, fixture)
    assert results.keys() == standings.results.keys()
    for number, result in standings.results.items():
        read = results[number]
        assert (read.score, read.termination, read.failure) == (result.score, result.termination, result.failure)
        assert read.moves == result.moves
        assert read.seconds == pytest.approx(result.seconds, abs=0.01)


# --- going on


@pytest.mark.parametrize(("stop_after", "tear"), [(1, 0), (1, 30), (7, 0), (7, 1), (7, 400), (17, 30)])
def test_a_stopped_match_goes_on_and_counts_no_game_twice(tmp_path, stop_after, tear):
    """``tear``: bytes that were still missing from the last game when the program was killed."""
    path = tmp_path / "games.pgn"
    with pytest.raises(Stopped):
        run(path, specs=QUICK, stop_after=stop_after)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - tear])
    before = [record.moves for record in read_pgn(path, on_illegal="cut")][: stop_after - bool(tear)]
    standings = run(path, specs=QUICK)
    records = list(read_pgn(path))
    assert standings.games == 18 == len(records)
    assert sorted(record.tags["Round"] for record in records) == sorted(fixture.round for fixture in fixtures())
    assert [record.moves for record in records][: len(before)] == before
    played = run(path, specs=QUICK)  # nothing is left to play
    assert played.plies == 0
    assert played.as_dict()["standings"] == standings.as_dict()["standings"]


def test_games_asked_for_later_are_added(tmp_path):
    path = tmp_path / "games.pgn"
    run(path, games=2)
    first = path.read_bytes()
    assert run(path, games=4).games == 12
    assert path.read_bytes().startswith(first)
    assert run(path, games=2).games == 6  # the games of a longer match, as far as they are asked for


def play_in(path, ready):
    job = MatchJob(("random", "random"), GameRules(), match="test")
    with GameFile.resume(path, "test") as file:
        ready.set()
        run_tournament(job, fixtures(10_000, 2), file, Standings(job.names))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_match_goes_on(tmp_path):
    path = tmp_path / "games.pgn"
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=play_in, args=(path, ready))
    process.start()
    assert ready.wait(PATIENCE)
    wait_until(lambda: path.stat().st_size >= 20_000 or not process.is_alive())
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    kept = len(list(read_pgn(path, on_illegal="cut")))
    assert kept > 1
    job = MatchJob(("random", "random"), GameRules(), match="test")
    standings = Standings(job.names)
    with GameFile.resume(path, "test") as file:
        run_tournament(job, fixtures(kept + 10, 2), file, standings)
    records = list(read_pgn(path))
    assert len({record.tags["Round"] for record in records}) == len(records) >= standings.games == kept + 10


# --- workers


@pytest.fixture
def deterministic():
    """Specs of players that draw no lots."""
    engine = Path(__file__).parents[1] / "first_move_engine.py"
    return tuple(f"uci:{sys.executable},args={engine} {which},nodes=1" for which in ("first", "last"))


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_workers(tmp_path, deterministic):
    def games(name, **keywords):
        standings = run(tmp_path / name, games=4, specs=deterministic, max_plies=60, **keywords)
        records = {record.tags["Round"]: record.moves for record in read_pgn(tmp_path / name)}
        values = standings.as_dict()
        return records, [values[key] for key in ("games", "wins", "draws", "losses", "pairs", "terminations")]

    assert games("one.pgn") == games("two.pgn", workers=2)


@pytest.mark.slow
def test_the_games_of_a_lost_worker_are_played_again(tmp_path):
    killed = []

    def kill_one(standings):
        if not killed:
            killed.append(multiprocessing.active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    standings = run(tmp_path / "games.pgn", games=10, specs=("random", "greedy"), workers=2, on_progress=kill_one)
    assert killed
    assert standings.games == 10 == len(list(read_pgn(tmp_path / "games.pgn")))


@pytest.mark.slow
def test_a_worker_whose_player_cannot_be_loaded_says_why(tmp_path):
    with pytest.raises(PlayerError, match="no program 'no-such-engine'"):
        job = MatchJob(("random", "uci:no-such-engine,nodes=1"), GameRules(), match="test")
        with GameFile.resume(tmp_path / "games.pgn", "test") as file:
            run_tournament(job, fixtures(4, 2), file, Standings(job.names), workers=2)


# --- a test that stops


def test_a_test_stops_when_it_is_decided_and_counts_the_games_up_to_there(tmp_path):
    path = tmp_path / "games.pgn"
    sprt = Sprt(0, 200)
    standings = run(path, games=200, specs=("greedy2", "random"), sprt=sprt)
    assert standings.decision == "elo1"
    assert standings.games < 100
    assert len(list(read_pgn(path))) < 400
    report = standings.total
    assert sprt.decision(report.pairs) == "elo1"
    assert [game.fixture.number for game in standings.ordered()] == list(range(1, standings.games + 1))
    assert "accepts elo1" in standings.summary()
    again = run(path, games=200, specs=("greedy2", "random"), sprt=sprt)
    assert again.plies == 0
    assert again.as_dict()["pairs"] == standings.as_dict()["pairs"]
