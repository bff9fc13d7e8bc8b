"""The same work as Ray tasks; a Ray of one machine stands for a cluster."""

import os
import re
import signal
import sys
from functools import partial
from pathlib import Path

import pytest
from patience import ENGINE_PATIENCE
from random_games import random_game

from xiangqi_gpt.arena import GameRules, MatchJob, Standings, draw_openings, run_tournament, schedule
from xiangqi_gpt.arena.datagen.generate import Recipe, generate_games
from xiangqi_gpt.arena.datagen.label import label_corpus
from xiangqi_gpt.arena.match.adjudication import Adjudication
from xiangqi_gpt.arena.match.game_file import GameFile
from xiangqi_gpt.arena.runtime.cluster import ClusterError, run_on_cluster
from xiangqi_gpt.extras import how_to_add
from xiangqi_gpt.players import PlayerError
from xiangqi_gpt.records import Game, read_corpus_games, read_pgn, write_pgn

FIRST_MOVE_ENGINE = Path(__file__).parents[1] / "first_move_engine.py"


class Squarer:
    """Squares numbers; the first worker that is asked for 3 dies of it."""

    def __init__(self, grave):
        self.grave = grave

    def __call__(self, number):
        if number == 3 and not os.path.exists(self.grave):  # noqa: PTH110
            with open(self.grave, "w"):  # noqa: PTH123
                os.kill(os.getpid(), signal.SIGKILL)
        return number * number


def test_without_ray_the_package_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ClusterError, match=re.escape(how_to_add("cluster"))):
        list(run_on_cluster(partial(Squarer, ""), [1], "local"))


@pytest.fixture(scope="module")
def cluster():
    """A Ray on this machine."""
    ray = pytest.importorskip("ray")
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    path = {
        "env_vars": {"PYTHONPATH": os.pathsep.join(str(Path(__file__).parents[up]) for up in (0, 2))}
    }  # its processes read this file too
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error", runtime_env=path)
    yield
    ray.shutdown()


@pytest.mark.slow
def test_a_lost_workers_task_is_done_again(cluster, tmp_path):
    results = run_on_cluster(partial(Squarer, str(tmp_path / "grave")), range(8), "local")
    assert sorted(results) == [n * n for n in range(8)]
    assert (tmp_path / "grave").exists()


@pytest.mark.slow
def test_a_match_on_a_cluster(cluster, tmp_path):
    job = MatchJob(("greedy", "random"), GameRules(Adjudication(40)), match="test", concurrency=4)
    standings = Standings(job.names)
    fixtures = list(schedule(draw_openings(6, 1, random_plies=4), 12))
    with GameFile.resume(tmp_path / "games.pgn", "test") as file:
        run_tournament(job, fixtures, file, standings, ray="local")
    records = list(read_pgn(tmp_path / "games.pgn"))
    assert standings.games == 12 == len({record.tags["Round"] for record in records})
    assert sum(standings.total.pairs) == 6


@pytest.mark.slow
def test_games_made_on_a_cluster_are_those_made_here(cluster, tmp_path):
    recipe = Recipe(("greedy", "greedy"), max_plies=12)
    generate_games(recipe, tmp_path / "here.parquet", 70)
    generate_games(recipe, tmp_path / "there.parquet", 70, ray="local")
    assert (tmp_path / "there.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()


@pytest.fixture
def troubled(tmp_path):
    """A player's spec whose engine is slow in one worker and kills another, and what it leaves when both happened."""
    trouble = tmp_path / "trouble"
    trouble.mkdir()
    yield f"uci:{sys.executable},args={FIRST_MOVE_ENGINE} first {trouble},nodes=1,timeout={ENGINE_PATIENCE}"
    assert sorted(path.name for path in trouble.iterdir()) == ["killed", "slow"]


STEADY = f"uci:{sys.executable},args={FIRST_MOVE_ENGINE} first,nodes=1,timeout={ENGINE_PATIENCE}"


@pytest.mark.slow
def test_a_match_with_a_killed_and_a_slow_worker_has_every_game_once(cluster, tmp_path, troubled):
    def play(name, spec, **where):
        job = MatchJob((spec, "greedy"), GameRules(Adjudication(20)), match="test", concurrency=2)
        standings = Standings(job.names)
        fixtures = list(schedule(draw_openings(3, 1, random_plies=4), 6))
        with GameFile.resume(tmp_path / name, "test") as file:
            run_tournament(job, fixtures, file, standings, **where)
        return standings, sorted(record.tags["Round"] for record in read_pgn(tmp_path / name))

    standings, rounds = play("there.pgn", troubled, ray="local")
    assert standings.games == 6 and rounds == play("here.pgn", STEADY)[1] and len(set(rounds)) == 6


@pytest.mark.slow
def test_games_made_with_a_killed_and_a_slow_worker_are_those_made_here(cluster, tmp_path, troubled):
    def games(name, spec, **where):
        generate_games(Recipe((spec, spec), max_plies=10), tmp_path / name, 70, **where)
        return [game.moves for game in read_corpus_games(tmp_path / name)]

    assert games("there.parquet", troubled, ray="local") == games("here.parquet", STEADY)


@pytest.mark.slow
def test_labels_with_a_killed_and_a_slow_worker_are_those_made_here(cluster, tmp_path, troubled):
    write_pgn([Game.from_board(random_game(seed, 12)) for seed in range(8)], tmp_path / "games.pgn")

    def labels(name, spec, **where):
        label_corpus(tmp_path / "games.pgn", tmp_path / name, spec, **where)
        return [(game.moves, game.labels) for game in read_corpus_games(tmp_path / name)]

    there = labels("there.parquet", troubled, ray="local")
    assert len(there) == 8 and there == labels("here.parquet", STEADY)


@pytest.mark.slow
def test_a_player_that_cannot_be_loaded_there_says_why(cluster, tmp_path):
    job = MatchJob(("random", "uci:no-such-engine,nodes=1"), GameRules(), match="test")
    fixtures = list(schedule(draw_openings(1, 1), 2))
    with (
        GameFile.resume(tmp_path / "games.pgn", "test") as file,
        pytest.raises(PlayerError, match="no program 'no-such-engine'"),
    ):
        run_tournament(job, fixtures, file, Standings(job.names), ray="local")
