"""The board a model believes in while a game goes on."""

import torch

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.encoding import encode_positions, start_token, to_perspective
from xiangqi_gpt.inference.vocabulary import RESULT_UNKNOWN, RESULTS, SOURCES
from xiangqi_gpt.model.gpt import FeatureBags, Gpt
from xiangqi_gpt.model.probe import PIECE_CODES, Probe, watch
from xiangqi_gpt.players.decoded_board import decode_board
from xiangqi_gpt.players.evaluator import Evaluator
from xiangqi_gpt.rules import Board, Move, stack_boards


def test_it_is_that_of_the_latest_position_however_the_game_was_read() -> None:
    torch.manual_seed(0)
    model = Gpt(PRESETS["nano"]).eval()
    probe = Probe(
        model.config, 1, torch.randn(90 * PIECE_CODES, model.config.width), torch.zeros(90 * PIECE_CODES), 0.0
    )
    reader, board = Evaluator(model), Board()
    positions, moves = [board.copy()], [Move.from_iccs(text) for text in ("h2e2", "h9g7", "h0g2", "i9h9")]
    for move in moves:  # ply by ply, each reading going on from the last
        board.push(move)
        positions.append(board.copy())
        believed, chances = decode_board(reader, probe, board)
    boards, sides = stack_boards(positions)
    seen = encode_positions(boards, sides, "full")
    numbers = torch.tensor([move.index for move in moves]).numpy()
    tokens = torch.tensor([[start_token(0), *to_perspective(numbers, sides[1:], True).tolist()]])
    control = torch.tensor([[SOURCES["any"], RESULTS[RESULT_UNKNOWN]]])
    with torch.no_grad(), watch(model, [1]) as states:
        model(tokens, control, FeatureBags.of(seen, torch.tensor([5]).numpy(), 5))
    expected, expected_chances = probe.decode_board(states[1][0, -1], board.turn)
    assert (believed == expected).all()
    assert torch.allclose(torch.from_numpy(chances.copy()), torch.from_numpy(expected_chances.copy()), atol=1e-4)
