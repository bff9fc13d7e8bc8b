import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from xiangqi_gpt.arena import GameRules, Opening, draw_openings, play_games, schedule
from xiangqi_gpt.arena.match.adjudication import Adjudication, AdjudicationError, ScoreRule
from xiangqi_gpt.arena.match.clock import Clocks
from xiangqi_gpt.players import Clock, Decision, PlayerError, RandomPlayer, load_player
from xiangqi_gpt.players.score import Score
from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.players.time_management import TimeBudget
from xiangqi_gpt.rules import BLACK, RED, Termination

FAKE_ENGINE = Path(__file__).parents[2] / "players" / "fake_engine.py"


class Judging(RandomPlayer):
    """Plays at random and says the score that ``opinion`` gives for Red."""

    def __init__(self, opinion, seed=1):
        super().__init__(seed)
        self.opinion = opinion

    def choose(self, board, limit=None, **options):
        decision = super().choose(board)
        cp = self.opinion if board.turn == RED else -self.opinion
        return Decision(decision.move, score=Score(cp=cp), depth=3)


def play(first, second, adjudication, **keywords):
    games = []
    play_games(
        (first, second),
        schedule(draw_openings(1, 1, random_plies=2), 2),
        GameRules(adjudication),
        names=("a", "b"),
        on_game=games.append,
        **keywords,
    )
    return games


def test_a_game_that_both_see_decided_is_ended():
    games = play(Judging(950), Judging(1200), Adjudication(win=ScoreRule(900, 3)))
    assert {game.outcome.winner for game in games} == {RED}
    assert {len(game.board.move_stack) for game in games} == {2 + 6}
    assert all("scores of 9 pawns or more for 3 moves" in str(game.outcome) for game in games)


class Checking(RandomPlayer):
    """Gives check wherever it can."""

    def choose(self, board):
        checks = [move for move in board.legal_moves if board.gives_check(move)]
        return Decision(checks[0]) if checks else super().choose(board)


@pytest.mark.parametrize(("most_checks", "last"), [(None, 120), (1, 120), (0, 122)])
def test_a_match_may_count_few_checks_within_the_natural_limit(most_checks, last):
    # Red checks twice, with plies 119 and 121; both are answered by moves of the king.
    opening, games = Opening("3k5/9/9/9/9/9/R8/9/9/4K4 w - - 118 60"), []
    rules = GameRules(Adjudication(max_plies=4), most_checks=most_checks)
    play_games((Checking(), RandomPlayer(1)), schedule([opening], 1), rules, names=("a", "b"), on_game=games.append)
    (game,) = games
    assert game.board.halfmove_clock == last
    is_limit = game.outcome.termination is Termination.NO_CAPTURE
    assert is_limit == (most_checks != 0)


def test_one_players_opinion_is_not_enough():
    games = play(Judging(950), Judging(100), Adjudication(max_plies=40, win=ScoreRule(900, 3)))
    assert all(game.outcome.detail == "40 plies played" for game in games)


def test_a_player_without_an_opinion_decides_nothing():
    rule = ScoreRule(900, 2)
    games = play(Judging(950), RandomPlayer(2), Adjudication(max_plies=30, win=rule, draw=ScoreRule(2000, 2)))
    assert all(game.outcome.detail == "30 plies played" for game in games)


def test_an_even_game_is_drawn_but_not_before_its_time():
    games = play(Judging(5), Judging(-3), Adjudication(draw=ScoreRule(10, 2, after=20)))
    assert all(game.outcome.winner is None and game.plies == 20 for game in games)
    assert all("scores within 0.1 pawns for 2 moves" in str(game.outcome) for game in games)


def test_the_referees_score_counts_not_the_players():
    games = play(Judging(5000), Judging(5000), Adjudication(win=ScoreRule(900, 3)), referee=Judging(-950))
    assert {game.outcome.winner for game in games} == {1 - RED}


def test_a_referee_that_fails_ends_the_match():
    class Asleep(RandomPlayer):
        def choose(self, board, limit=None, **options):
            raise PlayerError("the referee is asleep")

    with pytest.raises(PlayerError, match="the referee is asleep"):
        play(Judging(5000), Judging(5000), Adjudication(win=ScoreRule(900, 3)), referee=Asleep(1))


def test_a_mate_that_both_see_is_a_decided_game():
    class Prophet(RandomPlayer):
        def choose(self, board, limit=None, **options):
            return Decision(super().choose(board).move, score=Score(mate=9 if board.turn == RED else -9))

    games = play(Prophet(1), Prophet(2), Adjudication(win=ScoreRule(5000, 2)))
    assert [(game.outcome.winner, game.plies) for game in games] == [(RED, 2 + 4)] * 2


@pytest.mark.parametrize("text", ["", "900", "score=-5", "score=900,moves=0", "score=900,when=3"])
def test_a_rule_that_cannot_be_read(text):
    with pytest.raises(AdjudicationError):
        ScoreRule.parse(text, moves=4)


# --- clocks


def test_a_clock_runs_down_and_gets_its_increment_back():
    clocks = Clocks(TimeControl(10, 2))
    assert clocks.spend(0, 4)
    assert clocks.left == [8, 10]
    assert clocks.show(RED) == Clock(8, 10, 2, 2)
    assert clocks.show(1 - RED) == Clock(10, 8, 2, 2)
    assert not clocks.spend(1, 10.5)


def test_a_search_is_given_a_budget_of_its_time():
    assert TimeBudget.of_clock(*Clock(60, 1, 0.5, 0.5).of(RED)) == TimeBudget(2.4, 6.0)  # a thirtieth, most of 0.5 s
    assert TimeBudget.of_clock(*Clock(0.3, 60, 10, 10).of(RED)).most < 0.3
    assert TimeBudget.of_clock(*Clock(60, 9, 0, 0.5).of(BLACK)).usual == pytest.approx(0.7)  # its own clock


def test_an_engine_is_told_both_clocks(tmp_path):
    log = tmp_path / "log"
    engine = load_player(f"uci:{sys.executable},args={FAKE_ENGINE} plays {log}", on_clock=True)
    rules = GameRules(Adjudication(max_plies=1), control=TimeControl(60, 0.5))
    games = []
    with closing(engine):
        play_games((engine, engine), schedule([Opening()], 2), rules, names=("a", "b"), on_game=games.append)
    assert [line for line in log.read_text().splitlines() if line.startswith("go")] == [
        "go wtime 60000 btime 60000 winc 500 binc 500"
    ] * 2
    assert [game.clocks.left[game.mover] for game in games] == [60, 60]  # of Black, whose clock did not run


def test_the_flag_falls(monkeypatch):
    class Sleepy(RandomPlayer):
        name = "sleepy"

    ticks = iter(np.arange(0, 1000, 0.4))
    monkeypatch.setattr("xiangqi_gpt.arena.match.match.time.perf_counter", lambda: float(next(ticks)))
    games = []
    rules = GameRules(control=TimeControl(1.0))
    play_games((Sleepy(1), Sleepy(2)), schedule([Opening()], 2), rules, names=("a", "b"), on_game=games.append)
    for game in games:
        assert game.outcome.termination is Termination.TIME
        assert game.plies == 4  # two moves of 0.4 s each, the third is too much
        assert game.outcome.winner == 1 - RED
        assert "0.40 s for a move with 0.20 s left" in game.failure
