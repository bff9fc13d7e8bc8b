import json

import pytest
from random_models import save_random_model
from special_files import Pipe

from xiangqi_gpt.arena.ladder.ladder import Ladder, LadderSettings, illegal_loses
from xiangqi_gpt.arena.ladder.player_rating import rate_player
from xiangqi_gpt.arena.ladder.reference_opponents import REFERENCE_OPPONENTS, ReferenceOpponent, installed
from xiangqi_gpt.arena.match.game_file import GameFile
from xiangqi_gpt.players import PlayerError
from xiangqi_gpt.records import read_pgn

SIMPLE = [opponent for opponent in REFERENCE_OPPONENTS if not opponent.package]
ONE_BATCH = LadderSettings(games=2, least=2, batch=2)
QUICK = LadderSettings(precision=150, games=60, least=16, batch=16)


def test_the_opponents_are_the_published_ones():
    assert [opponent.elo for opponent in REFERENCE_OPPONENTS] == sorted(
        opponent.elo for opponent in REFERENCE_OPPONENTS
    )
    assert next(opponent for opponent in REFERENCE_OPPONENTS if opponent.name == "fairy-stockfish 100 nodes").elo == 0
    assert len(REFERENCE_OPPONENTS) == 12
    assert REFERENCE_OPPONENTS[0] == ReferenceOpponent("random", "random", -1012, 65)


def test_missing_opponents_are_named_with_their_package(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("xiangqi_gpt.players.engine_process._GAME_FOLDERS", "")
    here, missing = installed()
    assert here == SIMPLE
    assert {opponent.package for opponent in missing} == {"hoichess", "fairy-stockfish", "sjaakii"}


def test_an_opponent_is_rated_where_it_stands(tmp_path):
    """``greedy`` against the two simplest opponents, itself and ``random``, which is 350 Elo below."""
    rating = rate_player("greedy", QUICK, pgn=tmp_path / "l.pgn", opponents=SIMPLE[:2])
    low, high = rating.masked.interval
    assert (high - low) / 2 <= 150 or len(rating.masked.results) == 60
    assert low - 100 < -658 < high + 100
    values = json.loads(json.dumps(rating.as_dict()))
    assert values["elo_low"] < values["elo"] < values["elo_high"]
    assert values["elo_illegal_loses"] == values["elo"]
    assert values["games"] == sum(opponent["games"] for opponent in values["rungs"])
    assert values["games"] == len(list(read_pgn(tmp_path / "l.pgn")))
    assert values["missing"] == []
    assert values["seconds_per_move"] >= 0
    assert values["elo_low_with_rung_errors"] < values["elo_low"]
    assert values["elo_high_with_rung_errors"] > values["elo_high"]
    first, second, *_ = rating.summary().splitlines()
    assert "given the opponents' ratings" in first and "errors of their own, which this leaves out" in second
    assert "own errors included" in rating.summary(reference_errors=True).splitlines()[0]


def test_a_stopped_ladder_goes_on_with_the_same_games(tmp_path):
    def climb(games):
        with Ladder("greedy", SIMPLE[:2]) as ladder, GameFile.resume(tmp_path / "l.pgn", ladder.match) as file:
            return ladder.rate(LadderSettings(precision=1, games=games, least=8, batch=8), file)

    climb(16)
    first = (tmp_path / "l.pgn").read_text()
    longer = climb(32)
    assert len(longer.results) == 32
    assert (tmp_path / "l.pgn").read_text().startswith(first)
    again = (tmp_path / "l.pgn").read_text()
    assert climb(32).as_dict()["elo"] == longer.as_dict()["elo"]
    assert (tmp_path / "l.pgn").read_text() == again


def test_a_ladder_with_other_settings_takes_no_game_for_one_against_another_opponent(tmp_path):
    alike = [ReferenceOpponent("one", "random", -1012, 0), ReferenceOpponent("two", "random", -1011, 0)]

    def climb(batch):
        with Ladder("random", alike) as ladder, GameFile.resume(tmp_path / "l.pgn", ladder.match) as file:
            return ladder.rate(LadderSettings(precision=1, games=32, least=8, batch=batch), file)

    climb(2)
    report = climb(10)
    there = [(game.tags["Round"], {game.tags["Red"], game.tags["Black"]}) for game in read_pgn(tmp_path / "l.pgn")]
    for game in report.results:
        assert (game.fixture.round, {"random", alike[game.fixture.players[1] - 1].name}) in there
    assert len(there) > 32  # some rounds have met the other opponent now: those games were played, too


def test_it_climbs_to_its_neighbours(tmp_path):
    """Far opponents are left alone: most games are against those nearest to the rating."""
    strong = ReferenceOpponent("far above", "greedy", 3000, 0)
    with (
        Ladder("greedy", [*SIMPLE[:2], strong]) as ladder,
        GameFile.resume(tmp_path / "l.pgn", ladder.match) as file,
    ):
        report = ladder.rate(LadderSettings(precision=1, games=64, least=8, batch=8), file)
    games = {opponent.name: match.games for opponent, match in report.by_opponent()}
    assert games.get("far above", 0) <= 16
    assert games["greedy"] > games["random"] > 0


def test_both_judgements_are_for_models_only():
    assert illegal_loses("gpt:runs/first,source=online") == "gpt:runs/first,source=online,masked=no"
    assert illegal_loses("gpt:runs/first,temperature=0.5") is None  # it draws among the legal moves
    assert illegal_loses("gpt") == "gpt,masked=no"
    assert illegal_loses("uci:fairy-stockfish,nodes=5") is None
    assert illegal_loses("greedy") is None


@pytest.mark.slow
def test_a_model_with_sight_is_not_asked_for_illegal_moves(tmp_path):
    save_random_model(tmp_path)
    rating = rate_player(f"gpt:{tmp_path}", ONE_BATCH, pgn=tmp_path / "l.pgn", opponents=SIMPLE[:1])
    values = json.loads(json.dumps(rating.as_dict()))
    assert values["games"] == 2
    assert values["elo_illegal_loses"] is values["games_illegal_loses"] is None
    assert "illegal" not in rating.summary()
    assert [path.name for path in tmp_path.glob("*.pgn")] == ["l.pgn"]


def test_a_blind_model_is_judged_twice(tmp_path):
    save_random_model(tmp_path, features="none")
    rating = rate_player(f"gpt:{tmp_path}", ONE_BATCH, pgn=tmp_path / "l.pgn", opponents=SIMPLE[:1])
    values = rating.as_dict()
    assert values["games_illegal_loses"] == 2
    assert values["illegal_moves"] == 2  # it has learned nothing
    assert "2 of 2 games lost by one" in rating.summary()
    assert {path.name for path in tmp_path.glob("*.pgn")} == {"l.pgn", "l-unmasked.pgn"}


def test_a_pipe_gets_the_games_of_both_judgements(tmp_path, monkeypatch):
    monkeypatch.setattr("xiangqi_gpt.arena.ladder.player_rating.illegal_loses", lambda spec: "random")
    monkeypatch.setattr("xiangqi_gpt.arena.ladder.player_rating.has_position_features", lambda spec: False)
    pipe = Pipe(tmp_path / "pipe").start()
    rating = rate_player("greedy", ONE_BATCH, pgn=pipe.path, opponents=SIMPLE[:1])
    assert rating.unmasked is not None and len(rating.unmasked.results) == 2
    games = pipe.read()
    assert games.count(b"[Result ") == 4 and games.count(b"greedy unmasked") == 2
    assert list(tmp_path.iterdir()) == [pipe.path]


def test_a_player_that_thinks_by_the_clock_has_no_rating():
    with pytest.raises(PlayerError, match="a rating needs nodes or depth"):
        Ladder("uci:fairy-stockfish,movetime=100", SIMPLE)
    with pytest.raises(PlayerError, match="no reference opponent"):
        Ladder("greedy", [])
