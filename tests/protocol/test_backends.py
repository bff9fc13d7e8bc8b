"""The policy and the search behind the protocol play what they play elsewhere."""

import threading

import pytest

from xiangqi_gpt.players import SearchLimit, load_player
from xiangqi_gpt.protocol import BackendLoader, EngineSettings
from xiangqi_gpt.protocol.backends import player_spec
from xiangqi_gpt.protocol.go import Go
from xiangqi_gpt.rules import Board

NEVER = threading.Event().is_set


@pytest.fixture(scope="module")
def model(nano_model):
    return str(nano_model)


def think(mind, go=None, moves=None, lines=1):
    """(decision, thoughts) on the board after 1. 炮二平五."""
    board, said = Board(), []
    board.push_text("h2e2")
    decision = mind.think(board, go or Go(), list(moves or board.legal_moves), lines, NEVER, said.append)
    return decision, said


@pytest.mark.parametrize("settings", [{"nodes": 0}, {"nodes": 30}, {"level": 16}])
def test_the_same_spec_plays_the_same_move(model, settings):
    chosen = EngineSettings(model=model, **settings)
    board = Board()
    board.push_text("h2e2")
    player = load_player(player_spec(chosen), seed=chosen.seed)
    mind = BackendLoader()(chosen)
    assert think(mind)[0].move == player.choose(board).move
    mind.close()
    player.close()


def test_a_mind_is_kept_while_the_settings_stay(model):
    minds = BackendLoader()
    first = minds(EngineSettings(model=model, nodes=0))
    assert minds(EngineSettings(model=model, nodes=0, multipv=3, show_wdl=False)) is first
    assert minds(EngineSettings(model=model, nodes=0, source="online")) is not first


def test_memory_bounds_a_search_without_limit(model):
    mind = BackendLoader()(EngineSettings(model=model, nodes=30, megabytes=1))
    assert think(mind, Go(infinite=True))[0].nodes <= 4 * 1024  # a position of this model takes 1 KB
    mind.close()


def test_lines_of_the_policy_are_its_next_likeliest_moves(model):
    decision, said = think(BackendLoader()(EngineSettings(model=model, nodes=0)), lines=3)
    assert [thought.rank for thought in said] == [1, 2, 3]
    assert [thought.variation[0] for thought in said] == list(decision.policy)[:3]
    assert [len(thought.variation) for thought in said] == [1, 2, 2]
    assert all(sum(thought.wdl) == pytest.approx(1, abs=1e-5) for thought in said)


@pytest.mark.parametrize(
    "settings", [{"level": 1}, {"nodes": 0, "temperature": 2.0}, {"nodes": 30, "temperature": 2.0}]
)
def test_the_lines_told_change_no_move_that_is_drawn(model, settings):
    def game(lines):
        board, mind = Board(), BackendLoader()(EngineSettings(model=model, seed=3, **settings))
        for _ in range(6):
            decision = mind.think(board, Go(), list(board.legal_moves), lines, NEVER, lambda _: None)
            board.push(decision.move)
        mind.close()
        return board.move_stack

    assert game(lines=1) == game(lines=4)


def test_a_search_for_a_depth_that_no_line_has_ends(model):
    mind = BackendLoader()(EngineSettings(model=model, nodes=30))
    board = Board("3k5/9/9/9/9/9/9/9/4A4/4K4 w - - 0 1")  # nothing can mate: every move ends the game
    assert mind.think(board, Go(SearchLimit(depth=9)), list(board.legal_moves), 1, NEVER, lambda _: None).move
    mind.close()


@pytest.mark.parametrize(("go", "nodes"), [(Go(ponder=True), 30), (Go(SearchLimit(nodes=60), ponder=True), 60)])
def test_pondering_without_a_clock_ends_by_itself(model, go, nodes):
    mind = BackendLoader()(EngineSettings(model=model, nodes=30))
    assert nodes <= think(mind, go)[0].nodes < nodes + 20
    mind.close()


def test_a_forced_move_costs_no_time(model):
    mind = BackendLoader()(EngineSettings(model=model, nodes=30))
    only = list(Board().legal_moves)[:1]
    assert mind.think(Board(), Go(clock=1e6), only, 1, NEVER, lambda _: None).nodes < 5
    mind.close()


@pytest.mark.parametrize("nodes", [0, 30])
def test_only_allowed_moves_are_played(model, nodes):
    mind = BackendLoader()(EngineSettings(model=model, nodes=nodes))
    banned = think(mind)[0].move
    board = Board()
    board.push_text("h2e2")
    allowed = [move for move in board.legal_moves if move != banned]
    decision, said = think(mind, moves=allowed)
    assert decision.move in allowed
    assert said[-1].variation[0] == decision.move
    mind.close()


def test_the_limits_of_go_come_before_those_of_the_settings(model):
    mind = BackendLoader()(EngineSettings(model=model, nodes=30))
    _, said = think(mind, Go(SearchLimit(nodes=60)))
    assert 60 <= said[-1].nodes < 80
    mind.forget()
    _, said = think(mind, Go(SearchLimit(depth=3)))
    assert said[-1].depth >= 3
    mind.close()
