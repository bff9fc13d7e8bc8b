"""The search: what it reads of a leaf is what the model says of the game played out to it."""

import itertools
from contextlib import closing
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_games import random_game
from random_models import random_network

from xiangqi_gpt.inference.evaluation import Evaluation
from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.leaf_network import LeafNetwork
from xiangqi_gpt.inference.network import Network, softmax
from xiangqi_gpt.players import leaf_networks
from xiangqi_gpt.players.leaf_evaluator import LeafEvaluator
from xiangqi_gpt.players.leaf_networks import leaf_network
from xiangqi_gpt.players.overlooking import reasons_to_overlook
from xiangqi_gpt.players.player import PlayerError, SearchLimit
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.players.time_management import effort
from xiangqi_gpt.players.tree import Tree, TreeSettings
from xiangqi_gpt.rules import MOVES, Board, Move, Wdl


def _tree(board: Board, reader: Evaluator, leaf_reader: LeafEvaluator, settings: TreeSettings) -> Tree:
    reading = reader.evaluate(board)
    kv, context = reader.cached_game(board), reader.network.config.context
    history = leaf_reader.open_game(kv)
    return Tree(board, reading, history, leaf_reader.arena, settings, plies=kv.shape[3], context=context)


def _worst_difference(tree: Tree, model: Network, leaf_reader: LeafEvaluator, rounds: int) -> float:
    """Grow a tree and compare every leaf's logits and result with a reading of its whole line from nothing."""
    worst = 0.0
    for _ in range(rounds):
        gathered = tree.gather(8)
        if gathered is None:
            continue
        (readings,) = leaf_reader.evaluate([gathered.leaves])
        for i, n in enumerate(gathered.nodes.tolist()):
            board = tree.board_at(n)
            plain = Evaluator(model).evaluate(board)
            moves = readings.moves[i][readings.moves[i] >= 0]
            logits = np.log(softmax(readings.logits[i][: len(moves)]))
            expected = np.log([plain.policy[MOVES[m]] for m in moves.tolist()])
            worst = max(worst, float(np.abs(logits - expected).max()), float(np.abs(readings.wdl[i] - plain.wdl).max()))
        tree.expand(gathered, readings)
    return worst


@pytest.mark.parametrize("features", ["none", "board", "full"])
@pytest.mark.parametrize("threads", [1, 3])
def test_leaves_equal_a_plain_reading_of_their_lines(features, threads):
    model = random_network(features=features)
    reader, leaf_reader = Evaluator(model), LeafEvaluator(leaf_network(model), threads=threads, megabytes=4)
    tree = _tree(random_game(1, 30), reader, leaf_reader, TreeSettings())
    assert _worst_difference(tree, model, leaf_reader, 12) < 1e-4
    assert len(tree.lines(1)[0].moves) >= 3  # lines of some length were compared
    leaf_reader.close()


@pytest.mark.torch
@pytest.mark.parametrize("threads", [1, 2])
def test_a_model_of_another_body_is_searched_by_pytorch(threads):
    from random_models import random_model

    from xiangqi_gpt.model.torch_network import TorchNetwork
    from xiangqi_gpt.players.torch_leaf_network import TorchLeafNetwork

    model = TorchNetwork(random_model(body="gpt2"))
    reader, leaf_reader = Evaluator(model), LeafEvaluator(leaf_network(model), threads=threads, megabytes=4)
    assert isinstance(leaf_reader.network, TorchLeafNetwork)
    tree = _tree(random_game(1, 20), reader, leaf_reader, TreeSettings())
    assert _worst_difference(tree, model, leaf_reader, 6) < 1e-4
    leaf_reader.close()
    with closing(SearchPlayer(model, limit=SearchLimit(nodes=120), threads=threads, megabytes=8)) as player:
        assert player.choose(random_game(1, 20)).nodes == 120


@given(
    seed=st.integers(0, 10**6),
    plies=st.integers(0, 40),
    rounds=st.integers(1, 5),
    features=st.sampled_from(["none", "board", "full"]),
    own_kernels=st.booleans(),
)
@settings(max_examples=12)
def test_any_leaf_of_any_game_equals_a_plain_reading_of_its_line(seed, plies, rounds, features, own_kernels):
    board = random_game(seed, plies)
    assume(not board.outcome())
    model = random_network(features=features)
    network = LeafNetwork(model.weights, own_kernels=own_kernels)
    reader, leaf_reader = Evaluator(model), LeafEvaluator(network, threads=1, megabytes=4)
    tree = _tree(board, reader, leaf_reader, TreeSettings())
    assert _worst_difference(tree, model, leaf_reader, rounds) < 1e-4


@pytest.mark.slow
def test_leaves_stay_equal_after_the_game_has_gone_on():
    model = random_network()
    reader, leaf_reader = Evaluator(model), LeafEvaluator(leaf_network(model), threads=1, megabytes=4)
    board = random_game(2, 12)
    tree = _tree(board, reader, leaf_reader, TreeSettings())
    _worst_difference(tree, model, leaf_reader, 25)
    moves = tree.lines(1)[0].moves[:2]
    known = tree.visits
    for move in moves:
        board.push(move)
    reader.evaluate(board)
    kv = reader.cached_game(board)
    assert tree.advance(board, moves, leaf_reader.open_game(kv), kv.shape[3])
    assert 1 < tree.visits < known
    assert _worst_difference(tree, model, leaf_reader, 8) < 1e-4
    tree.free()
    assert leaf_reader.arena.free == leaf_reader.arena.capacity  # every slot came back
    leaf_reader.close()


def test_a_window_of_a_long_game_is_read_alike():
    model = random_network(context=48)
    board = random_game(5, 90)
    player = SearchPlayer(model, limit=SearchLimit(nodes=60))
    decision = player.choose(board)
    assert board.is_legal(decision.move)
    for _ in range(12):  # the window slides, and trees that no longer fit are left
        board.push(player.choose(board).move)
        if board.outcome():
            break
    player.close()


MATE_IN_TWO = "4k4/9/9/9/9/9/9/R8/1R7/3K5 w - - 0 1"


@pytest.fixture
def player():
    player = SearchPlayer(random_network(), limit=SearchLimit(nodes=80), megabytes=8)
    yield player
    player.close()


def test_a_mate_is_found_and_shown_to_its_end(player):
    decision = player.choose(Board(MATE_IN_TWO), SearchLimit(nodes=300))
    board = Board(MATE_IN_TWO)
    for move in decision.variation:
        board.check_legal(move)
        board.push(move)
    assert board.is_checkmate()
    assert decision.score.mate == (len(decision.variation) + 1) // 2
    assert decision.wdl == (1.0, 0.0, 0.0)


def test_without_the_solver_the_tree_proves_the_mate_itself():
    settings = TreeSettings(mate_plies=0)
    player = SearchPlayer(random_network(), limit=SearchLimit(nodes=2000), settings=settings, megabytes=16)
    assert (player.choose(Board("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1")).score.mate or 0) > 0
    player.close()


def test_a_perpetual_check_that_loses_is_left_off(player):
    board = Board("3k5/9/9/9/9/9/9/9/4R4/5K3 w - - 0 1")
    for move in ["e1d1", "d9e9", "d1e1", "e9d9", "e1d1", "d9e9"]:
        board.push_text(move)
    shares = player.choose(board).policy
    assert shares[Move.from_iccs("d1e1")] < 0.2
    assert str(player.choose(board).move) != "d1e1"


def test_the_same_seed_plays_the_same_game_alone_or_among_others():
    def games(many):
        player = SearchPlayer(random_network(), limit=SearchLimit(nodes=40), temperature=0.7, seed=3, megabytes=8)
        boards = [random_game(seed, 4) for seed in range(3)]
        for _ in range(2):
            chosen = player.choose_many(boards) if many else [player.choose(board) for board in boards]
            for board, decision in zip(boards, chosen, strict=True):
                board.push(decision.move)
        player.close()
        return [board.move_stack for board in boards]

    assert games(many=True) == games(many=True) == games(many=False)


@pytest.mark.slow
@pytest.mark.parametrize("own_kernels", [True, False])
def test_the_tree_is_the_same_for_any_number_of_threads(own_kernels, monkeypatch):
    if not own_kernels:
        monkeypatch.setattr(leaf_networks, "LeafNetwork", partial(LeafNetwork, own_kernels=False))
    found = []
    for threads in (1, 2, 4):
        player = SearchPlayer(random_network(), limit=SearchLimit(nodes=700), threads=threads, megabytes=8)
        boards = [random_game(seed, 12) for seed in range(3)]
        alone = player.choose(boards[0])
        many = player.choose_many(boards)
        found.append([(decision.policy, decision.wdl, decision.lines) for decision in (alone, *many)])
        player.close()
    assert found[0] == found[1] == found[2]


def test_a_temperature_close_to_zero_plays_the_most_visited_move():
    with closing(
        SearchPlayer(random_network(), limit=SearchLimit(nodes=40), temperature=1e-4, seed=3, megabytes=8)
    ) as player:
        decision = player.choose(Board())
    assert decision.policy[decision.move] == max(decision.policy.values()) < 1


@pytest.mark.parametrize("nodes", [1, 2, 8, 32])
def test_a_few_nodes_and_chance_go_together(nodes):
    def drawn(**options):
        with closing(
            SearchPlayer(random_network(), limit=SearchLimit(nodes=nodes), seed=3, megabytes=8, **options)
        ) as player:
            return [player.forget() or player.choose(Board()) for _ in range(20)]  # each from the beginning

    best = {decision.move for decision in drawn()}
    free = {decision.move for decision in drawn(temperature=2.0)}
    assert len(best) == 1 and {decision.move for decision in drawn(temperature=2.0, top_p=0.01)} == best
    assert len(free) > 1 if nodes >= 8 else free  # so few positions are few moves


def test_what_is_overlooked_is_not_played_and_drops_no_slot_of_the_tree():
    boards = [random_game(seed, 30) for seed in range(8)]

    def played(overlook, many=False):
        player = SearchPlayer(
            random_network(), limit=SearchLimit(nodes=20), overlook=overlook, temperature=2.0, seed=3, megabytes=8
        )
        with closing(player):
            decisions = player.choose_many(boards) if many else [player.choose(board) for board in boards]
            assert overlook == 0 or player.capacity == player._leaf_evaluator.arena.free
        return [decision.move for decision in decisions]

    def overlooked(moves):
        return sum(reasons_to_overlook(board, move) > 0 for board, move in zip(boards, moves, strict=True))

    assert overlooked(played(0.0)) > 0 == overlooked(played(1.0))
    assert played(0.5) == played(0.5, many=True)


def test_limits_count_the_positions_of_this_move(player):
    board = random_game(1, 6)
    assert 80 <= player.choose(board).nodes < 100
    board.push(player.choose(board).move)
    assert 80 <= player.choose(board).nodes < 100  # the positions of before are no part of it
    assert 10 <= player.choose(board, SearchLimit(nodes=10)).nodes < 15


def test_time_ends_a_search_and_the_clock_is_passed_in():
    ticks = itertools.count(step=0.001)
    player = SearchPlayer(random_network(), limit=SearchLimit(movetime=50), clock=lambda: next(ticks), megabytes=8)
    decision = player.choose(Board())
    assert 0 < decision.nodes < 400
    assert decision.seconds < 0.06
    player.close()


def test_it_stops_when_told_to_and_reports_meanwhile(player):
    asked, heard = itertools.count(), []
    decision = player.choose(Board(), SearchLimit(lines=3), stop=lambda: next(asked) >= 5, on_progress=heard.append)
    assert decision.nodes < 50
    assert len(heard[-1].lines) == 3
    assert heard[-1].lines == decision.lines
    assert heard[-1].lines[0].moves[0] == decision.move


def test_stopped_before_it_began_it_still_moves(player):
    assert player.choose(Board(), SearchLimit(), stop=lambda: True).move in Board().legal_moves


@pytest.mark.slow
def test_a_full_arena_ends_a_search_without_limit():
    player = SearchPlayer(random_network(), megabytes=1)
    decision = player.choose(Board(), SearchLimit())
    assert decision.nodes <= 4 * player.capacity
    player.choose(random_game(2, 8), SearchLimit())  # older trees make room
    player.close()


def test_only_the_given_moves_are_searched(player):
    given = (Move.from_iccs("a0a1"), Move.from_iccs("i0i1"))
    decision = player.choose(Board(), replace(player.limit, moves=given, lines=5))
    assert {line.moves[0] for line in decision.lines} == set(given)
    assert set(player.choose(Board()).policy) == set(Board().legal_moves)  # and are forgotten


def test_it_thinks_longer_when_unsure():
    sure = Evaluation({Move.from_iccs("h2e2"): 0.98, Move.from_iccs("b2e2"): 0.02}, Wdl(0.3, 0.4, 0.3))
    unsure = Evaluation(dict.fromkeys(Board().legal_moves, 1 / 44), Wdl(0.3, 0.4, 0.3))
    assert effort(sure.policy.values()) == 0.5
    assert effort(unsure.policy.values()) == 2.0


def test_pondering_is_gone_on_from(player):
    board = random_game(4, 6)
    asked = itertools.count()
    pondered = player.choose(board, SearchLimit(), stop=lambda: next(asked) >= 40)
    assert player.choose(board, SearchLimit(nodes=1)).lines[0].nodes >= pondered.lines[0].nodes


@pytest.mark.parametrize("at", ["gather", "read", "expand", "tell"])
@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_search_that_is_broken_off_loses_nothing(monkeypatch, at, many, threads):
    player = SearchPlayer(random_network(), limit=SearchLimit(nodes=80), threads=threads, megabytes=8)
    boards = [random_game(1, 6), random_game(2, 8)]

    def search():
        if many:
            return [decision.move for decision in player.choose_many(boards)]
        return [player.choose(board, on_progress=lambda _: None if at != "tell" else fail()).move for board in boards]

    calls = itertools.count()

    def fail(*_):
        raise KeyboardInterrupt

    def failing(method):
        return lambda *given: method(*given) if next(calls) < 3 else fail()

    player.choose(boards[0])  # its tree is kept, and would be gone on from
    arena = player._leaf_evaluator.arena
    with monkeypatch.context() as broken:
        if at == "read":
            broken.setattr(player._leaf_evaluator, "_evaluate_task", failing(player._leaf_evaluator._evaluate_task))
        elif at != "tell":
            broken.setattr(Tree, at, failing(getattr(Tree, at)))
        elif many:
            broken.setattr(player, "_decide", fail)
        with pytest.raises(KeyboardInterrupt):
            search()
    assert arena.free == arena.capacity
    at = ""
    with closing(SearchPlayer(player.model, limit=player.limit, megabytes=8)) as fresh:
        assert search() == [fresh.choose(board).move for board in boards]
    player.forget()
    assert arena.free == arena.capacity
    player.close()


def test_a_finished_game_is_an_error(player):
    board = Board("3k5/R8/9/9/9/9/9/9/9/1R3K3 w - - 0 1")
    board.push(Move.from_iccs("b0b9"))
    with pytest.raises(PlayerError, match="the game is over"):
        player.choose(board)
