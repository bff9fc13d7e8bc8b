"""Rated games in the terminal, and ``xiangqi-gpt rating``."""

import json
from collections.abc import Iterator

import pytest

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.commands.terminal_rated import EVEN, FIND, RatedTerminalGame
from xiangqi_gpt.players import GreedyPlayer
from xiangqi_gpt.rules import BLACK, RED
from xiangqi_gpt.user_store import RatedGames, UserStore, UserStoreError


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    path = tmp_path / "own" / "user.sqlite"
    monkeypatch.setattr("xiangqi_gpt.user_store.database.user_store_path", lambda: path)
    return path


@pytest.fixture
def session(capsys):
    """Plays a scripted session; gives the game, what was printed, and the levels that were asked to play."""

    def play(lines, choice=EVEN, side=None):
        levels = []

        def opponent(level):
            levels.append(level)
            return GreedyPlayer(1)

        waiting: Iterator[str] = iter(lines)
        with UserStore() as store:
            game = RatedTerminalGame(RatedGames(store), choice, opponent, side=side)
            game.run(lambda prompt: next(waiting, None))
            game.close()
        return game, capsys.readouterr().out, levels

    return play


def kept():
    with UserStore() as store:
        return RatedGames(store).all()


def test_a_lost_game_counts_once_and_the_next_level_is_weaker(session):
    _, out, levels = session(["h2e2", "resign", "resign", "moves", "new", "resign", "new", "resign"], FIND)
    games = kept()
    assert [game.score for game in games] == [0, 0, 0] and games[0].reason == "resignation"
    assert [game.side for game in games] == ["red", "black", "red"]
    assert [game.level for game in games] == levels and sorted(levels, reverse=True) == levels and len(set(levels)) > 1
    assert out.count("Your rating: ") == 3 and "games: 3" in out


def test_what_is_left_unfinished_does_not_count_and_is_said(session):
    for lines in (["h2e2"], ["h2e2", "quit"], ["h2e2", "new red"]):
        _, out, _ = session(lines)
        assert "left unfinished: it does not count" in out
    _, out, _ = session(["quit"], side=RED)
    assert "was left unfinished" not in out
    assert kept() == []


def test_no_help_and_nothing_taken_back_even_after_the_end(session):
    game, out, _ = session(["h2e2", "undo", "提示", "resign", "悔棋"], side=RED)
    assert out.count("has no undo and no hints") == 3 and "likely" not in out and "it expects" not in out
    assert len(game.board.move_stack) == 2 and game.outcome is not None and len(kept()) == 1


def test_a_level_of_ones_own_choice_stays(session):
    _, _, levels = session(["resign", "new", "resign", "new purple"], 3, side=BLACK)
    assert levels == [3] and [(game.level, game.side) for game in kept()] == [(3, "black"), (3, "red")]


def test_a_result_that_cannot_be_kept_is_tried_again(session, monkeypatch):
    add, failures = RatedGames.add, [UserStoreError("the disk is full")]

    def failing(self, game):
        if failures:
            raise failures.pop()
        add(self, game)

    monkeypatch.setattr(RatedGames, "add", failing)
    _, out, _ = session(["resign", ""], side=RED)
    assert "not kept yet: the disk is full" in out and "Your rating" in out
    assert len(kept()) == 1


@pytest.mark.parametrize(
    ("failures", "lines", "results"),
    [
        (1, ["resign"], 1),  # the input ends, and the result is tried once more
        (1, ["resign", "new"], 1),
        (2, ["resign", "new", "new", "resign"], 2),
        (9, ["resign", "new"], 0),
    ],
)
def test_no_new_game_loses_a_result_that_cannot_be_kept_yet(session, monkeypatch, failures, lines, results):
    add, left = RatedGames.add, [UserStoreError("the disk is full")] * failures

    def failing(self, game):
        if left:
            raise left.pop()
        add(self, game)

    monkeypatch.setattr(RatedGames, "add", failing)
    game, out, _ = session(lines, side=RED)
    assert len(kept()) == results and out.count("not kept yet") == min(failures, 3)
    assert (game.outcome is not None) == (lines[-1] == "resign" or failures == 9)


def test_the_rating_is_shown_exported_and_deleted(session, capsys, tmp_path):
    assert main(["rating"]) == 0 and "no rated games yet" in capsys.readouterr().out
    assert main(["rating", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": 1, "rating": None, "history": []}
    session(["resign", "new", "resign"], 9)
    assert main(["rating"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("rating ") and "2 games" in out and out.count("lost") == 2 and "level  9 (1246)" in out
    file = tmp_path / "rating.json"
    assert main(["rating", "--export", str(file)]) == 0
    assert main(["rating", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(file.read_text("utf-8"))
    first, second = (game["rating"] for game in found["history"])
    assert second == found["rating"] and second["elo"] < first["elo"] and second["games"] == 2
    assert second["elo_low"] < second["elo"] < second["elo_high"]
    assert main(["rating", "--export", str(file)]) == 2 and "exists" in capsys.readouterr().err
    assert main(["rating", "--delete"]) == 0 and "2 rated games are deleted" in capsys.readouterr().out
    assert kept() == []
    assert main(["rating", "--delete"]) == 0 and "no rated games" in capsys.readouterr().out
