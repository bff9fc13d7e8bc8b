"""Whole moves of a model that spells them."""

import numpy as np
import pytest
import torch
from random_games import random_game
from random_models import random_model

from xiangqi_gpt.inference.tokenizers import ICCS_TOKENS
from xiangqi_gpt.model.character_model import evaluate_characters, first_choices
from xiangqi_gpt.model.gpt import Gpt

CONTROL = torch.zeros(1, 2, dtype=torch.long)


@pytest.fixture(params=["gpt2", "modern"])
def model(request: pytest.FixtureRequest) -> Gpt:
    return random_model(features="none", vocabulary=ICCS_TOKENS.version, body=request.param)


def _tokens(moves: list[int]) -> torch.Tensor:
    return torch.from_numpy(np.concatenate(([ICCS_TOKENS.starts[0]], ICCS_TOKENS.encode(np.array(moves, np.int64)))))


@pytest.mark.parametrize("plies", [0, 9])
def test_a_moves_probability_is_the_product_of_its_characters(model: Gpt, plies: int) -> None:
    board = random_game(3, plies)
    played, moves = [m.index for m in board.move_stack], [m.index for m in board.legal_moves]
    reading = evaluate_characters(model, played, moves)
    for move, log in zip(moves, reading.logs.tolist(), strict=True):
        tokens = _tokens([*played, move])[None]
        with torch.no_grad():
            hidden = model(tokens[:, :-1], CONTROL)[0, -4:]
            logs = model.policy_logits(hidden).log_softmax(-1)
        assert log == pytest.approx(logs.gather(1, tokens[0, -4:, None]).sum().item(), abs=1e-4)
    assert reading.logs.exp().sum() < 1
    assert reading.wdl.sum().item() == pytest.approx(1)


def test_the_first_choice_is_spelled_character_by_character(model: Gpt) -> None:
    played = [m.index for m in random_game(3, 7).move_stack]
    choices = first_choices(model, played)
    for ply, choice in enumerate(choices.tolist()):
        tokens = _tokens(played[:ply])
        for _ in range(4):
            with torch.no_grad():
                following = model.policy_logits(model(tokens[None], CONTROL)[0, -1]).argmax()
            tokens = torch.cat((tokens, following[None]))
        assert choice == ICCS_TOKENS.decode(tokens[-4:].numpy())[0]


def test_a_game_that_is_too_long_is_refused(model: Gpt) -> None:
    with pytest.raises(ValueError, match="320 plies, this one has 400"):
        evaluate_characters(model, [0] * 400, [1])
