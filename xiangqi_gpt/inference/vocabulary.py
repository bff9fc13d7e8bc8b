"""The words of the language: 2086 moves and a few control tokens that open a game."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.rules import MOVE_COUNT

#: Changes when a token's meaning does; a checkpoint of another version is refused.
VOCABULARY: Final = "moves-1"

START_RED: Final = MOVE_COUNT  #: the game starts here, Red to move
START_BLACK: Final = MOVE_COUNT + 1  #: the game starts here, Black to move
PADDING: Final = MOVE_COUNT + 2

#: Where a game comes from, and the record kinds that mean it. The first is "not told".
SOURCES: Final = {"any": 2089, "master": 2090, "online": 2091, "engine": 2092, "self-play": 2093}
_KIND_SOURCES: Final = {
    "master": "master",
    "master_unlabelled": "master",
    "online": "online",
    "human-vs-engine": "online",
    "engine": "engine",
    "self-play": "self-play",
}

#: How a game ends, by result code: Red won, draw, Black won, not told.
RESULTS: Final = (2094, 2095, 2096, 2097)
RESULT_UNKNOWN: Final = 3

#: Size of the embedding: all tokens, padded to a multiple of 64.
VOCABULARY_SIZE: Final = 2112


def source_token(kind: str) -> int:
    """The control token of a record kind (``master``, ``online``, ...); "not told" for any other."""
    return SOURCES[_KIND_SOURCES.get(kind, "any")]
