"""How moves become tokens: one token a move, or the four characters of its ICCS name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules.moves import MOVE_COUNT, MOVE_FROM, MOVE_TO

from .vocabulary import PADDING, START_BLACK, START_RED, VOCABULARY, VOCABULARY_SIZE

_CHARACTERS: Final = "abcdefghi0123456789"


@dataclass(frozen=True, eq=False)
class Tokenizer:
    """A language for games: the opening token of a side, then S tokens for each move."""

    version: str  #: changes when a token's meaning does; kept in ``config.json``
    size: int  #: number of tokens, the embedding's rows
    move_tokens: npt.NDArray[np.int64]  #: (2086, S) the tokens of each move
    starts: tuple[int, int]  #: the token that opens a game with Red, with Black to move
    padding: int
    has_control: bool  #: whether it has tokens for where a game comes from and how it ends

    @property
    def tokens_per_move(self) -> int:
        """Tokens a move."""
        return int(self.move_tokens.shape[1])

    def encode(self, moves: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
        """(T * S,) the tokens of some moves (T,)."""
        tokens: npt.NDArray[np.int64] = self.move_tokens[moves].ravel()
        return tokens

    def decode(self, tokens: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
        """(T,) the moves of tokens (T * S,), -1 where they spell none."""
        read = np.asarray(tokens, np.int64).reshape(-1, self.tokens_per_move)
        known = {tuple(spelled): move for move, spelled in enumerate(self.move_tokens.tolist())}
        return np.array([known.get(tuple(row), -1) for row in read.tolist()], np.int64)


def _squares(numbers: npt.NDArray[np.integer]) -> list[npt.NDArray[np.int64]]:
    ranks, files = np.divmod(numbers.astype(np.int64), 9)
    return [files, 9 + ranks]


MOVE_TOKENS: Final = Tokenizer(
    VOCABULARY, VOCABULARY_SIZE, np.arange(MOVE_COUNT)[:, None], (START_RED, START_BLACK), PADDING, True
)
#: 20 symbols: nine files, ten ranks, and one that opens a game and fills up a batch.
ICCS_TOKENS: Final = Tokenizer(
    "iccs-1",
    len(_CHARACTERS) + 1,
    np.stack([*_squares(MOVE_FROM), *_squares(MOVE_TO)], axis=1),
    (len(_CHARACTERS), len(_CHARACTERS)),
    len(_CHARACTERS),
    False,
)

#: By the name an option gives.
TOKENIZERS: Final = {"moves": MOVE_TOKENS, "iccs": ICCS_TOKENS}
#: By the version a model keeps.
VERSIONS: Final = {tokenizer.version: tokenizer for tokenizer in TOKENIZERS.values()}
