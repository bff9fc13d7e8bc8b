"""The board a model believes in while a game goes on."""

import numpy as np
from random_models import random_network

from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.probe import PIECE_CODES, Probe
from xiangqi_gpt.players.decoded_board import decode_board
from xiangqi_gpt.rules import Board, Move


def test_it_is_that_of_the_latest_position_however_the_game_was_read() -> None:
    network, random = random_network(), np.random.default_rng(0)
    weight = random.standard_normal((90 * PIECE_CODES, network.config.width), np.float32)
    probe = Probe(network.config, 1, weight, np.zeros(90 * PIECE_CODES, np.float32), 0.0)
    evaluator, board, earlier = Evaluator(network), Board(), None
    for text in ("h2e2", "h9g7", "h0g2", "i9h9"):  # ply by ply, each evaluation going on from the last
        board.push(Move.from_iccs(text))
        believed, chances = decode_board(evaluator, probe, board)
        expected, expected_chances = decode_board(Evaluator(network), probe, board)
        assert (believed == expected).all()
        assert np.allclose(chances, expected_chances, atol=1e-4)
        assert earlier is None or (believed != earlier).any()
        earlier = believed
