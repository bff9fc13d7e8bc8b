"""Both languages: what is written can be read again."""

import numpy as np
import pytest

from xiangqi_gpt.inference.tokenizers import ICCS_TOKENS, MOVE_TOKENS, TOKENIZERS, Tokenizer
from xiangqi_gpt.rules import MOVE_COUNT, MOVES


@pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=list(TOKENIZERS))
def test_every_move_is_read_back_as_itself(tokenizer: Tokenizer) -> None:
    moves = np.arange(MOVE_COUNT)
    tokens = tokenizer.encode(moves)
    assert len(tokens) == MOVE_COUNT * tokenizer.tokens_per_move
    assert tokens.max() < tokenizer.size
    assert not set(tokens.tolist()) & {*tokenizer.starts, tokenizer.padding}
    assert np.array_equal(tokenizer.decode(tokens), moves)


def test_iccs_spells_the_name_of_a_move_with_20_symbols() -> None:
    alphabet = "abcdefghi0123456789"
    assert ICCS_TOKENS.size == len(alphabet) + 1
    for move in MOVES[::53]:
        spelled = "".join(alphabet[token] for token in ICCS_TOKENS.encode(np.array([move.index])))
        assert spelled == move.iccs()


def test_what_spells_no_move_is_read_as_none() -> None:
    a0a0 = np.array([0, 9, 0, 9])
    assert ICCS_TOKENS.decode(a0a0).tolist() == [-1]
    assert MOVE_TOKENS.decode(np.array([MOVE_COUNT])).tolist() == [-1]
