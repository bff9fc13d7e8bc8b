"""Rated games in the terminal, and ``xiangqi-gpt rating``."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from xiangqi_gpt.gui.i18n.texts import Texts

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.commands.terminal_rated import EVEN, FIND, RatedTerminalGame
from xiangqi_gpt.players import GreedyPlayer
from xiangqi_gpt.players.levels import rated_level
from xiangqi_gpt.players.player import PlayerError
from xiangqi_gpt.players.spec import check_player
from xiangqi_gpt.records.formats.pgn import read_pgn
from xiangqi_gpt.rules import BLACK, RED, Outcome, Termination
from xiangqi_gpt.user_store import RatedGame, RatedGames, UserStore, UserStoreError


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
    _, out, levels = session(
        ["h2e2", "resign", "resign", "moves", "new", "h7e7", "resign", "new", "h2e2", "resign"], FIND
    )
    games = kept()
    assert len({game.game_id for game in games}) == 3 and all(game.game_id for game in games)
    assert [game.score for game in games] == [0, 0, 0] and games[0].reason == "resignation"
    assert [game.side for game in games] == ["red", "black", "red"]
    assert [game.level for game in games] == levels and sorted(levels, reverse=True) == levels and len(set(levels)) > 1
    assert out.count("Your rating: ") == 3 and "games: 3" in out


@pytest.mark.parametrize("leave", ["quit", "new", "退出", "新局"])
def test_who_leaves_a_game_has_lost_it_after_a_question(session, leave):
    _, out, _ = session(["h2e2", leave, "moves", leave, leave, *([] if leave in ("quit", "退出") else ["quit"])])
    assert leave in ("new", "新局") or "for the next game" not in out
    assert out.count(f"Type {leave} again") == 2, "what was typed between the two takes the question back"
    assert [(game.score, game.reason, game.plies) for game in kept()] == [(0.0, "resignation", 2)]
    assert "Your rating: " in out


@pytest.mark.parametrize(("first", "then"), [("quit", "new"), ("new", "quit")])
def test_a_warning_of_one_command_is_none_of_another(session, first, then):
    _, out, _ = session(["h2e2", first, then, "moves"])
    assert f"Type {first} again" in out and f"Type {then} again" in out and kept() == []


def test_a_side_that_is_not_understood_loses_nothing(session):
    _, out, _ = session(["h2e2", "new", "new purple", "moves"], side=RED)
    assert "Which side?" in out and kept() == []


def test_a_game_is_aborted_before_a_move_of_ones_own(session):
    game, out, _ = session(["resign", "new black", "认输", "resign", "new black", "quit"], side=RED)
    assert out.count("aborted and does not count") == 3 and kept() == []
    assert "resignation" not in out and "The game is over.\n" in out and game.outcome is None


def test_an_aborted_game_has_no_result_in_its_file(session, tmp_path):
    _, out, _ = session(["resign", f"save {tmp_path / 'a.pgn'}", "h2e2"], side=BLACK)
    (game,) = read_pgn(tmp_path / "a.pgn")
    assert game.result == "*" and "Termination" not in game.tags and len(game.moves) == 1
    assert "The game is over: aborted, without a result. Type new" in out


@pytest.mark.parametrize("last", ["moves", "quit", "退出", "新局"])
def test_the_end_of_the_input_loses_no_game_and_this_is_said(session, last):
    _, out, _ = session(["h2e2", last])
    assert "left unfinished: it does not count" in out and kept() == []


def test_no_help_and_nothing_taken_back_even_after_the_end(session):
    game, out, _ = session(["h2e2", "undo", "提示", "resign", "悔棋"], side=RED)
    assert out.count("has no undo and no hints") == 3 and "likely" not in out and "it expects" not in out
    assert len(game.board.move_stack) == 2 and game.outcome is not None and len(kept()) == 1


def test_a_level_of_ones_own_choice_stays(session):
    _, _, levels = session(["h7e7", "resign", "new", "h2e2", "resign", "new purple"], 3, side=BLACK)
    assert levels == [3] and [(game.level, game.side) for game in kept()] == [(3, "black"), (3, "red")]


def test_a_result_that_cannot_be_kept_is_tried_again(session, monkeypatch):
    add, failures = RatedGames.add, [UserStoreError("the disk is full")]

    def failing(self, game):
        if failures:
            raise failures.pop()
        add(self, game)

    monkeypatch.setattr(RatedGames, "add", failing)
    _, out, _ = session(["h2e2", "resign", ""], side=RED)
    assert "not kept yet: the disk is full" in out and "Your rating" in out
    assert len(kept()) == 1


def test_a_result_that_cannot_be_kept_when_one_leaves_is_told_once(session, monkeypatch):
    def failing(self, game):
        raise UserStoreError("the disk is full")

    monkeypatch.setattr(RatedGames, "add", failing)
    _, out, _ = session(["h2e2", "quit", "quit"], side=RED)
    assert out.count("the disk is full") == 1 and "could not be kept" in out and "Press Enter" not in out


@pytest.mark.parametrize(
    ("failures", "lines", "results"),
    [
        (1, ["resign"], 1),  # the input ends, and the result is tried once more
        (1, ["resign", "new red"], 1),
        (2, ["resign", "new", "new red", "h2e2", "resign"], 2),
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
    game, out, _ = session(["h2e2", *lines], side=RED)
    assert len(kept()) == results and out.count("the disk is full") == min(failures, 3)
    assert (game.outcome is not None) == (lines[-1] == "resign" or failures == 9)


def test_the_rating_is_shown_exported_and_deleted(session, capsys, tmp_path):
    assert main(["rating"]) == 0 and "no rated games yet" in capsys.readouterr().out
    assert main(["rating", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": 1, "rating": None, "history": []}
    session(["h2e2", "resign"], 9)
    assert main(["rating"]) == 0 and ", 1 game\n" in capsys.readouterr().out
    session(["h7e7", "resign"], 9)
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


def keep(count, played=datetime(2026, 3, 1, 23, 30, tzinfo=UTC)):
    with UserStore() as store:
        for number in range(count):
            outcome = Outcome(RED if number % 2 else BLACK, Termination.CHECKMATE)
            RatedGames(store).add(RatedGame.ended(outcome, RED, level=9, elo=-254, played=played, plies=40))


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be changed")
def test_the_games_are_listed_in_local_time_and_in_both_languages(capsys, monkeypatch):
    monkeypatch.setenv("TZ", "XXX-5")  # five hours ahead
    time.tzset()
    try:
        keep(2)
        assert main(["rating"]) == 0
        assert capsys.readouterr().out.count("2026-03-02 04:30") == 2
        assert main(["rating", "--language", "zh"]) == 0
        out = capsys.readouterr().out
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "共 2 盘" in out and "第  9 级（1246）  红方  负" in out and "将死" in out
    assert not any(word in out for word in ("rating", "level", "won", "red"))


def test_of_many_games_it_is_said_how_many_count(capsys):
    keep(130)
    assert main(["rating"]) == 0
    out = capsys.readouterr().out
    assert "by the last 100 of 130 games" in out and "the last 20:" in out and out.count("Checkmate") == 20
    assert len(out.splitlines()) == 3 + 20
    assert main(["rating", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["history"]) == 130 and [game["rating"]["games"] for game in found["history"]][99:] == [100] * 31


@pytest.mark.parametrize("spec", ["gpt:default,level=7", "default,level=7", "gpt,level=7"])
def test_the_shipped_model_by_any_name_is_an_opponent_and_a_level_is_written_one_way(spec):
    assert rated_level(spec) == 7 and rated_level(spec.replace("=7", "=007")) is None
    with pytest.raises(PlayerError):
        check_player(spec.replace("=7", "=007"))
    assert Texts("en").about_player(spec) != Texts("en").about_player(spec.replace("=7", "=007"))
