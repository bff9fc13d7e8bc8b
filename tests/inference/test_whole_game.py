"""One pass over a game says what reading each of its positions says."""

import numpy as np
import pytest
from random_games import random_game
from random_models import random_network

from xiangqi_gpt.inference.errors import UnsupportedGameError
from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.network import Plies, softmax
from xiangqi_gpt.rules import MOVES, Board

MIDGAME = "2b1kab2/4a4/2P1c1n2/p3p1p1p/9/3N2P2/P3P3P/B1CRC1N2/3KA1r2/cr3ABR1 b - - 9 22"


@pytest.mark.parametrize(
    ("shape", "plies", "fen"),
    [({}, 30, None), ({}, 25, MIDGAME), ({"features": "none"}, 25, None), ({"context": 16}, 45, None)],
)
def test_it_agrees_with_reading_position_by_position(shape, plies, fen):
    model = random_network(**shape)
    board = Board(fen) if fen else Board()
    moves = random_game(0, plies, board.copy()).move_stack
    whole = Evaluator(model, source="online").evaluate_game(board.root, moves)
    branches = [(i, list(view.policy)[-1]) for i, view in enumerate(whole.positions[:-1])]
    values = whole.values_after(branches)
    for i, view in enumerate(whole.positions):
        reading = Evaluator(model, source="online").evaluate(board)
        assert list(view.policy) == list(reading.policy)
        assert np.allclose(list(view.policy.values()), list(reading.policy.values()), atol=1e-5)
        assert np.allclose(view.wdl, reading.wdl, atol=1e-5)
        if i < len(moves):
            other = board.copy()
            other.push(branches[i][1])
            if other.legal_moves:
                assert np.allclose(values[i], Evaluator(model, source="online").evaluate(other).wdl, atol=1e-5)
            board.push(moves[i])


def test_a_blind_model_tells_the_illegal_move_it_wanted():
    model = random_network(features="none")
    view = Evaluator(model, source="master").evaluate_game(Board().root, random_game(0, 5).move_stack).positions[0]
    move, mass = view.illegal
    assert not Board().is_legal(move)
    assert 0 < mass < 1
    start = Plies(np.array([2086]), *(np.array([number]) for number in (0, 0, 1)), None)
    hidden = model.forward(start, np.array([2090, 2097]), model.new_cache())
    chances = softmax(model.unmasked_logits(hidden)[0])
    assert len(chances) == len(MOVES)
    legal = list(Board().legal_moves.indices)
    assert mass == pytest.approx(1 - float(chances[legal].sum()), abs=1e-5)
    assert all(float(chances[move.index]) >= float(p) for i, p in enumerate(chances) if i not in legal)


@pytest.mark.parametrize(
    ("fen", "plies", "message"),
    [(MIDGAME, 3, "from the usual start"), (None, 16, "for 15 plies, this one has 16")],
)
def test_a_blind_model_refuses_what_it_cannot_follow(fen, plies, message):
    game = random_game(0, plies, Board(fen) if fen else None)
    evaluator = Evaluator(random_network(features="none", context=16))
    with pytest.raises(UnsupportedGameError, match=message):
        evaluator.evaluate_game(game.root, game.move_stack)
