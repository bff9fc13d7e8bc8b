"""Rated games in the file of own data: kept, from two processes at once, of an older file, and deleted alone."""

import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from patience import PATIENCE

from xiangqi_gpt.user_store import DrillDeck, Position, RatedGame, RatedGames, UserStore, UserStoreError
from xiangqi_gpt.user_store.database import STEPS

GAME = RatedGame(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), 5, -254.0, "red", 0.5, "threefold repetition", 80)

ADDS = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
from xiangqi_gpt.user_store import RatedGame, RatedGames, UserStore
with UserStore(sys.argv[1]) as store:
    for n in range(25):
        RatedGames(store).add(RatedGame(datetime.now(UTC), 1, -463.0, sys.argv[2], 1.0, "checkmate", n))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "own" / "user.sqlite"


def test_games_are_kept_in_order(path: Path) -> None:
    with UserStore(path) as store:
        assert RatedGames(store).all() == [] and RatedGames(store).delete() == 0
        assert not path.exists()
        RatedGames(store).add(GAME)
    with UserStore(path) as store:
        assert RatedGames(store).all() == [GAME]
        assert store.export()["tables"]["rated_games"][0]["score"] == 0.5


def test_two_processes_lose_nothing(path: Path) -> None:
    calls = [subprocess.Popen([sys.executable, "-c", ADDS, str(path), side]) for side in ("red", "black")]
    assert [call.wait(PATIENCE) for call in calls] == [0, 0]
    with UserStore(path) as store:
        games = RatedGames(store).all()
    for side in ("red", "black"):
        assert [game.plies for game in games if game.side == side] == list(range(25))


def test_a_file_of_the_version_before_gets_the_table(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript(STEPS[0] + "PRAGMA user_version = 1;")
    connection.close()
    with UserStore(path) as store:
        assert RatedGames(store).all() == []
        RatedGames(store).add(GAME)
        assert RatedGames(store).all() == [GAME]


def test_the_games_of_the_version_before_stay_and_a_game_counts_once(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    row = "INSERT INTO rated_games VALUES (NULL, '2026-03-01T12:00:00+00:00', 5, -254, 'red', 0.5, '', 80);"
    connection.executescript(STEPS[0] + STEPS[1] + 2 * row + "PRAGMA user_version = 2;")
    connection.close()
    named = replace(GAME, game_id="a")
    with UserStore(path) as store:
        games = RatedGames(store)
        assert games.all() == [replace(GAME, reason="")] * 2
        assert games.add(named) and not games.add(replace(named, score=1.0)) and games.add(GAME)
        assert games.all()[2:] == [named, GAME]


def test_deleting_the_games_leaves_the_positions(path: Path) -> None:
    position = Position("4k4/9/9/9/9/9/9/9/R8/4K4 w", "a1a2", "a1a3", ("a1a3",), (), 0.3)
    with UserStore(path) as store:
        DrillDeck(store).add([position])
        RatedGames(store).add(GAME)
        assert RatedGames(store).delete() == 1
        assert RatedGames(store).all() == [] and len(DrillDeck(store)) == 1


def test_deleting_the_positions_leaves_the_games(path: Path) -> None:
    with UserStore(path) as store:
        RatedGames(store).add(GAME)
        assert DrillDeck(store).delete() == 0 and RatedGames(store).all() == [GAME]


@pytest.mark.parametrize(
    "change", ["score = 7", "elo = 9e999", "side = 'white'", "played = 'yesterday'", "level = 'x'"]
)
def test_a_damaged_game_is_one_line(path: Path, change: str) -> None:
    with UserStore(path) as store:
        RatedGames(store).add(GAME)
        with store.writing() as connection:
            connection.execute(f"UPDATE rated_games SET {change}")
        with pytest.raises(UserStoreError, match="a rated game is damaged"):
            RatedGames(store).all()
