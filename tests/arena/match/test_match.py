import json
import sys
from pathlib import Path

import pytest
from patience import PATIENCE

from xiangqi_gpt.arena import GameRules, Opening, draw_openings, play_games, play_match, schedule
from xiangqi_gpt.arena.match.game_file import match_record
from xiangqi_gpt.players import BasePlayer, Decision, GreedyPlayer, PlayerError, RandomPlayer, load_player
from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.rules import BLACK, RED, Board, Move, Termination

FAKE_ENGINE = Path(__file__).parents[2] / "players" / "fake_engine.py"
# Red mates or stalemates with its next move.
WIN_IN_ONE = "3k5/4R4/9/9/9/9/9/9/1R7/4K4 w - - 0 1"


class Finisher(BasePlayer):
    """Mates or stalemates when it can, else plays the first legal move."""

    name = "finisher"

    def choose(self, board, limit=None, **options):
        for move in board.legal_moves:
            outcome = board.outcome_after(move)
            if outcome and outcome.winner == board.turn:
                return Decision(move)
        return Decision(next(iter(board.legal_moves)))


class Shuffler(Finisher):
    """Moves a rook to and fro."""

    name = "shuffler"

    def choose(self, board, limit=None, **options):
        squares = ("a0a1", "a1a0") if board.turn == RED else ("a9a8", "a8a9")
        return Decision(next(move for text in squares if board.is_legal(move := Move.from_iccs(text))))


class Broken(RandomPlayer):
    """Plays like ``random`` until its third move of a game, then does something wrong."""

    name = "broken"

    def __init__(self, fault):
        super().__init__(1)
        self.fault = fault

    def choose(self, board, limit=None, **options):
        if len(board.move_stack) < 4:
            return super().choose(board)
        return self.fault(board)


def raises(_):
    raise RuntimeError("out of memory")


def record(first, second, openings, **keywords):
    games = []
    report = play_match(first, second, openings, on_game=lambda game, _: games.append(game), **keywords)
    return report, sorted(games, key=lambda game: game.number)


def test_every_opening_is_played_with_both_colours():
    openings = draw_openings(5, seed=1, random_plies=4)
    report, games = record(RandomPlayer(1), GreedyPlayer(2), openings, games=10)
    assert [game.number for game in games] == list(range(1, 11))
    assert [game.first_color for game in games] == [RED, BLACK] * 5
    assert [game.opening for game in games] == [opening for opening in openings for _ in range(2)]
    assert all(game.board.move_stack[:4] == list(game.opening.moves) for game in games)
    assert sum(report.pairs) == 5


def test_every_move_is_legal_and_every_result_is_the_rules_result():
    _, games = record(GreedyPlayer(1), RandomPlayer(2), draw_openings(10, seed=2, random_plies=4), games=20)
    for game in games:
        board = Board(game.opening.fen)
        for move in game.board.move_stack:
            assert board.outcome() is None
            assert board.is_legal(move)
            board.push(move)
        assert board.outcome() == game.outcome or game.outcome.termination is Termination.ADJUDICATION


def test_the_report_adds_up():
    report, games = record(GreedyPlayer(1), RandomPlayer(2), draw_openings(15, seed=2, random_plies=4), games=30)
    scores = [game.score for game in games]
    assert (report.wins, report.draws, report.losses) == tuple(scores.count(score) for score in (1, 0.5, 0))
    assert report.games == 30
    assert report.estimate().score == pytest.approx(sum(scores) / 30)
    assert report.plies == sum(len(game.board.move_stack) - 4 for game in games)
    assert sum(report.terminations.values()) == 30
    pairs = [round(2 * (a + b)) for a, b in zip(scores[::2], scores[1::2], strict=True)]
    assert report.pairs == [pairs.count(i) for i in range(5)]
    assert report.wins > 15 > report.losses  # taking pieces beats moving at random


def test_the_view_is_the_first_players():
    one = play_match(GreedyPlayer(1), RandomPlayer(2), draw_openings(10, 2, random_plies=4), games=20)
    other = play_match(RandomPlayer(2), GreedyPlayer(1), draw_openings(10, 2, random_plies=4), games=20)
    assert one.wins > one.losses
    assert other.losses > other.wins
    assert one.players == ("greedy", "random")


def test_the_same_seeds_give_the_same_games():
    def moves(seed):
        openings = draw_openings(4, seed, random_plies=4)
        _, games = record(RandomPlayer(seed), GreedyPlayer(seed), openings, games=8)
        return [game.board.move_stack for game in games]

    assert moves(5) == moves(5)
    assert moves(5) != moves(6)


def test_results_do_not_depend_on_how_many_games_run_at_once():
    openings = draw_openings(4, 3, random_plies=6)

    def moves(concurrency):
        _, games = record(Finisher(), Finisher(), openings, games=8, max_plies=40, concurrency=concurrency)
        return [game.board.move_stack for game in games]

    assert moves(1) == moves(3) == moves(100)


def test_a_win_counts_for_whoever_gets_it():
    report = play_match(Finisher(), RandomPlayer(1), [Opening(WIN_IN_ONE)], games=1)
    assert report.wins == 1
    assert report.plies == 1
    assert set(report.terminations) <= {"checkmate", "stalemate"}
    report, games = record(RandomPlayer(1), Finisher(), [Opening(WIN_IN_ONE)], games=2)
    assert games[1].outcome.winner == RED == 1 - games[1].first_color
    assert games[1].score == 0


def test_repetition_is_a_draw_by_the_rules():
    report = play_match(Shuffler(), Shuffler(), [Opening()], games=2)
    assert report.draws == 2
    assert report.terminations == {"repetition": 2}
    assert report.pairs == [0, 0, 1, 0, 0]


def test_a_long_game_is_adjudicated_a_draw():
    report, games = record(RandomPlayer(1), RandomPlayer(2), draw_openings(1, 1, random_plies=4), games=2, max_plies=10)
    assert report.draws == 2
    assert report.terminations == {"adjudication": 2}
    assert [len(game.board.move_stack) for game in games] == [10, 10]


def test_an_odd_game_counts_without_its_pair():
    report = play_match(Finisher(), Shuffler(), [Opening(WIN_IN_ONE)], games=1)
    assert report.pairs == [0] * 5
    assert report.estimate().score == 1


@pytest.mark.parametrize(
    ("fault", "message", "illegal"),
    [
        (raises, "out of memory", 0),
        (lambda board: None, "answered None, which has no move", 0),
        (lambda board: Decision(Move.from_iccs("a0a9")), "illegal move a0a9: a0 to a9: ", 1),
        (lambda board: Decision(Move.from_iccs("e4e5")), "illegal move e4e5: e4 to e5: there is no piece to move", 1),
    ],
)
def test_a_faulty_player_loses_its_games_and_the_match_goes_on(fault, message, illegal):
    openings = draw_openings(2, 1, random_plies=2)
    report, games = record(RandomPlayer(3), Broken(fault), openings, games=4)
    assert (report.wins, report.losses) == (4, 0)
    assert report.illegal_moves == [0, 4 * illegal]
    assert len(report.failures) == 4
    for game in games:
        assert "broken: " in game.failure
        assert message in game.failure
        assert game.outcome.winner == game.first_color
        assert game.outcome.termination is (Termination.ILLEGAL_MOVE if illegal else Termination.ADJUDICATION)


def test_a_fault_on_one_board_does_not_cost_the_other_games():
    class Fussy(Finisher):
        name = "fussy"

        def choose(self, board, limit=None, **options):
            if board.fen() == WIN_IN_ONE:
                raise PlayerError("lost its way")
            return super().choose(board)

    openings = [Opening(WIN_IN_ONE), *draw_openings(3, 1, random_plies=2)]
    report, games = record(Fussy(), Finisher(), openings, games=8, max_plies=20)
    assert [bool(game.failure) for game in games] == [True] + [False] * 7
    assert report.failures == ["game 1: fussy: lost its way"]


def test_a_player_that_answers_too_few_boards_is_asked_one_by_one():
    class Lazy(Finisher):
        def choose_many(self, boards):
            return super().choose_many(boards[:1])

    openings = draw_openings(3, 1, random_plies=4)
    lazy, diligent = (record(player, Finisher(), openings, games=6, max_plies=20) for player in (Lazy(), Finisher()))
    assert not lazy[0].failures
    assert [game.board.move_stack for game in lazy[1]] == [game.board.move_stack for game in diligent[1]]


@pytest.mark.parametrize(
    ("fault", "message"),
    [(raises, "b: out of memory"), (lambda board: None, "b: answered None, which has no move")],
)
def test_a_faulty_player_loses_its_games_on_the_clock_too(fault, message):
    games = []
    rules = GameRules(control=TimeControl(1000))
    fixtures = schedule(draw_openings(1, 1, random_plies=2), 2)
    play_games((RandomPlayer(3), Broken(fault)), fixtures, rules, names=("a", "b"), on_game=games.append)
    assert [game.failure for game in games] == [message] * 2
    assert [game.score for game in games] == [1, 1]
    assert match_record(games[0], ("a", "b"), event="test", date="2026.01.31").tags["TimeControl"] == "1000"


@pytest.mark.parametrize(("behaviour", "message"), [("dies", "it died"), ("mute", "no answer in time")])
def test_a_dying_or_stalling_engine_loses_its_games(behaviour, message):
    engine = load_player(f"uci:{sys.executable},args={FAKE_ENGINE} {behaviour},nodes=1,timeout={PATIENCE}")
    if behaviour == "mute":
        engine._timeout = 0.3  # it has started, in whatever time that took
    try:
        report = play_match(RandomPlayer(1), engine, draw_openings(1, 1, random_plies=2), games=2)
    finally:
        engine.close()
    assert report.wins == 2
    assert all(message in failure for failure in report.failures)


def test_an_engines_illegal_moves_are_counted():
    engine = load_player(f"uci:{sys.executable},args={FAKE_ENGINE} illegal,nodes=1")
    try:
        report = play_match(engine, RandomPlayer(1), draw_openings(1, 1, random_plies=2), games=2)
    finally:
        engine.close()
    assert report.losses == 2
    assert report.illegal_moves == [2, 0]
    assert report.terminations == {"illegal move": 2}


def test_the_clock_gives_the_speed():
    ticks = iter(range(1000))
    report = play_match(
        RandomPlayer(1), RandomPlayer(2), [Opening()], games=2, max_plies=4, clock=lambda: float(next(ticks))
    )
    assert report.seconds > 0
    assert report.plies_per_second == report.plies / report.seconds


def test_the_report_as_json_and_for_people():
    report = play_match(GreedyPlayer(1), RandomPlayer(2), draw_openings(2, 1, random_plies=4), games=4)
    values = json.loads(json.dumps(report.as_dict()))
    assert values["players"] == ["greedy", "random"]
    assert values["wins"] + values["draws"] + values["losses"] == values["games"] == 4
    assert values["elo_low"] < values["elo"] < values["elo_high"]
    text = report.summary()
    assert f"{report.wins} won, {report.draws} drawn, {report.losses} lost" in text
    assert "95 % interval" in text
